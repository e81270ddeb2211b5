# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a target's server log: what its Email Service and Alert Service say of themselves."""

from __future__ import annotations

import contextlib
import datetime
import typing as t

from ansible_collections.cai.console.plugins.module_utils._bindings._bodies import begun
from ansible_collections.cai.console.plugins.module_utils._bindings._words import MISSING
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._moment import moment

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._bindings._bodies import Body
    from ansible_collections.cai.console.plugins.module_utils._console import Console

READ_LOG = "read_server_log"
LEVELS = ("critical", "error", "warning", "info", "verbose")
"""The console's words, the most severe first (documented)."""
SERVICES = ("alert", "email", "engine", "eventing", "identity", "messaging", "process", "task")
Result = t.Dict[str, t.Any]


def read_log(
    console: Console, service: str | None, level: str | None, since: datetime.datetime | None
) -> dict[str, t.Any]:
    """Return ``{"entries": [{"time", "level", "source", "service", "message"}], "complete": bool}``, the oldest entry
    first. ``level``: the least severe that is returned; an entry without a known one always is. Times are in ISO 8601;
    what the binding does not place is None. ``complete`` is None where the console does not tell.
    """
    log = console.operation(READ_LOG)["log"]
    answer = _ask(console, log, service)
    rows = [_entry(log, row) for row in answer.rows(log["at"])]
    slight = () if level is None else LEVELS[LEVELS.index(level) + 1 :]
    start = "" if since is None else _written(since)
    found = [row for row in rows if row["level"] not in slight and row["time"] >= start]
    said = _text(answer, log, "complete_at")
    return {
        "entries": sorted(found, key=lambda row: str(row["time"])),
        "complete": None if said is None else said.lower() == "true",
    }


def _ask(console: Console, log: t.Mapping[str, t.Any], service: str | None) -> Body:
    if service is None:
        return console.ask(READ_LOG)
    word = log["words"].get(service)
    if word is None:
        raise ConsoleError("not_bound", f"The binding has no word for the log of {service}.", stage="binding")
    if "parameter" in log:
        return console.ask(READ_LOG, query={log["parameter"]: word})
    body = begun(console.operation(READ_LOG))
    body.put(log["asked_at"], word)
    return console.ask(READ_LOG, body=body)


def _entry(log: t.Mapping[str, t.Any], row: Body) -> Result:
    service, level = _text(row, log, "service"), _text(row, log, "level")
    words = {theirs: mine for mine, theirs in log["words"].items()}
    source = _text(row, log, "source")
    return {
        "time": _time(_text(row, log, "time") or "", log["time_in"]),
        "level": level and level.lower(),
        "source": source and source.lower(),
        "service": service and words.get(service, service.lower()),
        "message": _text(row, log, "message"),
    }


def _text(body: Body, log: t.Mapping[str, t.Any], name: str) -> str | None:
    found = body.get(log[name]) if name in log else None
    if found is MISSING or found is None:
        return None
    return str(found).lower() if isinstance(found, bool) else str(found)


def _time(text: str, kind: str) -> str:
    found: datetime.datetime | None = None
    with contextlib.suppress(ValueError, OverflowError, OSError):
        if kind == "milliseconds":
            found = datetime.datetime.fromtimestamp(int(text) / 1000, datetime.timezone.utc)
        else:
            found = moment(text)
    if found is None:
        raise ConsoleError(
            "unexpected_reply", "An entry of the server log has a time that cannot be read.", stage="read"
        )
    return _written(found)


def _written(moment: datetime.datetime) -> str:
    return moment.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
