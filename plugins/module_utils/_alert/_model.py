# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of the proof: the process that was started, the alert about it, what is known beside, and the verdict."""

from __future__ import annotations

import typing as t

SUSPENDING = ("FULL", "PERSIST")
"""Documented: suspending on an uncaught fault needs one of these (Suspending_a_Process_on_Uncaught_Faults.html)."""
ENDED = ("COMPLETED", "FAULTED", "TERMINATED")
SUSPENDED = "SUSPENDED"
FAULTED = "FAULTED"


class Process(t.NamedTuple):
    """A row of the documented list of processes; the words are the vendor's, in upper case."""

    id: str
    name: str
    state: str
    reason: str | None = None
    persistence: str | None = None
    started: str | None = None

    @property
    def is_settled(self) -> bool:
        """Whether it has come to rest: it has ended, or it is suspended."""
        return self.state in ENDED or self.state == SUSPENDED

    @property
    def is_open(self) -> bool:
        """Whether somebody has to end it."""
        return self.state not in ENDED

    @property
    def is_too_low(self) -> bool:
        """Whether its persistence is known, and too low for it ever to be suspended."""
        return self.persistence is not None and self.persistence not in SUSPENDING

    def as_dict(self) -> dict[str, t.Any]:
        """Return it for the task's result."""
        return dict(self._asdict())


class Alert(t.NamedTuple):
    """What arrived about the process: by mail, or as a call. ``place`` is where it was found."""

    place: str
    latency_ms: float
    subject: str | None
    sender: str | None
    text: str
    details: dict[str, t.Any] | None


class Known(t.NamedTuple):
    """What the user's binding lets one read of the target; None where there is no binding, or it has no such thing."""

    suspends: bool | None = None
    alert_service: dict[str, t.Any] | None = None


class Evidence(t.NamedTuple):
    """All that the verdict is made of.

    ``process``: the canary, None where the list does not have it. ``control``: the second process, if one ran.
    ``by_mail``: whether the alert was waited for in a mailbox. ``mail``: the result of a test of the target's mail.
    """

    canary: str
    process: Process | None
    control: Process | None
    alert: Alert | None
    known: Known
    by_mail: bool
    waited: float
    mail: t.Mapping[str, t.Any] | None
