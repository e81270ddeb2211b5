# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""States of the services in which every option has a value of its own, and others in which every option has another."""

from __future__ import annotations

from typing import Any

from ansible_collections.cai.console.plugins.module_utils._plan import flatten

OAUTH: dict[str, Any] = {
    "authorization_url": "https://login.example.org/authorize",
    "token_url": "https://login.example.org/token",
    "client_id": "client-1",
    "scope": ["mail.send", "offline_access"],
}
EMAIL: dict[str, Any] = {
    "enabled": True,
    "host": "smtp.example.org",
    "port": 2465,
    "authentication": "password",
    "username": "alerts@example.org",
    "security": "ssl",
    "oauth": OAUTH,
}
EMAIL_OTHER: dict[str, Any] = {
    "enabled": False,
    "host": "smtp2.example.org",
    "port": 2587,
    "username": "other@example.org",
    "security": "tls",
    "oauth": {
        "authorization_url": "https://login2.example.org/authorize",
        "token_url": "https://login2.example.org/token",
        "client_id": "client-2",
        "scope": ["mail.send2"],
    },
}
ALERT: dict[str, Any] = {
    "enabled": True,
    "action": "send_email",
    "email": "operations@example.org",
    "service": "AlertHandler",
}
ALERT_OTHER: dict[str, Any] = {
    "enabled": False,
    "action": "custom_service",
    "email": "other@example.org",
    "service": "CaiCanary",
}

FULL: dict[str, dict[str, Any]] = {
    "email_service": EMAIL,
    "alert_service": ALERT,
    "server_properties": {"suspend_on_uncaught_fault": True},
}
"""Every option set. The authentication type decides which secret is in use; secrets are given apart."""
OTHER: dict[str, dict[str, Any]] = {
    "email_service": EMAIL_OTHER,
    "alert_service": ALERT_OTHER,
    "server_properties": {"suspend_on_uncaught_fault": False},
}
"""Every option with another value, but for the authentication type, which would drop the former type's secret."""

NEEDED: dict[str, dict[str, Any]] = {
    "alert_test": {"confirm": True, "process": "CaiCanarySuspends", "arrival": {"maildir": "/tmp", "wait": 0.1}},
}
"""What a module cannot do without."""


def flat(state: dict[str, Any]) -> dict[str, Any]:
    """A state as option path to value."""
    return dict(flatten(state))
