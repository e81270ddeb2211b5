# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sheet: what a person types into the page, save by save. Every text is a marker that occurs nowhere else, and the
choices follow a pattern of their own, so that each can be told from all others in what is recorded.
"""

from __future__ import annotations

import hashlib
import typing as t

DOMAIN = "cai-learn.example"
SERVICES = ("email_service", "alert_service", "server_properties")
SECRETS = ("password", "oauth.client_secret")
NUMBERS = ("port",)
# Each option's choices, save by save. No two options of a service share a pattern, and every word occurs.
CHOICES: dict[str, dict[str, list[t.Any]]] = {
    "email_service": {
        "enabled": [False, True, False, False, False],
        "authentication": ["password", "password", "password", "oauth", "password"],
        "security": ["tls", "ssl", "none", "none", "tls"],
    },
    "alert_service": {
        # It is switched on with mail, which needs no deployed service.
        "enabled": [False, False, False, True, False],
        "action": ["send_email", "custom_service", "send_email", "send_email", "send_email"],
    },
    "server_properties": {"suspend_on_uncaught_fault": [True, False, True]},
}
WORDS: dict[str, tuple[t.Any, ...]] = {
    "enabled": (True, False),
    "authentication": ("password", "oauth"),
    "security": ("none", "tls", "ssl"),
    "action": ("send_email", "custom_service"),
    "suspend_on_uncaught_fault": (True, False),
}
LABELS = {
    "enabled": "Enable",
    "host": "Host",
    "port": "Port",
    "authentication": "Authentication Type",
    "username": "Username",
    "password": "Password (and its confirmation)",
    "security": "Security",
    "oauth.authorization_url": "Authorization URL",
    "oauth.token_url": "Token Request URL",
    "oauth.client_id": "Client ID",
    "oauth.client_secret": "Client Secret",
    "oauth.scope": "Scope",
    "action": "Action",
    "email": "Email for Alerts",
    "service": "Service",
    "suspend_on_uncaught_fault": "Suspend processes on uncaught fault",
}
TEST = [
    "  Press Test, and wait for its answer: it fails, since there is no such server. Type again what the page forgot.",
]
Step = dict[str, t.Any]


def steps(seed: str, custom_service: str | None = None) -> dict[str, list[Step]]:
    """Return, for each service, the saves in order: option to what is typed or chosen. An option that a save leaves out
    is left alone. ``custom_service``: one that is deployed, where the page lets nobody type a name.
    """
    made = {
        service: [{option: values[index] for option, values in rows.items()} for index in range(_length(rows))]
        for service, rows in CHOICES.items()
    }
    for index, step in enumerate(made["email_service"]):
        step.update(_email(seed, index, step))
    for index, step in enumerate(made["alert_service"]):
        step["email"] = f"m{seed}{index}r@{DOMAIN}"
        if step["action"] == "custom_service":
            step["service"] = custom_service or f"m{seed}{index}v-Service"
    return made


def markers(seed: str) -> list[str]:
    """Return every text that the sheet has somebody type: none may be in a binding."""
    return sorted(
        {
            str(value)
            for rows in steps(seed).values()
            for step in rows
            for value in step.values()
            if _is_marker(value, seed)
        }
    )


def lines(seed: str, custom_service: str | None = None) -> list[str]:
    """Return the sheet for a person."""
    said = []
    for service, rows in steps(seed, custom_service).items():
        for number, step in enumerate(rows, 1):
            said.append(f"{service.replace('_', ' ')}, save {number} of {len(rows)}:")
            said += [f"  {LABELS[option]}: {_shown(value)}" for option, value in step.items()]
            said += TEST if tests_before(service, number) else []
            said.append("  Save, wait for the answer, and let the page show the values again.")
    return said


def tests_before(service: str, number: int) -> bool:
    """Whether the console's test is pressed before the save of this number, which begins with 1."""
    return service == "email_service" and number == _length(CHOICES[service])


def _length(rows: t.Mapping[str, list[t.Any]]) -> int:
    return len(next(iter(rows.values())))


def _email(seed: str, index: int, step: Step) -> Step:
    mark = f"m{seed}{index}"
    number = 20000 + (int(hashlib.sha256(seed.encode()).hexdigest()[:4], 16) % 900) * 10 + index
    typed: Step = {"host": f"{mark}h.{DOMAIN}", "port": number, "username": f"{mark}u@{DOMAIN}"}
    if index < 3:
        typed["password"] = f"{mark}p-Learn"
    if step["authentication"] == "oauth":
        typed.update(
            {
                "oauth.authorization_url": f"https://{mark}a.{DOMAIN}/authorize",
                "oauth.token_url": f"https://{mark}t.{DOMAIN}/token",
                "oauth.client_id": f"{mark}c-client",
                "oauth.client_secret": f"{mark}s-Learn",
                "oauth.scope": f"{mark}x.send offline_access",
            }
        )
    return typed


def _is_marker(value: t.Any, seed: str) -> bool:
    return isinstance(value, str) and seed in value or isinstance(value, int) and not isinstance(value, bool)


def _shown(value: t.Any) -> str:
    return {True: "tick", False: "do not tick"}.get(value, str(value)) if isinstance(value, bool) else str(value)
