# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the proof: their argument spec, what can never be right, and the place that they name."""

from __future__ import annotations

import re
import ssl
import typing as t
from urllib.parse import urlsplit

from ansible_collections.cai.console.plugins.module_utils._alert._listener import Listener
from ansible_collections.cai.console.plugins.module_utils._alert._polled import Polled
from ansible_collections.cai.console.plugins.module_utils._alert._watch import AlertWatch
from ansible_collections.cai.console.plugins.module_utils._connection import origin
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._resources import _rules
from ansible_collections.cai.console.plugins.module_utils._smtp import _options
from ansible_collections.cai.console.plugins.module_utils._smtp._imap import ImapBox
from ansible_collections.cai.console.plugins.module_utils._smtp._maildir import Maildir
from ansible_collections.cai.console.plugins.module_utils._smtp._spec import PROBE_SPEC
from ansible_collections.cai.console.plugins.module_utils._transport import Transport

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._connection import Connection
    from ansible_collections.cai.console.plugins.module_utils._smtp._found import Box

Params = t.Mapping[str, t.Any]

_HEADER = re.compile(r"[A-Za-z0-9-]+")
_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
PLACES = ("imap", "maildir", "listener", "url")
ARRIVAL: dict[str, t.Any] = {
    "type": "dict",
    "required": True,
    "options": {
        **PROBE_SPEC["arrival"]["options"],
        "listener": {
            "type": "dict",
            "options": {
                "address": {"type": "str", "default": "127.0.0.1"},
                "port": {"type": "int", "required": True},
            },
        },
        "url": {
            "type": "dict",
            "options": {
                "address": {"type": "str", "required": True},
                "headers": {"type": "dict", "no_log": True},
                "ca_path": {"type": "path"},
            },
        },
    },
}
ALERT_SPEC: dict[str, dict[str, t.Any]] = {
    "confirm": {"type": "bool", "default": False},
    "process": {"type": "str", "required": True},
    "process_input": {"type": "dict", "default": {}},
    "process_id_at": {"type": "str", "default": "processId"},
    "listed_as": {"type": "str"},
    "control_process": {"type": "str"},
    "match": {"type": "str", "choices": ["process_id", "process_name"], "default": "process_id"},
    "arrival": ARRIVAL,
    "end_process": {"type": "bool", "default": True},
    "smtp_test": {"type": "dict"},
}


def check(params: Params) -> None:
    """Refuse, before any request, what can never be right, and what the user has not confirmed."""
    if not params["confirm"]:
        raise ConsoleError("alert_not_confirmed", "confirm is not true.", stage="options")
    for name in ("process", "control_process"):
        value = params[name]
        if value is not None and (not value.strip("/") or ".." in value.split("/")):
            raise _options.wrong(f"{name} must be the name of a process, as it stands in its address.")
    if params["control_process"] is not None and params["control_process"] == params["process"]:
        raise _options.wrong("control_process must be another process than process.")
    _check_arrival(params["arrival"])


def _check_arrival(arrival: Params) -> None:
    given = [name for name in PLACES if arrival[name] is not None]
    if len(given) != 1:
        raise _options.wrong(f"arrival needs one of {', '.join(PLACES)}.")
    if arrival["wait"] <= 0 or arrival["poll"] <= 0:
        raise _options.wrong("wait and poll of arrival must be more than 0 seconds.")
    if given == ["imap"]:
        _options.check_imap(arrival["imap"])
    elif given == ["listener"]:
        problem = _rules.port(arrival["listener"]["port"])
        if problem:
            raise _options.wrong(f"arrival.listener.port {problem}.")
    elif given == ["url"]:
        origin("arrival.url.address", arrival["url"]["address"])
        _authorities(arrival["url"])
        _headers(arrival["url"])


def watch(params: Params, connection: Connection) -> AlertWatch:
    """Return the watch over the place that the options name; it is not opened yet."""
    arrival = params["arrival"]
    by_mail = arrival["imap"] is not None or arrival["maildir"] is not None
    return AlertWatch(_box(arrival, connection), by_mail=by_mail, wait=arrival["wait"], poll=arrival["poll"])


def described(params: Params) -> str:
    """Say where the alert is waited for."""
    arrival = params["arrival"]
    if arrival["imap"] is not None:
        return f"the mailbox {arrival['imap']['username']} at {arrival['imap']['host']}"
    if arrival["maildir"] is not None:
        return f"the Maildir {arrival['maildir']}"
    if arrival["listener"] is not None:
        return f"calls to {arrival['listener']['address']}:{arrival['listener']['port']} on this host"
    parts = urlsplit(arrival["url"]["address"])
    return f"{parts.scheme}://{parts.netloc}{parts.path}"


def secrets(params: Params) -> list[str]:
    """Return what must not be in the result, whatever a mailbox or a service says."""
    imap, url = params["arrival"]["imap"] or {}, params["arrival"]["url"] or {}
    found = [imap.get("password"), imap.get("token"), *(url.get("headers") or {}).values()]
    found.append(params["console_password"])
    return [str(secret) for secret in found if secret]


def _box(arrival: Params, connection: Connection) -> Box:
    if arrival["listener"] is not None:
        return Listener(arrival["listener"]["address"], arrival["listener"]["port"])
    if arrival["url"] is not None:
        address, url = arrival["url"]["address"], arrival["url"]
        connection.require_secure(address, "arrival.url.address")
        context = ssl.create_default_context(cadata=_authorities(url))
        return Polled(Transport(timeout=connection.timeout, context=context), address, _headers(url))
    mailbox = _options.mailbox_of(arrival)
    return ImapBox(mailbox.imap) if mailbox.imap else Maildir(str(mailbox.maildir))


def _headers(url: Params) -> dict[str, str]:
    headers = {str(name): str(value) for name, value in (url["headers"] or {}).items()}
    for name, value in headers.items():
        if not _HEADER.fullmatch(name) or not _VALUE.fullmatch(value):
            raise _options.wrong("arrival.url.headers has a name or a value that no header can have.")
    return headers


def _authorities(url: Params) -> str | None:
    return _options.read_ca("arrival.url.ca_path", {"ca_path": url["ca_path"], "ca_pem": None})
