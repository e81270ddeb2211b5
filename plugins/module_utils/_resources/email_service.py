# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Email Service: one for the Cloud Server, one for each Secure Agent. Options are the page's words."""

from __future__ import annotations

import typing as t

from ansible_collections.cai.console.plugins.module_utils._resources import _rules
from ansible_collections.cai.console.plugins.module_utils._resources._service import Service
from ansible_collections.cai.console.plugins.module_utils._secrets import Secret, Situation

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._binding import Settings
    from ansible_collections.cai.console.plugins.module_utils._converge import Wishes

OPTIONS: dict[str, dict[str, t.Any]] = {
    "enabled": {"type": "bool"},
    "host": {"type": "str"},
    "port": {"type": "int"},
    "authentication": {"type": "str", "choices": ["password", "oauth"]},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "security": {"type": "str", "choices": ["none", "tls", "ssl"]},
    "oauth": {
        "type": "dict",
        "options": {
            "authorization_url": {"type": "str"},
            "token_url": {"type": "str", "no_log": False},
            "client_id": {"type": "str"},
            "client_secret": {"type": "str", "no_log": True},
            "scope": {"type": "list", "elements": "str"},
        },
    },
}

_SERVER = ("host", "port", "security")
PASSWORD = Secret("password", used_with="password", owner="username", guards=(*_SERVER, "username"))
CLIENT_SECRET = Secret(
    "oauth.client_secret",
    used_with="oauth",
    owner="oauth.client_id",
    guards=(*_SERVER, "username", "oauth.token_url", "oauth.client_id"),
)


def _scope(value: list[str]) -> str | None:
    if not value:
        return "is empty"
    return next(
        (
            f"has the entry {entry!r}; give one scope per entry"
            for entry in value
            if not entry or len(entry.split()) != 1
        ),
        None,
    )


def _needs(after: Settings, situation: Situation | None) -> list[str]:
    """The page's rule: a host, and what the authentication type needs. A server that asks for no login needs neither
    user name nor password.
    """
    missing = [] if after["host"] else ["host"]
    if situation is None:
        return missing
    by_password = after["authentication"] != "oauth"
    secret = PASSWORD if by_password else CLIENT_SECRET
    has_secret = secret.name in situation.given or situation.maybe_stored(secret)
    if by_password:
        if after["username"] and not has_secret:
            missing.append("password")
        if "password" in situation.given and not after["username"]:
            missing.append("username")
        return missing
    missing += [
        path
        for path in ("oauth.authorization_url", "oauth.token_url", "oauth.client_id", "oauth.scope")
        if not after[path]
    ]
    return missing + ([] if has_secret else [secret.name])


def _warns(before: Settings, after: Settings, wishes: Wishes) -> list[str]:
    said = []
    if after["port"] == 465 and after["security"] != "ssl":
        said.append(f"Port 465 usually speaks TLS from the start (security=ssl), but security is {after['security']}.")
    if after["port"] in (25, 587) and after["security"] == "ssl":
        said.append(
            f"Port {after['port']} usually begins in clear text (security=tls for STARTTLS), but security is ssl."
        )
    moved = [path for path in (*_SERVER, "username", "oauth.token_url") if before[path] != after[path]]
    if wishes.reuse_stored_secret and moved and not wishes.secrets:
        changes = ", ".join(f"{path} {before[path]} to {after[path]}" for path in moved)
        said.append(f"The stored secret is used again although this changes: {changes}.")
    return said


EMAIL_SERVICE = Service(
    name="email_service",
    title="Email Service",
    options=OPTIONS,
    secrets=(PASSWORD, CLIENT_SECRET),
    rules={
        "host": _rules.host,
        "port": _rules.port,
        "username": _rules.not_empty,
        "oauth.authorization_url": _rules.https_url,
        "oauth.token_url": _rules.https_url,
        "oauth.client_id": _rules.not_empty,
        "oauth.scope": _scope,
    },
    normal={"host": str.casefold, "oauth.scope": frozenset},
    needs=_needs,
    warns=_warns,
)
