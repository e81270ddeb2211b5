# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One wave: write its targets, let the gate test them, and give them back what they had if that is asked for."""

from __future__ import annotations

import typing as t

from ansible.module_utils.common.parameters import remove_values
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.plugin_utils._fleet._model import DOWN
from ansible_collections.cai.console.plugins.plugin_utils._fleet._model import FAILED as TARGET_FAILED
from ansible_collections.cai.console.plugins.plugin_utils._fleet._model import NOT_BEGUN as TARGET_NOT_BEGUN
from ansible_collections.cai.console.plugins.plugin_utils._rollout import _ledger
from ansible_collections.cai.console.plugins.plugin_utils._rollout._gate import mail_of
from ansible_collections.cai.console.plugins.plugin_utils._rollout._ground import look
from ansible_collections.cai.console.plugins.plugin_utils._rollout._model import (
    CHANGED,
    CHANGED_SINCE,
    FAILED,
    GO_ON,
    NOT_FINISHED,
    NOT_OWNER,
    PENDING,
    REFUSED,
    ROLL_BACK,
    ROLLED_BACK,
    SHARED,
    UNCHANGED,
)
from ansible_collections.cai.console.plugins.plugin_utils._rollout._plan_file import changes_of
from ansible_collections.cai.console.plugins.plugin_utils._rollout._standing import OVER
from ansible_collections.cai.console.plugins.plugin_utils._rollout._undo import (
    Undo,
    is_whole,
    require_way_back,
    roll_back,
    secrets_left,
    undo_of,
)

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._access import Access
    from ansible_collections.cai.console.plugins.module_utils._converge import Change
    from ansible_collections.cai.console.plugins.module_utils._targets import Target
    from ansible_collections.cai.console.plugins.module_utils._tasks import Result, Work
    from ansible_collections.cai.console.plugins.plugin_utils._fleet._budget import Budget
    from ansible_collections.cai.console.plugins.plugin_utils._fleet._model import Job, Outcome
    from ansible_collections.cai.console.plugins.plugin_utils._rollout._gate import Gate
    from ansible_collections.cai.console.plugins.plugin_utils._rollout._ground import Ground
    from ansible_collections.cai.console.plugins.plugin_utils._rollout._ledger import Ledger
    from ansible_collections.cai.console.plugins.plugin_utils._rollout._standing import Standing
    from ansible_collections.cai.console.plugins.plugin_utils._rollout._waves import Wave


