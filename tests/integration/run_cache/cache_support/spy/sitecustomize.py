# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loaded by every Python of a run: notes imports in forks, loaded CA bundles, sessions that are sent.

It writes to the file that CAI_TEST_SPY names, a JSON list a line: kind, process id, what.
"""

from __future__ import annotations

import http.client
import json
import os
import ssl
import sys
from typing import Any

HOME = os.getpid()
NOTES = os.environ.get("CAI_TEST_SPY", os.devnull)
SESSION_HEADERS = ("icSessionId", "INFA-SESSION-ID", "IDS-SESSION-ID")


def note(kind: str, what: str) -> None:
    """Append a line, whole, whichever process writes."""
    handle = os.open(NOTES, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(handle, json.dumps([kind, os.getpid(), what]).encode() + b"\n")
    os.close(handle)


def watch_imports(event: str, arguments: tuple[Any, ...]) -> None:
    """Note a module that a fork looks for or runs."""
    if os.getpid() == HOME:
        return
    if event == "import":
        note("import", arguments[0])
    elif event == "exec" and getattr(arguments[0], "co_name", "") == "<module>":
        note("import", os.path.basename(arguments[0].co_filename))


def watched(method: Any, kind: str) -> Any:
    """The method, which is noted when it is called."""

    def call(self: Any, *arguments: Any, **named: Any) -> Any:
        note(kind, method.__name__)
        return method(self, *arguments, **named)

    return call


def watch_header(self: http.client.HTTPConnection, header: Any, *values: Any) -> None:
    """Note the session that a request carries."""
    name = header.decode() if isinstance(header, bytes) else header
    if name in SESSION_HEADERS:
        note("session", values[0].decode() if isinstance(values[0], bytes) else str(values[0]))
    put_header(self, header, *values)


put_header = http.client.HTTPConnection.putheader
http.client.HTTPConnection.putheader = watch_header  # type: ignore[method-assign]
for name in ("load_default_certs", "load_verify_locations"):
    setattr(ssl.SSLContext, name, watched(getattr(ssl.SSLContext, name), "bundle"))
sys.addaudithook(watch_imports)
