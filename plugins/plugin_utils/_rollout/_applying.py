# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps ``apply`` and ``catch_up``: look at what is left, then the canary, the wait, and wave after wave."""

from __future__ import annotations

import typing as t

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.plugin_utils._fleet._model import DOWN
from ansible_collections.cai.console.plugins.plugin_utils._fleet._model import FAILED as TARGET_FAILED
from ansible_collections.cai.console.plugins.plugin_utils._fleet._model import NOT_BEGUN as TARGET_NOT_BEGUN
from ansible_collections.cai.console.plugins.plugin_utils._rollout import _ledger
from ansible_collections.cai.console.plugins.plugin_utils._rollout._ground import look
from ansible_collections.cai.console.plugins.plugin_utils._rollout._model import (
    CATCH_UP,
    CHANGED,
    CHANGED_SINCE,
    FAILED,
    GO_ON,
    NOT_BEGUN,
    NOT_FINISHED,
    PENDING,
    ROLL_BACK,
    UNCHANGED,
)
from ansible_collections.cai.console.plugins.plugin_utils._rollout._plan_file import changes_of, digest_of_wishes
from ansible_collections.cai.console.plugins.plugin_utils._rollout._standing import LEFT, OVER, TO_TEST, WAITING, stand
from ansible_collections.cai.console.plugins.plugin_utils._rollout._wave_run import WaveRun
from ansible_collections.cai.console.plugins.plugin_utils._rollout._waves import CANARY, Wave, cut, with_canary

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._converge import Change
    from ansible_collections.cai.console.plugins.module_utils._targets import Target
    from ansible_collections.cai.console.plugins.module_utils._tasks import Work
    from ansible_collections.cai.console.plugins.plugin_utils._fleet._budget import Budget
    from ansible_collections.cai.console.plugins.plugin_utils._fleet._model import Job, Outcome
    from ansible_collections.cai.console.plugins.plugin_utils._rollout._gate import Gate
    from ansible_collections.cai.console.plugins.plugin_utils._rollout._ground import Ground
    from ansible_collections.cai.console.plugins.plugin_utils._rollout._ledger import History, Ledger
    from ansible_collections.cai.console.plugins.plugin_utils._rollout._model import Row
    from ansible_collections.cai.console.plugins.plugin_utils._rollout._plan_file import Plan


