# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plain client of the console, for tests: it signs in, and asks. Needs ``requests`` (the extra ``test``)."""

from __future__ import annotations

from typing import Any

import requests

from cai_lab.control_client import LabControl

CLOUD = "Cloud Server"
ROBOT = "robot@lab.test"


class PlainClient:
    """One signed-in user of a lab. Targets are named as people see them: ``Cloud Server``, ``agent-a``, ..."""

    def __init__(self, lab: LabControl, user: str = ROBOT) -> None:
        self.lab = lab
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.verify = lab.addresses["ca"]
        password = next(item["password"] for item in lab.addresses["users"] if item["name"] == user)
        reply = self.http.post(
            f"{lab.addresses['console']}/saas/public/core/v3/login", json={"username": user, "password": password}
        )
        reply.raise_for_status()
        self.session: str = reply.json()["userInfo"]["sessionId"]
        self.pod: str = reply.json()["products"][0]["baseApiUrl"]

    def close(self) -> None:
        """Close the connections; the session stays open."""
        self.http.close()

    def base(self, target: str = CLOUD) -> str:
        """Address of a target's process server, through the cloud."""
        if target == CLOUD:
            return f"{self.lab.addresses['console']}/active-bpel"
        return f"{self.lab.addresses['console']}/activevos/local/{self.lab.target(target)['id']}"

    def ask(self, method: str, url: str, header: str = "IDS-SESSION-ID", **more: Any) -> requests.Response:
        """Ask with the session in a header."""
        return self.http.request(method, url, headers={header: self.session, **more.pop("headers", {})}, **more)

    def admin(self, method: str, path: str, target: str = CLOUD, **more: Any) -> requests.Response:
        """Ask a target's restadmin: ``admin("GET", "server/services/email")``."""
        return self.ask(method, f"{self.base(target)}/restadmin/{path}", **more)

    def platform(self, path: str) -> requests.Response:
        """Read from the platform API: ``platform("agent/details")``."""
        return self.ask("GET", f"{self.pod}/api/v2/{path}", header="icSessionId")

    def run(self, process: str, target: str = CLOUD, body: Any = None) -> requests.Response:
        """Run a deployed process."""
        return self.ask("POST", f"{self.base(target)}/rt/{process}", json=body)

    def terminate(self, process_id: str, target: str = CLOUD, token: str = "a", sent: str = "a") -> requests.Response:
        """End a process as the console's page does: cookies, and the XSRF token doubled in a header."""
        return self.http.put(
            f"{self.base(target)}/restadmin/processes/{process_id}/terminate",
            params={"isManual": "true"},
            cookies={"USER_SESSION": self.session, "XSRF_TOKEN": token},
            headers={"XSRF_TOKEN": sent},
        )
