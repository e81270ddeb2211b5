# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one writes without Ansible: sign in, list the agents, read each one's Email Service, write what differs.

The order is JSON on standard input. Written as a fair measure: one ``requests.Session``, a pool of threads.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests
from requests.adapters import HTTPAdapter

WIRE = {"host": "hostName", "username": "userName", "authentication": "authenticationType"}


def main() -> None:
    """Do it once; the exit code is not 0 if a request fails."""
    order = json.load(sys.stdin)
    http = requests.Session()
    http.trust_env = False
    http.mount("http://", HTTPAdapter(pool_maxsize=order["workers"]))
    who = {"username": order["username"], "password": order["password"]}
    signed = http.post(f"{order['console']}/saas/public/core/v3/login", json=who, timeout=30).json()
    session, pod = signed["userInfo"]["sessionId"], signed["products"][0]["baseApiUrl"]
    lists = {"icSessionId": session}
    agents = http.get(f"{pod}/api/v2/agent/details?onlyStatus=false", headers=lists, timeout=60).json()
    http.get(f"{pod}/api/v2/runtimeEnvironment", headers=lists, timeout=60).raise_for_status()
    wanted = {WIRE.get(name, name): value for name, value in order["wanted"].items()}
    wanted["security"], wanted["authenticationType"] = wanted["security"].upper(), wanted["authenticationType"].upper()
    headers = {"IDS-SESSION-ID": session}

    def bring(agent: dict[str, Any]) -> None:
        url = f"{order['console']}/activevos/local/{agent['id']}/restadmin/server/services/email"
        reply = http.get(url, headers=headers, timeout=30)
        reply.raise_for_status()
        current = reply.json()
        if any(current[name] != value for name, value in wanted.items()):
            http.put(url, json={**current, **wanted}, headers=headers, timeout=30).raise_for_status()

    bulk = [agent for agent in agents if agent["name"].startswith("bulk-")][: order["hosts"]]
    with ThreadPoolExecutor(order["workers"]) as pool:
        list(pool.map(bring, bulk))
    http.post(f"{pod}/public/core/v3/logout", headers={"INFA-SESSION-ID": session}, json={}, timeout=30)


if __name__ == "__main__":
    main()