class Applying:
    """One run of ``apply`` or ``catch_up`` over the hosts of the play. ``stopped_at``: the wave after which nothing
    more was begun. ``finished_before``: how many targets earlier runs have finished.
    """

    def __init__(
        self,
        ground: Ground,
        hosts: t.Sequence[str],
        plan: Plan,
        history: History,
        ledger: Ledger,
        gate: Gate,
        budget: Budget,
    ) -> None:
        self._ground = ground
        self._hosts = hosts
        self._planned = plan.by_host()
        self._history = history
        self._ledger = ledger
        self._gate = gate
        self._budget = budget
        self._standings = {host: stand(host, self._planned.get(host), history.records.get(host)) for host in hosts}
        self._catching_up = ground.params["step"] == CATCH_UP
        self._runner = WaveRun(ground, self._standings, ledger, gate, budget)
        self._to_write: set[str] = set()
        self._to_test: set[str] = set()
        self.finished_before = sum(
            standing.todo == OVER and standing.record is not None for standing in self._standings.values()
        )
        self.stopped_at: str | None = None

    @property
    def rows(self) -> list[Row]:
        """What is known of every host, in their order."""
        return [self._standings[host].row for host in self._hosts]

    @property
    def warnings(self) -> list[str]:
        """What a person should know beside the targets."""
        return [*self._history.warnings, *self._runner.warnings]

    @property
    def changed(self) -> bool:
        """Whether this run wrote anything; in check mode, whether it would."""
        return bool(self._to_write) if self._ground.around.check_mode else self._runner.has_written

    def run(self) -> None:
        """Do it."""
        self._survey()
        if self._ground.around.check_mode:
            for host in self._to_write:
                self._standings[host].row.become(CHANGED)
            return
        waves = self._waves()
        for number, wave in enumerate(waves):
            if not self._work_on(wave) or not self._soak(wave, waves[number + 1 :]):
                break
        self._ledger.note(_ledger.ENDED, stopped_at=self.stopped_at)

    def _survey(self) -> None:
        """Settle what has to wait, and find what is left to write and to test."""
        for host in self._hosts:
            standing = self._standings[host]
            if standing.todo == WAITING and standing.record is None:
                self._runner.settle(host, PENDING, code=standing.row.code, message=standing.row.message)
        wanted = WAITING if self._catching_up else LEFT
        left = [host for host in self._hosts if self._standings[host].todo == wanted]
        for host in left:
            self._standings[host].row.become(NOT_BEGUN)
        self._to_test = {host for host in self._hosts if self._standings[host].todo == TO_TEST}
        self._look(left)

    def _waves(self) -> list[Wave]:
        """The waves are cut over what the plan changes, whatever is finished, so that their names stay the same."""
        params, standings = self._ground.params, self._standings
        if self._catching_up:
            return [Wave(CATCH_UP, tuple(host for host in self._hosts if host in self._to_write | self._to_test))]
        active = [host for host in self._hosts if host in self._planned and self._planned[host].status == "change"]
        late = [host for host in self._hosts if host not in active and standings[host].todo == TO_TEST]
        waves = cut(active, params["canary"], params["canary_hosts"], params["waves"])
        proven = any(row.wave == CANARY and row.status == CHANGED for row in self.rows)
        if not proven:
            waves = with_canary(waves, self._to_write | self._to_test)
        return [*waves, Wave(CATCH_UP, tuple(late))] if late else waves

    def _look(self, hosts: t.Sequence[str]) -> None:
        """Look at the hosts before the first write, and tell those to be written from those that cannot be."""
        state_dir, key = self._ground.params["state_dir"], self._ground.params["fingerprint_key"]

        def make(job: Job, target: Target) -> Work:
            planned = self._planned.get(job.host)
            if planned and planned.wishes_digest and planned.wishes_digest != digest_of_wishes(job, state_dir, key):
                raise ConsoleError(CHANGED_SINCE, "Its wishes were changed since the plan was made.", stage="plan")

            def guard(digest: str, changes: t.Sequence[Change]) -> None:
                self._runner.refuse_changed(job.host, digest, changes)
                self._runner.guard(job, changes)

            return look(job, target, guard)

        self._ground.work_through(hosts, make, self._take_look)

    def _take_look(self, outcome: Outcome) -> None:
        standing = self._standings[outcome.host]
        if outcome.status == TARGET_NOT_BEGUN:
            return
        if outcome.status in (TARGET_FAILED, DOWN):
            self._runner.settle_failure(outcome)
            return
        standing.row.target = outcome.result["target"]
        if outcome.result["changed"]:
            standing.row.changes = changes_of(outcome.result["diff"])
            self._to_write.add(outcome.host)
        elif standing.record and standing.record.touched:
            # The write of an earlier run had come to its end, but not the test, or that was not passed.
            self._to_test.add(outcome.host)
            self._runner.settle(outcome.host, NOT_FINISHED)
        else:
            self._runner.settle(outcome.host, UNCHANGED)

    def _work_on(self, wave: Wave) -> bool:
        """Write and test a wave; return whether the next may begin."""
        ground = self._ground
        due = [host for host in wave.hosts if host in self._to_write]
        tested = [host for host in wave.hosts if host in self._to_test]
        if due and not self._stops(wave):
            ground.say(f"{wave.name}: {len(due)} targets")
            self._runner.write(wave, due)
        if not ground.watch.is_ending:
            self._runner.test(wave, [*tested, *due])
        if ground.watch.is_ending:
            self.stopped_at = wave.name
            return False
        if due or tested:
            done = sum(self._standings[host].row.status == CHANGED for host in due)
            ground.say(f"{wave.name}: {done} of {len(due)} changed, {len(self._failed(wave))} failed")
        if not self._stops(wave):
            return True
        self.stopped_at = wave.name
        if ground.params["on_failure"] == ROLL_BACK:
            self._runner.go_back(wave)
        return False

    def _failed(self, wave: Wave) -> list[str]:
        return [host for host in wave.hosts if self._standings[host].row.status == FAILED]

    def _stops(self, wave: Wave) -> bool:
        """A canary that fails stops the rollout, however many may fail."""
        if self._ground.params["on_failure"] == GO_ON:
            return False
        return self._budget.stops or (wave.name == CANARY and bool(self._failed(wave)))

    def _soak(self, wave: Wave, later: t.Sequence[Wave]) -> bool:
        """Wait after the canary, if something is to follow; return whether it may."""
        seconds = self._ground.params["soak"]
        follows = any(host in self._to_write for other in later for host in other.hosts)
        if wave.name == CANARY and follows and not self._history.soaked:
            if seconds:
                self._ground.say(f"waiting {seconds:g} s after the canary")
                self._ground.wait(seconds)
            if not self._ground.watch.is_ending:
                self._ledger.note(_ledger.SOAKED)
        if self._ground.watch.is_ending:
            self.stopped_at = wave.name
        return not self._ground.watch.is_ending
