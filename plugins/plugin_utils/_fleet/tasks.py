# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The task: ``execution_target`` for many targets, by threads that share one session and its connections."""

from __future__ import annotations

import dataclasses
import os
import traceback
import typing as t

from ansible.module_utils.common.parameters import remove_values
from ansible_collections.cai.console.plugins.module_utils._access import Access, opened
from ansible_collections.cai.console.plugins.module_utils._binding import find_binding
from ansible_collections.cai.console.plugins.module_utils._connection import Connection
from ansible_collections.cai.console.plugins.module_utils._edge import attempt
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.plugin_utils._fleet._budget import Budget, Tally
from ansible_collections.cai.console.plugins.plugin_utils._fleet._crew import Crew, Work
from ansible_collections.cai.console.plugins.plugin_utils._fleet._journal import opened_journal
from ansible_collections.cai.console.plugins.plugin_utils._fleet._model import (
    CHANGED,
    FAILED,
    TASK,
    Job,
    Outcome,
    Result,
    Unfit,
    check,
)
from ansible_collections.cai.console.plugins.plugin_utils._fleet._pace import SharedPace
from ansible_collections.cai.console.plugins.plugin_utils._fleet._places import Places
from ansible_collections.cai.console.plugins.plugin_utils._fleet._report import Report
from ansible_collections.cai.console.plugins.plugin_utils._fleet._watch import Watch, noted
from ansible_collections.cai.console.plugins.plugin_utils._fleet._wishes import Wishes

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._access import Stores
    from ansible_collections.cai.console.plugins.module_utils._targets import Target
    from ansible_collections.cai.console.plugins.module_utils._tasks import Params


@dataclasses.dataclass(frozen=True)
class Surroundings:
    """What the action plugin knows: ``batch`` are the hosts to work on, ``everyone`` those of the whole play,
    ``place`` tells this task of the playbook from others, ``folder`` is the run's private folder, ``console`` the
    values of the connection options that the task leaves out.
    """

    batch: t.Sequence[str]
    everyone: t.Sequence[str]
    place: str
    folder: str
    hostvars: t.Any
    templar: t.Any
    environ: t.Mapping[str, str]
    check_mode: bool
    diff: bool
    hidden: frozenset[str]
    console: t.Mapping[str, t.Any]
    say: t.Callable[[str], None]
    stores: Stores


def run(params: Params, around: Surroundings) -> Result:
    """Return the task's result. What fails before the first target is a failure of the task as a whole."""

    def work() -> Result:
        check(params)
        connection = Connection.from_params(params)
        find_binding(connection.binding)
        try:
            wishes = Wishes(
                around.hostvars,
                around.templar,
                around.environ,
                document=params["document"],
                common=params["common_document"],
                console=around.console,
            )
        except Unfit as unfit:
            raise ConsoleError(**remove_values(_words(unfit.error), unfit.hidden)) from None
        return Fleet(params, around, connection, wishes).run()

    return attempt(work, {})


class Fleet:
    """One run of the task."""

    def __init__(self, params: Params, around: Surroundings, connection: Connection, wishes: Wishes) -> None:
        self._params = params
        self._around = around
        self._connection = connection
        self._wishes = wishes
        self._hosts = list(dict.fromkeys(around.batch if params["targets"] is None else params["targets"]))
        self._tally = Tally(around.folder, around.place)
        total = len(around.everyone if params["targets"] is None else self._hosts)
        self._budget = Budget(params["max_failed"], total, self._tally.read())
        self._report = Report(self._hosts, around.say, params["progress_interval"])
        self._watch = Watch()

    def run(self) -> Result:
        """Work on every host and return the task's result."""
        before = self._budget.failed
        pace = SharedPace(self._params["requests_per_second"], self._watch.is_gone)
        with self._watch, noted() as note, opened_journal(self._params["journal"]) as journal:
            with opened(
                self._connection,
                check_mode=self._around.check_mode,
                environ=self._around.environ,
                stores=self._around.stores,
                pool=self._params["workers"],
                pace=pace,
            ) as access:

                def tell(outcome: Outcome | None) -> None:
                    if outcome:
                        self._take(outcome)
                        journal.note(outcome)
                    self._report.progress()

                self._work_through(access, tell)
            if self._watch.is_ending:
                note.write(f"fleet: the run is being ended. {self._report.summary()}\n")
        self._tally.add(self._budget.failed - before)
        return self._report.result(self._budget, diff=self._around.diff)

    def _work_through(self, access: Access, tell: t.Callable[[Outcome | None], None]) -> None:
        if not self._hosts:
            return
        if not access.connection.session_id:
            access.session.renew()
        places = Places(access)
        crew = Crew(
            self._params["workers"],
            lambda host: self._prepare(host, places, access),
            stops=self._stops,
            is_gone=self._watch.is_gone,
            tell=tell,
        )
        crew.work_through(self._hosts)

    def _stops(self) -> bool:
        return self._watch.is_ending or (self._budget.stops and not self._around.check_mode)

    def _take(self, outcome: Outcome) -> None:
        self._budget.failed += outcome.status == FAILED
        self._report.take(outcome)

    def _prepare(self, host: str, places: Places, access: Access) -> Work | Outcome:
        try:
            job = self._wishes.job(host)
        except Unfit as unfit:
            return self._refused(host, unfit.error, unfit.hidden)
        try:
            target = places.find(job)
            work = TASK.prepare({**job.params, "target": target.id})
        except ConsoleError as error:
            return self._refused(host, error, job.hidden)
        return lambda: self._work(job, target, lambda: work(access))

    def _work(self, job: Job, target: Target, work: t.Callable[[], Result]) -> Outcome:
        """Bring one target to its wishes; runs in a thread. An error of our own is this target's failure only."""

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
        result: Result = remove_values(outcome.result, hidden | self._around.hidden)
        return dataclasses.replace(outcome, result=result)


def _unexpected(error: Exception, target: str) -> ConsoleError:
    """Name the exception and where it was raised, not its text, which may hold anything."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    said = f"{type(error).__name__} in {os.path.basename(place.filename)}, line {place.lineno}."
    return ConsoleError("internal_error", said, stage="fleet", target=target)


def _words(error: ConsoleError) -> dict[str, t.Any]:
    return {"code": error.code, "message": error.message, "stage": error.stage}
