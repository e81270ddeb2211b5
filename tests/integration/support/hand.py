# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A person at the console: signs in and changes things by its own interface, without the collection."""

from __future__ import annotations

from typing import Any

import requests
from cai_lab.control_client import LabControl

from support.labs import ROBOT, password_of

CLOUD_ID = "cloud"


class Hand:
    """One signed-in person. Targets are named as in the lab (name or id)."""

    def __init__(self, lab: LabControl, user: str = ROBOT) -> None:
        self._lab = lab
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.verify = lab.addresses["ca"]
        who = {"username": user, "password": password_of(lab, user)}
        reply = self._http.post(f"{lab.addresses['console']}/saas/public/core/v3/login", json=who, timeout=30)
        reply.raise_for_status()
        self.session = str(reply.json()["userInfo"]["sessionId"])

    def close(self) -> None:
        """Sign out."""
        url = f"{self._lab.addresses['pod']}/saas/public/core/v3/logout"
        self._http.post(url, headers={"INFA-SESSION-ID": self.session}, timeout=30)
        self._http.close()

    def id_of(self, target: str) -> str:
        """The lab's id of a target."""
        return str(next(known["id"] for known in self._lab.targets() if target in (known["id"], known["name"])))

    def call(self, method: str, target: str, path: str, body: Any = None, area: str = "restadmin") -> Any:
        """One request below a target's base; the answer's JSON."""
        node = self.id_of(target)
        base = "/active-bpel" if node == CLOUD_ID else f"/activevos/local/{node}"
        url = f"{self._lab.addresses['console']}{base}/{area}{path}"
        reply = self._http.request(method, url, json=body, headers={"IDS-SESSION-ID": self.session}, timeout=30)
        assert reply.ok, f"{method} {url}: {reply.status_code} {reply.text}"
        return reply.json() if reply.content else None

    def email(self, target: str) -> dict[str, Any]:
        """The email service as the console gives it."""
        return dict(self.call("GET", target, "/server/services/email"))

    def set_email(self, target: str, **members: Any) -> None:
        """Save the email service: what is stored, and ``members`` over it (no secret unless it is among them)."""
        hidden = ("password", "oauth")
        kept = {name: value for name, value in self.email(target).items() if name not in hidden}
        self.call("PUT", target, "/server/services/email", {**kept, **members})

    def set_alert(self, target: str, **members: Any) -> None:
        """Save the alert service likewise."""
        kept = self.call("GET", target, "/server/services/alert")
        self.call("PUT", target, "/server/services/alert", {**kept, **members})

    def set_properties(self, target: str, **members: Any) -> None:
        """Save the server properties likewise."""
        kept = self.call("GET", target, "/server/properties")
        self.call("PUT", target, "/server/properties", {**kept, **members})

    def test_email(self, target: str, recipient: str) -> dict[str, Any]:
        """Let the console test the stored email service."""
        return dict(self.call("POST", target, "/server/services/email/test", {"recipient": recipient}))

    def run_canary(self, target: str) -> None:
        """Let a process fault on a target."""
        self.call("POST", target, "/CaiCanary", {}, area="rt")
