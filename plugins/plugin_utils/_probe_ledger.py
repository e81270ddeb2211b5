# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger of probes for a whole run: a file in the run's private folder, which all its forks share.

No secret is in it. Mailboxes and probes are keyed hashes; the key is derived from the secret of the process family,
which is only in the memory of the parent and its forks.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hmac
import json
import multiprocessing
import os
import threading
import time
import typing as t

from ansible_collections.cai.console.plugins.module_utils._files import locked, replace_file
from ansible_collections.cai.console.plugins.module_utils._smtp._ledger import (
    Claim,
    Mailbox,
    longest_wait,
    turned_away,
)
from ansible_collections.cai.console.plugins.plugin_utils._run_folder import run_folder

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._smtp._ledger import Name, Places, Report, Ticket

NAME = "cai.console.probes"
POLL_SECONDS = 0.1
_DONE = Claim(report={})


class FileLedger:
    """Shared by the forks of one run. ``folder`` is only for tests; else it is the run's own temporary folder."""

    def __init__(self, folder: str | None = None) -> None:
        self._folder = folder

    def claim(self, ticket: Ticket) -> Claim:
        """Wait until the mailboxes are free, an equal probe is done, or one of them has refused somebody."""
        while True:
            probe = self._probe(ticket)
            with self._open() as book:
                claim, left = self._try(book, ticket, probe)
            if claim is _DONE:
                return Claim(report=_load(self._report(t.cast(str, probe)), {}))
            if claim is not None:
                return claim
            time.sleep(min(max(left, POLL_SECONDS), 1.0))

    def finish(
        self, ticket: Ticket, report: Report | None, refused: t.Collection[Name], proven: t.Collection[Name]
    ) -> None:
        """Give the places back, and leave the report for equal probes."""
        with self._open() as book:
            for box, place in self._places(book, ticket):
                box.leave(_name(), place, refused=place.mailbox in refused, proven=place.mailbox in proven)
                self._keep(book, box, place)
            probe = self._probe(ticket)
            if probe is not None and report is not None:
                # In a file of its own: the book is read and written for every claim, and reports are long.
                replace_file(self._report(probe), json.dumps(report).encode())
                book["probes"][probe] = {"done": True, "until": 0.0}
            elif probe is not None:
                book["probes"].pop(probe, None)

    def _try(self, book: dict[str, t.Any], ticket: Ticket, probe: str | None) -> tuple[Claim | None, float]:
        """Return the claim, or None and how many seconds to wait."""
        now, places = time.time(), self._places(book, ticket)
        refusal = turned_away(places)
        if refusal is not None:
            return refusal, 0.0
        other = book["probes"].get(probe) if probe is not None else None
        if other is not None:
            if other["done"]:
                return _DONE, 0.0
            if other["until"] > now:
                return None, POLL_SECONDS
        left = longest_wait(places, now)
        if left > 0:
            return None, left
        for box, place in places:
            box.enter(_name(), place, now)
            self._keep(book, box, place)
        if probe is not None:
            book["probes"][probe] = {"done": False, "until": now + ticket.seconds}
        return Claim(), 0.0

    def _places(self, book: dict[str, t.Any], ticket: Ticket) -> Places:
        """The mailboxes of a ticket as the book has them, each with its ticket; the secrets as keyed hashes."""
        return [
            (Mailbox(**book["mailboxes"].get(self._key(place.mailbox), {})), self._hidden(place))
            for place in ticket.places()
        ]

    def _keep(self, book: dict[str, t.Any], box: Mailbox, place: Ticket) -> None:
        book["mailboxes"][self._key(place.mailbox)] = dataclasses.asdict(box)

    @contextlib.contextmanager
    def _open(self) -> t.Iterator[dict[str, t.Any]]:
        """Give the book under a lock, and write it back. The kernel drops the lock of a worker that dies."""
        path = self._path()
        with locked(path):
            book = _load(path, {"mailboxes": {}, "probes": {}})
            before = json.dumps(book, sort_keys=True)
            yield book
            after = json.dumps(book, sort_keys=True)
            if after != before:
                replace_file(path, after.encode())

    def _path(self) -> str:
        return os.path.join(self._folder or run_folder(), NAME)

    def _report(self, probe: str) -> str:
        return f"{self._path()}.{probe[:32]}"

    def _probe(self, ticket: Ticket) -> str | None:
        return None if ticket.probe is None else self._key(ticket.probe)

    def _hidden(self, ticket: Ticket) -> Ticket:
        """The ticket with a keyed hash in place of the secret."""
        return ticket if ticket.proof is None else dataclasses.replace(ticket, proof=self._key((ticket.proof,)))

    @staticmethod
    def _key(of: tuple[t.Any, ...]) -> str:
        root = hmac.digest(bytes(multiprocessing.current_process().authkey), b"cai.console probes", "sha256")
        return hmac.new(root, json.dumps(of, default=str).encode(), "sha256").hexdigest()


def _name() -> str:
    return f"{os.getpid()}.{threading.get_ident()}"


def _load(path: str, nothing: dict[str, t.Any]) -> dict[str, t.Any]:
    try:
        with open(path, encoding="utf-8") as stream:
            return t.cast("dict[str, t.Any]", json.load(stream))
    except FileNotFoundError:
        return nothing
