# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The task of ``alert_test``: a canary faults, its alert is waited for, and only what was started here is ended."""

from __future__ import annotations

import typing as t

from ansible_collections.cai.console.plugins.module_utils._access import require_target
from ansible_collections.cai.console.plugins.module_utils._alert import _spec
from ansible_collections.cai.console.plugins.module_utils._alert._canary import SETTLE_SECONDS, Canary
from ansible_collections.cai.console.plugins.module_utils._alert._known import joined, read_known, test_mail
from ansible_collections.cai.console.plugins.module_utils._alert._model import FAULTED, SUSPENDED, Evidence, Known
from ansible_collections.cai.console.plugins.module_utils._alert._server import ProcessServer
from ansible_collections.cai.console.plugins.module_utils._alert._verdict import judge
from ansible_collections.cai.console.plugins.module_utils._binding import find_binding
from ansible_collections.cai.console.plugins.module_utils._connection import CONNECTION_SPEC
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._smtp._mask import mask
from ansible_collections.cai.console.plugins.module_utils._tasks import TARGET_SPEC, Task

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._access import Access
    from ansible_collections.cai.console.plugins.module_utils._alert._model import Alert, Process
    from ansible_collections.cai.console.plugins.module_utils._alert._watch import AlertWatch
    from ansible_collections.cai.console.plugins.module_utils._smtp._ledger import ProbeLedger
    from ansible_collections.cai.console.plugins.module_utils._tasks import Params, Result, Work


def alert_testing(ledger: ProbeLedger | None = None) -> Task:
    """Return the task; ``ledger``: what the run knows of mailboxes, see ``smtp_testing``."""

    def prepare(params: Params) -> Work:
        require_target(params["target"])
        _spec.check(params)
        return lambda access: _Proof(params, access, ledger).result()

    return Task({**CONNECTION_SPEC, **TARGET_SPEC, **_spec.ALERT_SPEC}, prepare, needs_binding=False)


class _Proof:
    """One target's proof."""

    def __init__(self, params: Params, access: Access, ledger: ProbeLedger | None) -> None:
        self._params = params
        self._access = access
        self._ledger = ledger
        self._binding = find_binding(access.connection.binding) if access.connection.binding else None
        self._target = access.target(params["target"])
        self._server = ProcessServer(access, self._target, self._binding)
        self._started: list[Process] = []
        self._report: Result = {"changed": False, "checked": not access.check_mode, "target": self._target.as_name()}

    def result(self) -> Result:
        """Return what was proven, or raise what keeps alerts from people, with the whole result in its details."""
        known = read_known(self._access, self._target, self._binding)
        self._report["known"] = {"suspend_on_uncaught_fault": known.suspends, "alert_service": known.alert_service}
        if self._access.check_mode:
            return self._predicted()
        try:
            evidence = self._gather(known)
        except ConsoleError as error:
            said = self._end()
            error.message += said
            error.details = self._masked({**self._report, **error.details})
            raise
        return self._concluded(evidence)

    def _predicted(self) -> Result:
        params = self._params
        run, look, end = self._server.plan(params["process"])
        would = [
            f"Remember what is there already: {_spec.described(params)}.",
            f"{run}, which sets off the alert of {self._target.name}.",
            f"{look}, until the process is suspended or faulted, for up to {SETTLE_SECONDS:g} s.",
            f"Wait up to {params['arrival']['wait']:g} s for the alert: {_spec.described(params)}.",
        ]
        if params["control_process"]:
            would.append(f"Run {params['control_process']} too, but only if {params['process']} is not suspended.")
        ends = f"{end}, for the process that was started only; this address is observed, not documented."
        would.append(ends if params["end_process"] else "Leave the process as it is, and print its id.")
        return {**self._report, "would": would, "verdict": None, "summary": None}

    def _gather(self, known: Known) -> Evidence:
        canary = self._canary(self._params["process"], self._params["listed_as"])
        canary.prepare()
        watch = _spec.watch(self._params, self._access.connection)
        try:
            watch.open()
            process = self._run(canary)
            alert = self._await(watch, canary, process)
            self._report.update(process=process.as_dict() if process else None, alert=self._told(alert, watch))
        finally:
            watch.close()
        control = self._run_control(known, process) if alert is None else None
        self._report["control"] = control.as_dict() if control else None
        mail = self._test_mail(known, watch, process) if alert is None else None
        self._report["smtp_test"] = joined(mail)
        return Evidence(canary.name, process, control, alert, known, watch.by_mail, watch.wait, mail)

    def _canary(self, name: str, listed_as: str | None) -> Canary:
        return Canary(self._server, name, listed_as, self._params["process_id_at"], self._params["arrival"]["poll"])

    def _run(self, canary: Canary) -> Process | None:
        canary.run(self._params["process_input"])
        process = canary.find()
        if process is not None:
            self._started.append(process)
        return process

    def _await(self, watch: AlertWatch, canary: Canary, process: Process | None) -> Alert | None:
        """Wait for the alert, wherever a fault can have one: the vendor's page names faulting processes too."""
        if process is None or process.state not in (SUSPENDED, FAULTED):
            return None
        return watch.look(process.id if self._params["match"] == "process_id" else process.name, canary.began)

    def _run_control(self, known: Known, process: Process | None) -> Process | None:
        """Run the second process, where it can tell something that is not known yet."""
        name = self._params["control_process"]
        open_question = process is not None and process.state == FAULTED and not process.is_too_low
        if not name or not open_question or known.suspends is not None:
            return None
        return self._run(self._canary(name, None))

    def _test_mail(self, known: Known, watch: AlertWatch, process: Process | None) -> t.Mapping[str, t.Any] | None:
        if not watch.by_mail or process is None or process.state != SUSPENDED:
            return None
        if self._params["smtp_test"] is not None:
            return t.cast("t.Mapping[str, t.Any]", self._params["smtp_test"])
        service = known.alert_service or {}
        if not service.get("enabled") or service.get("action") != "send_email":
            return None
        return test_mail(self._access, self._params, known, self._ledger)

    def _told(self, alert: Alert | None, watch: AlertWatch) -> Result:
        blank = dict.fromkeys(("place", "latency_ms", "subject", "sender", "text", "details"))
        return {"seen": alert is not None, **(alert._asdict() if alert else blank), "others": watch.others}

    def _end(self) -> str:
        """End what was started here and is still open; return what is left to do, as the rest of a message."""
        left, refusal = [], None
        for process in self._started:
            if not process.is_open:
                continue
            try:
                if self._params["end_process"]:
                    self._server.end(process.id)
                else:
                    left.append(process.id)
            except ConsoleError as error:
                left.append(process.id)
                refusal = error.message
        ended = [process.id for process in self._started if process.is_open and process.id not in left]
        self._report.update(ended=ended, to_end=left, end_refusal=refusal, changed=bool(left))
        if not left:
            return ""
        why = f" ({refusal})" if refusal else ""
        return f" Still open, and to be ended in the console: {', '.join(left)}{why}."

    def _concluded(self, evidence: Evidence) -> Result:
        left = self._end()
        verdict = judge(evidence)
        report = self._masked({**self._report, "verdict": verdict.word, "summary": verdict.said + left})
        if verdict.code is None:
            return {**report, "warnings": [left.strip()] if left else []}
        raise ConsoleError(
            verdict.code,
            str(report["summary"]),
            stage="alert",
            target=self._target.name,
            remedy=verdict.remedy,
            details=report,
        )

    def _masked(self, report: Result) -> Result:
        return t.cast("Result", mask(report, _spec.secrets(self._params)))
