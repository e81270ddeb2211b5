# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One probe, from its settings to its report. It runs every stage once and never signs in twice."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.cai.console.plugins.module_utils._smtp import _message
from ansible_collections.cai.console.plugins.module_utils._smtp._arrival import Watch
from ansible_collections.cai.console.plugins.module_utils._smtp._clock import Budget
from ansible_collections.cai.console.plugins.module_utils._smtp._mask import mask
from ansible_collections.cai.console.plugins.module_utils._smtp._model import Settings, StageFault
from ansible_collections.cai.console.plugins.module_utils._smtp._rows import Rows
from ansible_collections.cai.console.plugins.module_utils._smtp._second_look import look_again
from ansible_collections.cai.console.plugins.module_utils._smtp._stages import Exchange
from ansible_collections.cai.console.plugins.module_utils._smtp._tls import NotTls
from ansible_collections.cai.console.plugins.module_utils._smtp._verdict import NO_VERDICT, conclude, outcome

Report = t.Dict[str, t.Any]
# Where a probe ends that is to end after a stage that its security does not have.
_INSTEAD = {
    "ssl": {"starttls": "certificate", "ehlo_tls": "ehlo"},
    "none": {"starttls": "ehlo", "certificate": "ehlo", "ehlo_tls": "ehlo"},
    "tls": {},
}


def run_probe(settings: Settings) -> Report:
    """Probe a mail server. Blocks for at most the budget, and then for the time that the arrival may take."""
    return _Run(settings).report()


def blank_report(rows: Rows | None = None) -> Report:
    """Return the report of a probe that did not run, or one that ``rows`` go into."""
    rows = rows or Rows()
    return {
        "stages": rows.stages,
        "findings": rows.findings,
        **NO_VERDICT,
        "outcome": "not_sent",
        "detail": None,
        "addresses": {},
        "tls": None,
        "capabilities": None,
        "capabilities_tls": None,
        "mechanism": None,
        "auth_challenge": None,
        "arrival": None,
        "round_trips": 0,
        "probe_id": None,
        "mailbox_refused": False,
    }


def _is_worth_a_look(fault: StageFault) -> bool:
    """Whether a second connection can show what was refused: there must be TLS, and an answer."""
    return fault.error_code in ("smtp_certificate_refused", "smtp_tls_failed") and not isinstance(fault, NotTls)


class _Run:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._rows = Rows()
        self._budget = Budget(settings)
        self._probe = _message.new_id()
        self._exchange = Exchange(settings, self._budget, self._rows, self._probe)
        self._watch: Watch | None = None
        self._reached = ""

    def report(self) -> Report:
        settings, fault = self._settings, None
        self._rows.skip_needless(settings.security)
        try:
            self._talk()
            self._arrive()
        except StageFault as error:
            fault = error
        finally:
            self._exchange.close()
            if self._watch is not None:
                self._watch.close()
        if fault is not None and self._exchange.handshake_failed and _is_worth_a_look(fault):
            self._look_again()
        return t.cast(Report, mask(self._filled(fault), [settings.secret, *self._arrival_secrets()]))

    def _talk(self) -> None:
        wanted = self._settings.stop_after
        last = _INSTEAD[self._settings.security].get(wanted, wanted)
        for stage, step in self._exchange.steps():
            if stage == "mail":
                self._prepare_arrival()
            self._budget.enter(stage)
            try:
                with self._rows.timing(stage):
                    step()
            except StageFault as fault:
                if fault.error_code == "smtp_outcome_unknown" and self._watch is not None:
                    self._settle_unknown(fault)
                    return
                raise
            self._reached = stage
            if stage == last:
                return

    def _prepare_arrival(self) -> None:
        """Open the mailbox before anything is sent: a mailbox that cannot be read must not get the message."""
        if self._settings.arrival is None or self._settings.stop_after != "delivered":
            return
        with self._rows.timing("delivered"):
            self._watch = Watch(self._settings.arrival, self._probe)
            self._watch.open()
        self._rows.stages["delivered"].update(status="not_run", ms=None)

    def _settle_unknown(self, fault: StageFault) -> None:
        """The answer to the message was lost; the mailbox can still tell. Without a sign there it stays unknown."""
        self._exchange.close()
        watch = t.cast(Watch, self._watch)
        watch.begin(reports=False)
        # A mailbox that cannot be read now says nothing either.
        with contextlib.suppress(StageFault):
            watch.look()
        if watch.facts["seen"]:
            self._rows.find("queued", "outcome_from_mailbox", "The server's answer was lost, but the message is there.")
            self._rows.stages["queued"]["status"] = "warning"
            self._reached = "queued"
            return
        raise fault

    def _arrive(self) -> None:
        if self._watch is None:
            return
        self._exchange.close()
        with self._rows.timing("delivered"):
            self._watch.begin(reports=bool(self._exchange.facts.get("reports_asked")))
            said, findings = self._watch.wait()
        self._rows.note("delivered", said)
        for name, detail in findings:
            self._rows.find("delivered", name, detail)
        self._reached = "delivered"

    def _look_again(self) -> None:
        """The handshake failed, so there is no certificate to show: connect once more, take any, and send nothing."""
        if self._budget.remains() > 0:
            self._exchange.facts["tls"] = look_again(self._settings, self._exchange.winner, self._budget)

    def _filled(self, fault: StageFault | None) -> Report:
        facts = dict(self._exchange.facts)
        facts.pop("reports_asked", None)
        verdict = conclude(fault) if fault is not None else NO_VERDICT
        if fault is not None:
            self._rows.stages[str(fault.stage)]["remedy"] = verdict["remedy"]
        return {
            **blank_report(self._rows),
            **facts,
            **verdict,
            "outcome": outcome(fault, self._reached),
            "detail": fault.detail if fault is not None else None,
            "arrival": self._watch.facts if self._watch is not None else None,
            "round_trips": self._exchange.trips,
            "probe_id": self._probe,
            "mailbox_refused": fault is not None and fault.refused_sign_in,
        }

    def _arrival_secrets(self) -> list[str | None]:
        imap = self._settings.arrival.imap if self._settings.arrival else None
        return [imap.password, imap.token] if imap else []
