# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a whole run has to know of mailboxes: equal probes run once, a mailbox is not crowded, and one that refused a
sign-in is left alone.
"""

from __future__ import annotations

import contextlib
import dataclasses
import threading
import time
import typing as t

Report = t.Dict[str, t.Any]
Name = t.Tuple[str, str]
WINDOW_SECONDS = 60.0


@dataclasses.dataclass(frozen=True)
class Ticket:
    """What is about to be done at a mailbox.

    ``mailbox``: server and user. ``probe``: everything that makes two probes equal, secrets included, or None where the
    result is nobody else's; a ledger keeps both as keyed hashes only. ``owner``: the target, for messages. ``seconds``:
    how long it may take at most. ``sends``: whether a message goes out. ``proof``: names the secret of a sign-in, None
    without one; while a secret has not been accepted, its holder is alone at the mailbox, so that one refusal is the
    only one. ``arrival`` and ``arrival_proof``: the same of the mailbox in which the message should arrive, where that
    takes a sign-in.
    """

    mailbox: Name
    probe: tuple[t.Any, ...] | None
    owner: str
    seconds: float
    sends: bool
    connections: int = 2
    messages: int = 20
    proof: str | None = None
    arrival: Name | None = None
    arrival_proof: str | None = None

    def places(self) -> list[Ticket]:
        """Return a ticket for each mailbox that is signed in to."""
        if self.arrival is None:
            return [self]
        there = dataclasses.replace(self, mailbox=self.arrival, proof=self.arrival_proof, sends=False, arrival=None)
        return [self, there]


@dataclasses.dataclass(frozen=True)
class Claim:
    """A ledger's answer: go on if nothing is set; else an equal probe's ``report``, or which target was ``refused`` by
    which ``mailbox``.
    """

    report: Report | None = None
    refused: str | None = None
    mailbox: Name | None = None


class ProbeLedger(t.Protocol):
    """``claim`` waits until the ticket's mailboxes are free. After a claim that lets the probe run comes ``finish``,
    always.
    """

    def claim(self, ticket: Ticket) -> Claim:
        """Ask for the mailboxes; waits until they are free."""

    def finish(
        self, ticket: Ticket, report: Report | None, refused: t.Collection[Name], proven: t.Collection[Name]
    ) -> None:
        """Hand the mailboxes back with what was found: which have refused the secret, and which have accepted it."""


@dataclasses.dataclass
class Mailbox:
    """What is known of one mailbox: who was refused, who is at work until when, when messages went out, which secrets
    it has accepted, and who is trying another one.
    """

    refused: str | None = None
    busy: dict[str, float] = dataclasses.field(default_factory=dict)
    sent: list[float] = dataclasses.field(default_factory=list)
    proven: list[str] = dataclasses.field(default_factory=list)
    trying: str | None = None

    def wait(self, ticket: Ticket, now: float) -> float:
        """Return the seconds until there is room, 0 if there is; forgets what is over."""
        self.busy = {name: end for name, end in self.busy.items() if end > now}
        self.sent = [when for when in self.sent if when > now - WINDOW_SECONDS]
        trying = self.trying in self.busy or not self._knows(ticket)
        if len(self.busy) >= (1 if trying else ticket.connections):
            return min(1.0, min(self.busy.values()) - now)
        if ticket.sends and len(self.sent) >= ticket.messages:
            return self.sent[-ticket.messages] + WINDOW_SECONDS - now
        return 0.0

    def enter(self, name: str, ticket: Ticket, now: float) -> None:
        """Take a place."""
        self.busy[name] = now + ticket.seconds
        if not self._knows(ticket):
            self.trying = name
        if ticket.sends:
            self.sent.append(now)

    def leave(self, name: str | None, ticket: Ticket, *, refused: bool, proven: bool) -> None:
        """Give the place back."""
        self.busy.pop(name or "", None)
        if refused:
            self.refused = ticket.owner
        if proven and not self._knows(ticket):
            self.proven.append(t.cast(str, ticket.proof))

    def _knows(self, ticket: Ticket) -> bool:
        return ticket.proof is None or ticket.proof in self.proven


Places = t.List[t.Tuple[Mailbox, Ticket]]


def turned_away(places: Places) -> Claim | None:
    """Return the claim that says so, if one of the mailboxes has refused a sign-in."""
    found = ((box.refused, place.mailbox) for box, place in places if box.refused is not None)
    return next((Claim(refused=refused, mailbox=mailbox) for refused, mailbox in found), None)


def longest_wait(places: Places, now: float) -> float:
    """Return the seconds until there may be room at all the mailboxes, 0 if there is."""
    return max(box.wait(place, now) for box, place in places)


class LocalLedger:
    """The ledger of one process, safe between its threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._mailboxes: dict[t.Any, Mailbox] = {}
        self._reports: dict[t.Any, Report | None] = {}
        self._count = 0
        self._names: dict[int, str] = {}

    def claim(self, ticket: Ticket) -> Claim:
        """See ProbeLedger."""
        with self._changed:
            while True:
                places = self._places(ticket)
                refusal = turned_away(places)
                if refusal is not None:
                    return refusal
                done = self._reports.get(ticket.probe) if ticket.probe is not None else None
                if done is not None:
                    return Claim(report=done)
                now = time.monotonic()
                running = ticket.probe is not None and ticket.probe in self._reports
                left = 1.0 if running else longest_wait(places, now)
                if left <= 0:
                    self._enter(places, ticket, now)
                    return Claim()
                self._changed.wait(left)

    def _places(self, ticket: Ticket) -> Places:
        return [(self._mailboxes.setdefault(place.mailbox, Mailbox()), place) for place in ticket.places()]

    def _enter(self, places: Places, ticket: Ticket, now: float) -> None:
        self._count += 1
        self._names[id(ticket)] = str(self._count)
        for box, place in places:
            box.enter(self._names[id(ticket)], place, now)
        if ticket.probe is not None:
            self._reports[ticket.probe] = None

    def finish(
        self, ticket: Ticket, report: Report | None, refused: t.Collection[Name], proven: t.Collection[Name]
    ) -> None:
        """See ProbeLedger."""
        with self._changed:
            name = self._names.pop(id(ticket))
            for box, place in self._places(ticket):
                box.leave(name, place, refused=place.mailbox in refused, proven=place.mailbox in proven)
            if ticket.probe is not None:
                if report is None:
                    self._reports.pop(ticket.probe, None)
                else:
                    self._reports[ticket.probe] = report
            self._changed.notify_all()


@contextlib.contextmanager
def holding(ledger: ProbeLedger, ticket: Ticket) -> t.Iterator[Entry]:
    """Claim; while the body runs the place is held. The body puts what it found into the entry."""
    entry = Entry(ledger.claim(ticket))
    try:
        yield entry
    finally:
        if entry.free:
            ledger.finish(ticket, entry.report, entry.refused, entry.proven)


class Entry:
    """A claim, and what came of it. ``free``: the probe may run. ``refused`` and ``proven``: the mailboxes that refused
    or accepted the secret.
    """

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self.free = claim.report is None and claim.refused is None
        self.report: Report | None = None
        self.refused: set[Name] = set()
        self.proven: set[Name] = set()
