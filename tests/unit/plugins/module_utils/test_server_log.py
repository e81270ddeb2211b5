# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server log: what a console may write differently."""

from __future__ import annotations

import datetime

import pytest
from ansible_collections.cai.console.plugins.module_utils._bindings._json_body import JsonBody
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._server_log import read_log

LOG = {
    "at": "rows",
    "time": "when",
    "time_in": "text",
    "message": "text",
    "level": "level",
    "service": "of",
    "parameter": "service",
    "words": {"email": "Mail"},
}


class FakeConsole:
    """Answers with rows, and keeps what it was asked for."""

    def __init__(self, rows, **log):
        self.rows = rows
        self.log = {**LOG, **log}
        self.asked = None

    def operation(self, name):
        """Return what is bound."""
        return {"log": self.log}

    def ask(self, name, body=None, query=None):
        """Return the log."""
        self.asked = query
        return JsonBody({"rows": self.rows, "all": False})


def test_words_and_times_are_the_collections():
    rows = [
        {"when": "2026-01-31T13:00:00.5+01:00", "text": "b", "level": "ERROR", "of": "Mail"},
        {"when": "2026-01-31T11:59:59", "text": "a", "of": "Other"},
    ]
    console = FakeConsole(rows, complete_at="all")
    found = read_log(console, None, None, None)
    empty = {"source": None}
    assert found == {
        "entries": [
            {"time": "2026-01-31T11:59:59.000Z", "message": "a", "level": None, "service": "other", **empty},
            {"time": "2026-01-31T12:00:00.500Z", "message": "b", "level": "error", "service": "email", **empty},
        ],
        "complete": False,
    }
    assert console.asked is None
    assert read_log(FakeConsole(rows), "email", None, None)["complete"] is None


def test_milliseconds():
    console = FakeConsole([{"when": "1769860800500", "text": "x"}], time_in="milliseconds")
    assert read_log(console, "email", None, None)["entries"][0]["time"] == "2026-01-31T12:00:00.500Z"
    assert console.asked == {"service": "Mail"}


def test_what_is_too_slight_or_too_old_is_left_out():
    levels = ("Critical", "Error", "Warning", "Info", "Verbose", "Fatal", None)
    rows = [{"when": f"2026-01-31T12:00:0{n}Z", "text": "x", "level": level} for n, level in enumerate(levels)]
    found = read_log(FakeConsole(rows), None, "warning", None)["entries"]
    assert [row["level"] for row in found] == ["critical", "error", "warning", "fatal", None]
    since = datetime.datetime(2026, 1, 31, 12, 0, 5, tzinfo=datetime.timezone.utc)
    assert [row["level"] for row in read_log(FakeConsole(rows), None, None, since)["entries"]] == ["fatal", None]


@pytest.mark.parametrize("time_in, when", [("text", "yesterday"), ("milliseconds", "9" * 30), ("milliseconds", "x")])
def test_a_time_that_is_none_is_said(time_in, when):
    with pytest.raises(ConsoleError, match="has a time that cannot be read"):
        read_log(FakeConsole([{"when": when, "text": "x"}], time_in=time_in), None, None, None)
