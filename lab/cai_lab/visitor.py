# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A person at the page, without a browser: forms are read from the HTML, and sent back as a browser would. Needs
``requests`` (the extra ``test``).
"""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import requests

from cai_lab.control_client import LabControl


class Forms(HTMLParser):
    """The forms of a page by their address: what they would send if nobody touched them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str]] = {}
        self._form: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form, or one of its controls."""
        given = dict(attrs)
        if tag == "form":
            self._form = self.found.setdefault(given["action"] or "", {})
        if tag != "input" or "name" not in given:
            return
        if given.get("type") not in ("checkbox", "radio") or "checked" in given:
            self._form[given["name"] or ""] = given.get("value") or ""


class Visitor:
    """Somebody at the page."""

    def __init__(self, lab: LabControl) -> None:
        self.lab = lab
        self.http = requests.Session()
        self.http.trust_env = False
        self.last = requests.Response()

    def get(self, path: str, **query: str) -> requests.Response:
        """Open a page."""
        self.last = self.http.get(self.lab.addresses["console"] + path, params=query)
        return self.last

    def post(self, path: str, form: dict[str, str], **more: Any) -> requests.Response:
        """Send a form."""
        self.last = self.http.post(self.lab.addresses["console"] + path, data=form, **more)
        return self.last

    def form(self, action: str) -> dict[str, str]:
        """What a form of the last page would send."""
        return dict(Forms(self.last.text).found[action])

    def send(self, action: str, /, *, to: str = "", without: tuple[str, ...] = (), **changes: str) -> requests.Response:
        """Change a form of the last page, and send it (``to`` another address); ``without`` takes ticks away."""
        form = {name: value for name, value in {**self.form(action), **changes}.items() if name not in without}
        return self.post(to or action, form)

    def sign_in(self, user: str = "robot@lab.test") -> requests.Response:
        """Sign in by the form."""
        password = next(item["password"] for item in self.lab.addresses["users"] if item["name"] == user)
        self.get("/console/sign-in")
        return self.send("/console/sign-in", username=user, password=password)

    def services(self, target: str = "Cloud Server") -> requests.Response:
        """Open System Services of a target."""
        return self.get("/console/services", target=self.lab.target(target)["id"])
