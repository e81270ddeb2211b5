# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the task says: lines on the screen while it works, and its result."""

from __future__ import annotations

import collections
import time
import typing as t

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.plugin_utils._fleet._model import (
    CHANGED,
    DOWN,
    FAILED,
    NOT_BEGUN,
    STATUSES,
    Outcome,
    Result,
)

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.plugin_utils._fleet._budget import Budget

NAMED = 10
"""So many targets are named in a sentence."""


class Report:
    """Collects outcomes. ``say`` prints a line; ``interval`` is in seconds, and with 0 there are no lines."""

    def __init__(self, hosts: t.Sequence[str], say: t.Callable[[str], None], interval: float) -> None:
        self._hosts = hosts
        self._say = say
        self._interval = interval
        self._outcomes: dict[str, Outcome] = {}
        self._counts: collections.Counter[str] = collections.Counter()
        self._began = self._said = time.monotonic()

    def take(self, outcome: Outcome) -> None:
        """Add one; a failure is said at once."""
        self._outcomes[outcome.host] = outcome
        self._counts[outcome.status] += 1
        if self._interval and outcome.status in (FAILED, DOWN):
            self._say(f"fleet: {outcome.status}: {_named(outcome)}")

    def progress(self) -> None:
        """Say how far it is, if it is time to."""
        now, done = time.monotonic(), len(self._outcomes)
        if not self._interval or now - self._said < self._interval:
            return
        self._said = now
        left = f"about {(now - self._began) * (len(self._hosts) - done) / done:.0f} s left" if done else "none done yet"
        self._say(
            f"fleet: {done} of {len(self._hosts)} targets, {self._counts[CHANGED]} changed, "
            f"{self._counts[FAILED]} failed, {self._counts[DOWN]} down; {left}"
        )

    def names(self, status: str) -> list[str]:
        """Return the hosts of a status, in the order of the task."""
        return [host for host in self._hosts if host in self._outcomes and self._outcomes[host].status == status]

    def summary(self) -> str:
        """Return one sentence."""
        counts = ", ".join(f"{self._counts[status]} {status.replace('_', ' ')}" for status in STATUSES)
        return f"{len(self._hosts)} targets: {counts}."

    def result(self, budget: Budget, *, diff: bool) -> Result:
        """Return the task's result; ``failed`` is part of it where more failed than may."""
        outcomes = [self._outcomes[host] for host in self._hosts if host in self._outcomes]
        result: Result = {
            "changed": any(outcome.result.get("changed") for outcome in outcomes),
            "msg": self.summary(),
            "counts": {"total": len(self._hosts), **{status: self._counts[status] for status in STATUSES}},
            "budget": {"max_failed": budget.limit, "failed": budget.failed, "exceeded": budget.is_exceeded},
            **{f"{status}_hosts": self.names(status) for status in (CHANGED, FAILED, DOWN, NOT_BEGUN)},
            "targets": [outcome.as_dict() for outcome in outcomes],
            "warnings": self._warnings(outcomes),
        }
        if diff:
            result["diff"] = [_with_headers(outcome) for outcome in outcomes if "diff" in outcome.result]
        return {**result, **self._failure(outcomes, budget)} if budget.is_exceeded else result

    def _failure(self, outcomes: t.Sequence[Outcome], budget: Budget) -> Result:
        failed = [outcome for outcome in outcomes if outcome.status == FAILED]
        allowed = "" if budget.limit is None else f" {budget.failed} failed in this run; max_failed is {budget.limit}."
        said = f"{self.summary()}{allowed} {_listed([_named(outcome) for outcome in failed])}"
        retryable = any((outcome.result.get("error") or {}).get("retryable") for outcome in failed)
        error = ConsoleError("targets_failed", said, stage="fleet", retryable=retryable)
        return {"failed": True, **error.as_result()}

    def _warnings(self, outcomes: t.Sequence[Outcome]) -> list[str]:
        """Return each warning once, with the hosts that it is about."""
        about: dict[str, list[str]] = {}
        for outcome in outcomes:
            for text in outcome.result.get("warnings") or ():
                about.setdefault(text, []).append(outcome.host)
        down = self.names(DOWN)
        found = [f"{_listed(hosts, ', ')}: {text}" for text, hosts in about.items()]
        return [*found, f"Down, and not touched: {_listed(down, ', ')}."] if down else found


def _with_headers(outcome: Outcome) -> Result:
    return {**outcome.result["diff"], "before_header": outcome.host, "after_header": outcome.host}


def _named(outcome: Outcome) -> str:
    said = str(outcome.result.get("msg", ""))
    return said if said.startswith(f"{outcome.host}:") else f"{outcome.host}: {said}"


def _listed(texts: t.Sequence[str], between: str = " ") -> str:
    rest = len(texts) - NAMED
    return between.join(texts[:NAMED]) + (f"{between}and {rest} more" if rest > 0 else "")
