# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bounded number of threads work on targets; what is not begun when the work has to stop is said so."""

from __future__ import annotations

import queue
import time
import typing as t
from concurrent.futures.thread import ThreadPoolExecutor

from ansible_collections.cai.console.plugins.plugin_utils._fleet._model import NOT_BEGUN, Outcome

LOOK_SECONDS = 0.2
"""How often it is looked whether the work has to stop, while targets take long."""

Work = t.Callable[[], Outcome]


class Gone(BaseException):
    """Nobody waits for this worker any more. No Exception, so that nothing takes it for the failure of a task."""


class Crew:
    """``prepare(host)`` returns the work for a host, or what came of it before any; it runs in the caller's thread.

    ``stops`` says that nothing more may be begun, ``is_gone`` that nobody waits; ``tell`` gets each outcome, and None
    now and then while there is none, in the caller's thread.
    """

    def __init__(
        self,
        workers: int,
        prepare: t.Callable[[str], Work | Outcome],
        *,
        stops: t.Callable[[], bool],
        is_gone: t.Callable[[], bool],
        tell: t.Callable[[Outcome | None], None],
    ) -> None:
        self._workers = workers
        self._prepare = prepare
        self._stops = stops
        self._is_gone = is_gone
        self._tell = tell
        self._done: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
        self._running = 0

    def work_through(self, hosts: t.Iterable[str]) -> None:
        """Work on every host. When it has to stop, what runs is brought to its end. Gone is raised at once."""
        pool = ThreadPoolExecutor(self._workers)
        try:
            for host in hosts:
                self._begin(pool, host)
                self._collect(until=2 * self._workers)
            self._collect(until=1)
        except Gone:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        except BaseException:
            # The task's time limit, or an interrupt: as with any other stop, what runs comes to its end.
            self._stops = lambda: True
            raise
        finally:
            pool.shutdown(wait=not self._is_gone(), cancel_futures=True)

    def _begin(self, pool: ThreadPoolExecutor, host: str) -> None:
        if self._stops():
            self._tell(_not_begun(host))
            return
        work = self._prepare(host)
        if isinstance(work, Outcome):
            self._tell(work)
            return
        self._running += 1
        pool.submit(self._one, host, work)

    def _one(self, host: str, work: Work) -> None:
        self._done.put(_not_begun(host) if self._stops() else work())

    def _collect(self, until: int) -> None:
        """Take in what is done; wait while ``until`` or more are under way."""
        looked = time.monotonic()
        while self._running:
            try:
                outcome = self._done.get(block=self._running >= until, timeout=LOOK_SECONDS)
            except queue.Empty:
                outcome = None
            if outcome:
                self._running -= 1
                self._tell(outcome)
            if not outcome or time.monotonic() - looked > LOOK_SECONDS:
                looked = time.monotonic()
                if self._is_gone():
                    raise Gone
                self._tell(None)
            if not outcome and self._running < until:
                return


def _not_begun(host: str) -> Outcome:
    return Outcome(host, NOT_BEGUN, {"changed": False})
