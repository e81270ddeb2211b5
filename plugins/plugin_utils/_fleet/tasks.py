# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The task: ``execution_target`` for many targets, by threads that share one session and its connections."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible.module_utils.common.parameters import remove_values
from ansible_collections.cai.console.plugins.module_utils._access import Access, opened
from ansible_collections.cai.console.plugins.module_utils._binding import find_binding
from ansible_collections.cai.console.plugins.module_utils._connection import Connection
from ansible_collections.cai.console.plugins.module_utils._edge import attempt
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.plugin_utils._fleet._budget import Budget, Tally
from ansible_collections.cai.console.plugins.plugin_utils._fleet._crew import Crew
from ansible_collections.cai.console.plugins.plugin_utils._fleet._journal import opened_journal
from ansible_collections.cai.console.plugins.plugin_utils._fleet._model import (
    FAILED,
    Outcome,
    Result,
    Unfit,
    check,
)
from ansible_collections.cai.console.plugins.plugin_utils._fleet._pace import SharedPace
from ansible_collections.cai.console.plugins.plugin_utils._fleet._places import Places
from ansible_collections.cai.console.plugins.plugin_utils._fleet._preparing import Make, Preparing, converge
from ansible_collections.cai.console.plugins.plugin_utils._fleet._report import Report
from ansible_collections.cai.console.plugins.plugin_utils._fleet._watch import Watch, noted
from ansible_collections.cai.console.plugins.plugin_utils._fleet._wishes import Wishes

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._access import Stores
    from ansible_collections.cai.console.plugins.module_utils._tasks import Params


@dataclasses.dataclass(frozen=True)
class Surroundings:
    """What the action plugin knows: ``batch`` are the hosts to work on, ``everyone`` those of the whole play,
    ``active`` those of them that have not failed, ``groups`` the inventory's, ``place`` tells this task of the
    playbook from others, ``folder`` is the run's private folder, ``console`` the values of the connection options that
    the task leaves out.
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
    active: t.Sequence[str] = ()
    groups: t.Mapping[str, t.Sequence[str]] = dataclasses.field(default_factory=dict)


def run(params: Params, around: Surroundings, make: Make = converge) -> Result:
    """Return the task's result. What fails before the first target is a failure of the task as a whole.

    ``make`` returns what is done at a target.
    """

    def work() -> Result:
        check(params)
        connection = Connection.from_params(params)
        find_binding(connection.binding)
        try:
            wishes = read_wishes(params, around)
        except Unfit as unfit:
            raise ConsoleError(**remove_values(_words(unfit.error), unfit.hidden)) from None
        return Fleet(params, around, connection, wishes, make).run()

    return attempt(work, {})


def read_wishes(params: Params, around: Surroundings) -> Wishes:
    """Return where the targets' wishes are read; Unfit where those that are for all are wrong."""
    return Wishes(
        around.hostvars,
        around.templar,
        around.environ,
        document=params["document"],
        common=params["common_document"],
        console=around.console,
    )


class Fleet:
    """One run of the task."""

    def __init__(
        self, params: Params, around: Surroundings, connection: Connection, wishes: Wishes, make: Make
    ) -> None:
        self._params = params
        self._around = around
        self._connection = connection
        self._wishes = wishes
        self._make = make
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
        crew = Crew(
            self._params["workers"],
            Preparing(self._wishes, Places(access), access, self._around.hidden, self._make),
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


def _words(error: ConsoleError) -> dict[str, t.Any]:
    return {"code": error.code, "message": error.message, "stage": error.stage}