class WaveRun:
    """Works on the waves of one run. ``standings``: of every host of the run; their rows take on what comes of them."""

    def __init__(
        self, ground: Ground, standings: t.Mapping[str, Standing], ledger: Ledger, gate: Gate, budget: Budget
    ) -> None:
        self._ground = ground
        self._standings = standings
        self._ledger = ledger
        self._gate = gate
        self._budget = budget
        begun = {
            host: standing.record
            for host, standing in standings.items()
            if standing.todo != OVER and standing.record and standing.record.touched
        }
        self._touched = set(begun)
        self._undo: dict[str, Undo] = {host: record.undo for host, record in begun.items() if is_whole(record.undo)}
        self.has_written = False
        self._concerned: set[str] = set()
        self.warnings: list[str] = []

    def write(self, wave: Wave, hosts: t.Sequence[str]) -> None:
        """Bring the hosts to their wishes. What the gate will test is not finished yet."""
        for host in hosts:
            self._standings[host].row.wave = wave.name

        def make(job: Job, target: Target) -> Work:
            return self._write_work(job, target, wave.name)

        self._ground.work_through(hosts, make, self._take_written, self._stops)
        self._ledger.secure()

    def test(self, wave: Wave, hosts: t.Sequence[str]) -> None:
        """Let the gate test those of the hosts that were written and are not finished."""
        rows = {host: self._standings[host].row for host in hosts}
        due = [host for host, row in rows.items() if row.status == NOT_FINISHED]
        if not self._gate.is_set:
            for host in due:
                self.settle(host, CHANGED)
            return

        def make(job: Job, target: Target) -> Work:
            self._concerned.discard(job.host)
            if self._gate.concerns(job):
                self._concerned.add(job.host)
                return self._with_digest(job, target, self._gate.work(job, target))
            return lambda access: {"changed": False}

        self._ground.work_through(due, make, self._take_tested)
        self._ledger.secure()

    def go_back(self, wave: Wave) -> None:
        """Give the hosts of the wave that were touched what they had before it."""
        touched = [host for host in wave.hosts if host in self._touched]
        hosts = [host for host in touched if host in self._undo]
        lost = [host for host in touched if host not in self._undo]
        if lost:
            self.warnings.append(f"Not rolled back, since what they had before is not known: {', '.join(lost)}.")
        self._ground.say(f"{wave.name}: rolling back {len(hosts)} targets")

        def make(job: Job, target: Target) -> Work:
            def there(access: Access) -> Result:
                result = roll_back(self._undo[job.host], job.params, access, target.id)
                return {**result, "left_digest": _digest_now(job, target, access)}

            return there

        self._ground.work_through(hosts, make, self._take_back)
        self._ledger.secure()

    def settle(self, host: str, status: str, **facts: t.Any) -> None:
        """Let a target have this status, and note it."""
        row = self._standings[host].row
        row.become(status, facts.pop("code", None), facts.pop("message", None))
        if status == FAILED:
            self._budget.failed += 1
            self._ground.say(f"failed: {host}: {row.message}")
        self._ledger.note(
            _ledger.WRITTEN if status == NOT_FINISHED else status,
            host,
            wave=row.wave,
            target=row.target,
            code=row.code,
            message=row.message,
            mail=row.mail,
            **facts,
        )

    def settle_failure(self, outcome: Outcome) -> None:
        """Let a target have the status of a failure, which need not be one of its own."""
        code = (outcome.result.get("error") or {}).get("code")
        known = {CHANGED_SINCE: REFUSED, NOT_OWNER: SHARED}
        status = PENDING if outcome.status == DOWN else known.get(code or "", FAILED)
        left = {"left_digest": outcome.result["left_digest"]} if "left_digest" in outcome.result else {}
        self.settle(outcome.host, status, code=code, message=outcome.result.get("msg"), **left)

    def guard(self, job: Job, changes: t.Sequence[Change]) -> None:
        """Refuse, before anything is written, what could not be rolled back as the options ask."""
        if self._ground.params["on_failure"] == ROLL_BACK:
            require_way_back(changes, job.params)

    def refuse_changed(self, host: str, digest: str, changes: t.Sequence[Change]) -> None:
        """Refuse a target that would be changed, and is not as it was when it was planned."""
        expected = self._standings[host].expected
        if expected and digest != expected and any(change.plan.changed for change in changes):
            raise ConsoleError(CHANGED_SINCE, "It was changed since the plan was made.", stage="plan")

    def _stops(self) -> bool:
        return self._ground.params["on_failure"] != GO_ON and self._budget.stops

    def _write_work(self, job: Job, target: Target, wave: str) -> Work:
        def guard(digest: str, changes: t.Sequence[Change]) -> None:
            self.refuse_changed(job.host, digest, changes)
            self.guard(job, changes)
            if any(change.plan.changed for change in changes):
                self._begin(job, wave, undo_of(changes))

        return self._with_digest(job, target, job.work_at(target.id, guard))

    def _with_digest(self, job: Job, target: Target, work: Work) -> Work:
        """Return work whose failure says what is stored then, if this rollout has written there."""

        def there(access: Access) -> Result:
            try:
                return work(access)
            except ConsoleError as error:
                if job.host in self._touched:
                    error.details = {**error.details, "left_digest": _digest_now(job, target, access)}
                raise

        return there

    def _begin(self, job: Job, wave: str, undo: Undo) -> None:
        """Note it before the first byte is written; what a killed run leaves behind is then known as its own work."""
        self._undo.setdefault(job.host, undo)
        self._touched.add(job.host)
        self.has_written = True
        row = self._standings[job.host].row
        hidden = job.hidden | self._ground.around.hidden
        self._ledger.note(_ledger.BEGUN, job.host, wave=wave, target=row.target, undo=remove_values(undo, hidden))

    def _take_written(self, outcome: Outcome) -> None:
        row = self._standings[outcome.host].row
        row.target = outcome.result["target"] if isinstance(outcome.result.get("target"), dict) else row.target
        if outcome.status == TARGET_NOT_BEGUN:
            return
        if outcome.status in (TARGET_FAILED, DOWN):
            self.settle_failure(outcome)
            return
        if outcome.result.get("diff"):
            row.changes = changes_of(outcome.result["diff"])
        done = NOT_FINISHED if self._gate.is_set else CHANGED
        self.settle(outcome.host, done if outcome.host in self._touched else UNCHANGED)

    def _take_tested(self, outcome: Outcome) -> None:
        if outcome.status == TARGET_NOT_BEGUN:
            return
        row = self._standings[outcome.host].row
        if outcome.host in self._concerned:
            row.mail = mail_of(outcome.result)
        if outcome.status in (TARGET_FAILED, DOWN):
            code = (outcome.result.get("error") or {}).get("code")
            said = f"The gate: {outcome.result.get('msg')}"
            self.settle(outcome.host, FAILED, code=code, message=said, left_digest=outcome.result.get("left_digest"))
        else:
            self.settle(outcome.host, CHANGED)

    def _take_back(self, outcome: Outcome) -> None:
        row = self._standings[outcome.host].row
        why = row.message or "Its wave was rolled back."
        if outcome.status == TARGET_NOT_BEGUN:
            return
        if outcome.status in (TARGET_FAILED, DOWN):
            said = f"{why} It could not be rolled back: {outcome.result.get('msg')}"
            self._budget.failed -= row.status == FAILED
            self.settle(outcome.host, FAILED, code=(outcome.result.get("error") or {}).get("code"), message=said)
            return
        left = secrets_left(self._undo[outcome.host])
        if left:
            self.warnings.append(f"{outcome.host}: what had no secret before keeps one: {', '.join(left)}.")
        self.settle(
            outcome.host, ROLLED_BACK, code=row.code, message=why, left_digest=outcome.result.get("left_digest")
        )


def _digest_now(job: Job, target: Target, access: Access) -> str | None:
    """Return the digest of what is stored now, None where nobody can tell."""
    try:
        return str(look(job, target)(access)["before_digest"])
    except ConsoleError:
        return None
