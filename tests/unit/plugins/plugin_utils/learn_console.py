# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A made-up console and somebody who follows the sheet at it, as a HAR: an address for each service, JSON, a cookie."""

from __future__ import annotations

import json

from ansible_collections.cai.console.plugins.plugin_utils._learn import sheet

SEED = "t3st"
SESSION = "0123456789abcdefSESSION"
ORIGIN = "https://console.example.org"
PATHS = {"email_service": "mail", "alert_service": "alerts", "server_properties": "engine"}
NAMES = {
    "enabled": "on",
    "security": "sec",
    "authentication": "auth",
    "action": "do",
    "suspend_on_uncaught_fault": "park",
}


class Recorder:
    """Collects entries."""

    def __init__(self, node):
        self.node = node
        self.entries = []

    def add(self, method, url, body=None, *, answer=None, status=200, kind="application/json", headers=()):
        """Add an entry."""
        sent = [("Cookie", f"USER_SESSION={SESSION}"), (":method", method), *headers]
        entry = {
            "startedDateTime": f"2026-01-01T00:{len(self.entries) // 60:02d}:{len(self.entries) % 60:02d}.000Z",
            "request": {
                "method": method,
                "url": url,
                "headers": [{"name": name, "value": value} for name, value in sent],
                "cookies": [{"name": "USER_SESSION", "value": SESSION}],
            },
            "response": {"status": status, "headers": [], "content": {"mimeType": kind, "text": json.dumps(answer)}},
        }
        if body is not None:
            entry["request"]["postData"] = {"mimeType": "application/json", "text": json.dumps(body)}
        self.entries.append(entry)
        return entry

    def har(self):
        """Return the HAR."""
        return json.dumps({"log": {"entries": self.entries}}).encode()


def state_of(service):
    """Return a document as the console shows it before anything is saved."""
    fresh = {
        "email_service": {"on": False, "sec": "none", "auth": "password"},
        "alert_service": {"on": False, "do": "send_email"},
    }
    return {"schema": 7, **fresh.get(service, {"park": False})}


WORKS = {
    "on": True,
    "host": "mail.example.org",
    "port": 587,
    "sec": "tls",
    "username": "ops",
    "password": "Own-mail-pw1",
}
"""What stood there before the sheet, and is put back."""


def record(node="cloud", *, after_each=lambda recorder, step, url: None, read_back=True, first_only=False):
    """Record the sheet; ``after_each`` adds noise after every save."""
    recorder = Recorder(node)
    for service in sheet.SERVICES:
        recorder.add("GET", f"{ORIGIN}/api/{node}/{PATHS[service]}", answer=state_of(service))
    for service, steps in sheet.steps(SEED).items():
        url = f"{ORIGIN}/api/{node}/{PATHS[service]}"
        document = state_of(service)
        for number, step in enumerate(steps[:1] if first_only else steps, 1):
            document.update({NAMES.get(option, option.replace(".", "_")): value for option, value in step.items()})
            if sheet.tests_before(service, number):
                try_out(recorder, url, document, "FAILED")
            recorder.add("PUT", url, {**document}, status=204)
            after_each(recorder, step, url)
            if read_back:
                hidden = {
                    name: value for name, value in document.items() if name not in ("password", "oauth_client_secret")
                }
                recorder.add("GET", url, answer=hidden)
    if not first_only:
        url = f"{ORIGIN}/api/{node}/{PATHS['email_service']}"
        try_out(recorder, url, {**state_of("email_service"), **WORKS}, "PASSED")
        recorder.add("PUT", url, {**state_of("email_service"), **WORKS}, status=204)
    return recorder


def try_out(recorder, url, document, verdict):
    """Press Test."""
    answer = {"verdict": verdict, "seconds": len(recorder.entries), "text": f"it {verdict.lower()}"}
    recorder.add("POST", f"{url}/test", {"candidate": {**document}, "dry": True}, answer=answer)
