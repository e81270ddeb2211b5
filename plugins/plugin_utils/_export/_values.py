# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was found at each target, as what a task would have to say for it. Secrets become lookups by name."""

from __future__ import annotations

import collections
import dataclasses
import hashlib
import re
import typing as t

from ansible_collections.cai.console.plugins.module_utils._apply import SERVICES
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._plan import flatten

if t.TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Result = dict[str, t.Any]
Wishes = dict[str, t.Any]
"""Flat: ``{"email_service.oauth.scope": […]}``. A secret is a SecretName."""

VARS, ENV = LOOKUPS = ("ansible.builtin.vars", "ansible.builtin.env")
KEEP = {"on_unknown_secret": "keep"}
"""The first run knows nothing of the stored secrets; to send them all again would be a change."""


class Template(str):
    """A text that Ansible is to evaluate, in contrast to all that the console gave."""


class SecretName(str):
    """The name by which a secret is looked up, where a setting has its value."""


@dataclasses.dataclass(frozen=True)
class NeededSecret:
    """A secret that some targets use. ``option`` is where it is given, ``owner`` whose it is: the mailbox at a mail
    server, or the client at a provider. Targets with one owner are taken to use one secret; no console tells.
    """

    option: str
    kind: str
    owner: tuple[str, str]


@dataclasses.dataclass(frozen=True)
class Found:
    """``wishes`` by host, ``left_out``: why a host has none, ``secrets``: the name of each that is needed."""

    wishes: Mapping[str, Wishes]
    left_out: Mapping[str, str]
    secrets: Mapping[NeededSecret, str]
    users: Mapping[NeededSecret, Sequence[str]]


def collect(entries: Sequence[Result], lookup: str) -> Found:
    """Return what the entries of the fleet's result say; ``lookup`` is one of LOOKUPS."""
    wishes: dict[str, Wishes] = {}
    left_out: dict[str, str] = {}
    users: dict[NeededSecret, list[str]] = collections.defaultdict(list)
    for entry in entries:
        host = str(entry["host"])
        try:
            wishes[host] = _settings(entry)
        except ConsoleError as error:
            left_out[host] = error.message
            continue
        for secret in _secrets(entry):
            users[secret].append(host)
    names = _names(list(users), lookup)
    for secret, hosts in users.items():
        for host in hosts:
            wishes[host].update({secret.option: SecretName(names[secret]), **KEEP})
    return Found(wishes, left_out, names, users)


def _settings(entry: Result) -> Wishes:
    """Return what is stored; a ConsoleError says why a task could not ask for just that."""
    if "settings" not in entry:
        raise ConsoleError("invalid_option", str(entry.get("msg") or "It was not read."), stage="read")
    found: Wishes = {}
    for service in SERVICES:
        # What is empty is not given; the modules would refuse it.
        stored = flatten(entry["settings"].get(service.name, {}))
        settings = {path: value for path, value in stored.items() if value not in ("", [])}
        service.check_given(settings)
        found.update({f"{service.name}.{path}": value for path, value in settings.items()})
    return found


def _secrets(entry: Result) -> list[NeededSecret]:
    """Return the secret that the target uses, unless the console says that there is none."""
    email, states = (entry[part].get("email_service", {}) for part in ("settings", "secrets"))
    oauth = email.get("oauth") or {}
    if email.get("authentication") == "oauth":
        option, kind, owner = "oauth.client_secret", "oauth_client_secret", (oauth.get("client_id"), "")
    else:
        option, kind, owner = "password", "smtp_password", (email.get("username"), email.get("host") or "")
    if not owner[0] or states.get(option, "unknown") == "unset":
        return []
    return [NeededSecret(f"email_service.{option}", kind, (str(owner[0]), str(owner[1]).casefold()))]


def _names(secrets: Sequence[NeededSecret], lookup: str) -> dict[NeededSecret, str]:
    """Return a name for each, which does not depend on the order of the targets."""
    plain = {secret: _name(secret) for secret in secrets}
    often = collections.Counter(plain.values())
    names = {
        secret: name if often[name] == 1 else f"{name}_{hashlib.sha256(repr(secret.owner).encode()).hexdigest()[:8]}"
        for secret, name in plain.items()
    }
    return {secret: name.upper() if lookup == ENV else f"vault_{name}" for secret, name in names.items()}


def _name(secret: NeededSecret) -> str:
    owner = " at ".join(part for part in secret.owner if part)
    return f"{secret.kind}_{re.sub('[^a-z0-9]+', '_', owner.casefold()).strip('_')}"


def looked_up(lookup: str, term: str) -> str:
    """Return the expression of a lookup. An environment variable that is not set is an error, not an empty secret."""
    more = ", default=undef()" if lookup == ENV else ""
    return f"lookup('{lookup}', {term}{more})"
