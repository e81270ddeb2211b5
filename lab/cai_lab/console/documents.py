# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stored services as documents: defaults, what a console checks on write, how PUT combines old and new.

All members are assumed: nothing public tells the wire form of these services.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cai_lab.console.bodies import bad_request

Document = dict[str, Any]
Check = Callable[[Any], str | None]
"""Returns what is wrong with a value, or None."""


@dataclass(frozen=True)
class Kind:
    """A kind of service: default document, checks by dotted path, members that a write cannot change, secrets."""

    name: str
    defaults: Document
    checks: Mapping[str, Check]
    read_only: frozenset[str]
    secrets: tuple[str, ...] = ()
    stamped: bool = True


def boolean(value: Any) -> str | None:
    """true or false."""
    return None if isinstance(value, bool) else "must be true or false"


def text(value: Any) -> str | None:
    """A text."""
    return None if isinstance(value, str) else "must be a text"


def optional_text(value: Any) -> str | None:
    """A text or null."""
    return None if value is None else text(value)


def record(value: Any) -> str | None:
    """An object."""
    return None if isinstance(value, dict) else "must be an object"


def one_of(*words: str | None) -> Check:
    """One of the words; None stands for null."""

    def check(value: Any) -> str | None:
        if (value is None or isinstance(value, str)) and value in words:
            return None
        return f"must be one of {', '.join('null' if word is None else word for word in words)}"

    return check


def port(value: Any) -> str | None:
    """A number from 1 to 65535."""
    if isinstance(value, bool) or not isinstance(value, int):
        return "must be a number"
    return None if 1 <= value <= 65535 else "must be from 1 to 65535"


def count(value: Any) -> str | None:
    """A number from 1 on."""
    if isinstance(value, bool) or not isinstance(value, int):
        return "must be a number"
    return None if value >= 1 else "must be 1 or more"


EMAIL = Kind(
    "email",
    {
        "enabled": False,
        "hostName": None,
        "port": 25,
        "authenticationType": "PASSWORD",
        "userName": None,
        "security": None,
        "oauth": {"authorizationUrl": None, "tokenUrl": None, "clientId": None, "scope": None},
    },
    {
        "enabled": boolean,
        "hostName": optional_text,
        "port": port,
        "authenticationType": one_of("PASSWORD", "OAUTH"),
        "userName": optional_text,
        "security": one_of(None, "TLS", "SSL"),
        "oauth": record,
        "oauth.authorizationUrl": optional_text,
        "oauth.tokenUrl": optional_text,
        "oauth.clientId": optional_text,
        "oauth.scope": optional_text,
        "password": optional_text,
        "oauth.clientSecret": optional_text,
    },
    frozenset({"authorizationStatus", "modified", "modifiedBy"}),
    ("password", "oauth.clientSecret"),
)
ALERT = Kind(
    "alert",
    {"enabled": False, "action": "SEND_EMAIL", "emailForAlerts": None, "service": None},
    {
        "enabled": boolean,
        "action": one_of("SEND_EMAIL", "CUSTOM_SERVICE"),
        "emailForAlerts": optional_text,
        "service": optional_text,
    },
    frozenset({"modified", "modifiedBy"}),
)
PROPERTIES = Kind(
    "properties",
    {
        "suspendProcessesOnUncaughtFault": False,
        "loggingLevel": "execution",
        "validateServiceMessages": True,
        "processCount": 100,
    },
    {
        "suspendProcessesOnUncaughtFault": boolean,
        "loggingLevel": text,
        "validateServiceMessages": boolean,
        "processCount": count,
    },
    frozenset({"serverStatus", "version"}),
    stamped=False,
)


@dataclass(frozen=True)
class Stored:
    """A stored document, its secrets apart, and how often it was written."""

    values: Document
    secrets: Mapping[str, str]
    revision: int = 0
    modified: str | None = None
    modified_by: str | None = None

    @classmethod
    def of(cls, kind: Kind, raw: Mapping[str, Any] | None) -> Stored:
        """From the state's record; the defaults without one."""
        return cls(kind.defaults, {}) if raw is None else cls(**raw)


def look(document: Mapping[str, Any], path: str) -> tuple[bool, Any]:
    """Whether a document has the dotted path, and the value there."""
    value: Any = document
    for name in path.split("."):
        if not isinstance(value, Mapping) or name not in value:
            return False, None
        value = value[name]
    return True, value


def without(document: Mapping[str, Any], path: str) -> Document:
    """The document without the member at the dotted path."""
    head, _, rest = path.partition(".")
    if head not in document:
        return dict(document)
    if rest:
        return {**document, head: without(document[head], rest)}
    return {name: value for name, value in document.items() if name != head}


def placed(document: Mapping[str, Any], path: str, value: Any) -> Document:
    """The document with a value at the dotted path."""
    head, _, rest = path.partition(".")
    return {**document, head: placed(document.get(head, {}), rest, value) if rest else value}


def overlay(base: Mapping[str, Any], new: Mapping[str, Any]) -> Document:
    """``new`` over ``base``, objects member by member."""
    result = dict(base)
    for name, value in new.items():
        both = isinstance(value, dict) and isinstance(result.get(name), dict)
        result[name] = overlay(result[name], value) if both else value
    return result


def check(kind: Kind, sent: Mapping[str, Any]) -> None:
    """Refuse (400) a document with values that a console would not take."""
    for path, checker in kind.checks.items():
        present, value = look(sent, path)
        if present and (problem := checker(value)):
            raise bad_request(f"{path} {problem}.")


def combine(kind: Kind, stored: Stored, sent: Mapping[str, Any], *, merge: bool, keep_secrets: bool) -> Stored:
    """What is stored after a PUT of ``sent``: checked values; a secret is kept when left out, null clears it."""
    check(kind, sent)
    values: Document = {name: value for name, value in sent.items() if name not in kind.read_only}
    secrets = dict(stored.secrets) if keep_secrets else {}
    for path in kind.secrets:
        present, value = look(values, path)
        values = without(values, path)
        if present and value is None:
            secrets.pop(path, None)
        elif present:
            secrets[path] = value
    base = stored.values if merge else kind.defaults
    return Stored(overlay(base, values), secrets, stored.revision + 1)
