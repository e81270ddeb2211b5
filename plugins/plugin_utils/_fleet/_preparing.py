# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a host to the work at its target, and from the work to what came of it, masked."""

from __future__ import annotations

import os
import traceback
import typing as t

from ansible_collections.cai.console.plugins.module_utils._edge import attempt
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.plugin_utils._fleet._masks import masked
from ansible_collections.cai.console.plugins.plugin_utils._fleet._model import (
    CHANGED,
    Job,
    Outcome,
    Result,
    Unfit,
)

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._access import Access
    from ansible_collections.cai.console.plugins.module_utils._targets import Target
    from ansible_collections.cai.console.plugins.module_utils._tasks import Work
    from ansible_collections.cai.console.plugins.plugin_utils._fleet import _crew
    from ansible_collections.cai.console.plugins.plugin_utils._fleet._places import Places
    from ansible_collections.cai.console.plugins.plugin_utils._fleet._wishes import Wishes


Make = t.Callable[[Job, "Target"], "Work"]


def converge(job: Job, target: Target) -> Work:
    """Return the work that brings the target to its wishes."""
    return job.work_at(target.id)


class Preparing:
    """Called with a host, it returns the work for the crew, or what came of the host before any.

    ``make`` returns what is done at a target, with the options checked; ``hidden`` are secrets of the task itself.
    """

    def __init__(
        self,
        wishes: Wishes,
        places: Places,
        access: Access,
        hidden: frozenset[str],
        make: Make,
    ) -> None:
        self._wishes = wishes
        self._places = places
        self._access = access
        self._hidden = hidden
        self._make = make

    def __call__(self, host: str) -> _crew.Work | Outcome:
        """Prepare one host; runs in the task's own thread."""
        try:
            job = self._wishes.job(host)
        except Unfit as unfit:
            return self._refused(host, unfit.error, unfit.hidden)
        try:
            target = self._places.find(job)
            work = self._make(job, target)
        except ConsoleError as error:
            return self._refused(host, error, job.hidden)
        return lambda: self._work(job, target, lambda: work(self._access))

    def _work(self, job: Job, target: Target, work: t.Callable[[], Result]) -> Outcome:
        """Do one target's work; runs in a thread. An error of our own is this target's failure only."""

        def guarded() -> Result:
            try:
                return work()
            except ConsoleError as error:
                error.target = target.name
                raise
            except Exception as error:
                raise _unexpected(error, target.name) from None

        result = attempt(guarded, {"target": target.name})
        outcome = Outcome.of(job.host, {**result, "target": target.as_name()})
        if outcome.status != CHANGED:
            outcome.result.pop("diff", None)
        return self._masked(outcome, job.hidden)

    def _refused(self, host: str, error: ConsoleError, hidden: frozenset[str]) -> Outcome:
        error.target = error.target or host
        return self._masked(Outcome.of(host, {"failed": True, "changed": False, **error.as_result()}), hidden)

    def _masked(self, outcome: Outcome, hidden: frozenset[str]) -> Outcome:
        return Outcome(outcome.host, outcome.status, masked(outcome.result, hidden | self._hidden))


def _unexpected(error: Exception, target: str) -> ConsoleError:
    """Name the exception and where it was raised, not its text, which may hold anything."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    said = f"{type(error).__name__} in {os.path.basename(place.filename)}, line {place.lineno}."
    return ConsoleError("internal_error", said, stage="fleet", target=target)
