# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a canary, and finds its own entry in the list of processes. Never mistakes another process for it."""

from __future__ import annotations

import datetime
import email.utils
import time
import typing as t

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._moment import moment

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._alert._model import Process
    from ansible_collections.cai.console.plugins.module_utils._alert._server import Listed, ProcessServer

SETTLE_SECONDS = 30.0
UNLISTED_SECONDS = 3.0
# A server tells its time in whole seconds, and its list and its clock need not be one machine's.
SLACK = datetime.timedelta(seconds=5)


class Canary:
    """One process that is run once. ``name`` is that of its address, ``listed_as`` that of the list."""

    def __init__(self, server: ProcessServer, name: str, listed_as: str | None, id_at: str, poll: float) -> None:
        self.name = name
        self._server = server
        self._listed_as = listed_as or name.rpartition("/")[2]
        self._id_at = id_at
        self._poll = poll
        self._before: Listed | None = None
        self._answered: str | None = None
        self.began = 0.0

    def prepare(self) -> None:
        """Remember what is in the list now."""
        self._before = self._server.look()

    def run(self, document: t.Mapping[str, t.Any]) -> None:
        """Run it."""
        if self._before is None:
            self.prepare()
        self.began = time.monotonic()
        self._answered = self._server.run(self.name, document, self._id_at)

    def find(self) -> Process | None:
        """Return its entry once it has come to rest, or as it is after a while. None: it is not listed, for certain.

        A ``canary_unknown`` where that cannot be told, or where more than one entry could be its own.
        """
        began = time.monotonic()
        while True:
            found, certain = self._look()
            waited = time.monotonic() - began
            if found is not None and (found.is_settled or waited >= SETTLE_SECONDS):
                return found
            if found is None and certain and waited >= UNLISTED_SECONDS:
                return None
            if waited >= SETTLE_SECONDS:
                raise self._unknown("has no entry of its own in the list of processes")
            time.sleep(min(self._poll, 1.0))

    def _look(self) -> tuple[Process | None, bool]:
        """Return its entry, and whether the list would show it if it were there."""
        listed = self._server.look(self._answered)
        mine = [process for process in listed.processes if self._may_be(process)]
        if self._answered is not None:
            mine = [process for process in mine if process.id == self._answered]
        if len(mine) > 1:
            ids = ", ".join(process.id for process in mine)
            raise self._unknown(f"may be one of {len(mine)} processes that began at the same time ({ids})")
        if self._answered is not None and listed.processes and not mine:
            raise self._unknown(f"answered with the id {self._answered}, which is not that of a new process of its own")
        return (mine[0] if mine else None), listed.complete and self._answered is not None

    def _may_be(self, process: Process) -> bool:
        """Whether a process has its name, and began after it was asked for."""
        before = self._before
        if before is None or process.name != self._listed_as or process.id in {old.id for old in before.processes}:
            return False
        started, asked = moment(process.started), _date(before.time)
        return started is None or asked is None or started >= asked - SLACK

    def _unknown(self, what: str) -> ConsoleError:
        target = self._server.target.name
        return ConsoleError("canary_unknown", f"{self.name} {what}.", stage="read", target=target)


def _date(text: str | None) -> datetime.datetime | None:
    try:
        found = email.utils.parsedate_to_datetime(text or "")
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=datetime.timezone.utc)
