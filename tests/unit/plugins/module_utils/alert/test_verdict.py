# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each thing that keeps an alert from people has a verdict of its own."""

from __future__ import annotations

import pytest
from ansible_collections.cai.console.plugins.module_utils._alert._model import Alert, Evidence, Known, Process
from ansible_collections.cai.console.plugins.module_utils._alert._verdict import judge
from ansible_collections.cai.console.plugins.module_utils._errors import FAULTS

ON = {"enabled": True, "action": "send_email", "email": "operations@example.org", "service": None}
FAILED = {"msg": "It stops at auth.", "error": {"code": "smtp_auth_refused", "remedy": "Check the secret."}}
CAME = Alert("INBOX", 1830.0, "a fault", "alerts@example.org", "of 1002", None)


def process(state, persistence="FULL", name="Canary"):
    return Process("1002", name, state, None, persistence)


def evidence(state="SUSPENDED", **more):
    usual = {
        "canary": "Canary",
        "process": process(state, more.pop("persistence", "FULL")),
        "control": None,
        "alert": None,
        "known": Known(),
        "by_mail": True,
        "waited": 60.0,
        "mail": None,
    }
    return Evidence(**{**usual, **more})


@pytest.mark.parametrize(
    ("found", "word", "code"),
    [
        (evidence(alert=CAME), "alerted", None),
        (evidence("FAULTED", alert=CAME), "alerted", None),
        (evidence("FAULTED", persistence="FINAL"), "persistence", "alert_persistence_low"),
        (evidence("FAULTED", persistence="BRIEF", known=Known(False)), "persistence", "alert_persistence_low"),
        (evidence(process=None), "persistence", "alert_persistence_low"),
        (evidence("FAULTED", known=Known(False)), "property_off", "alert_property_off"),
        (evidence("FAULTED", known=Known(True)), "process_option", "alert_process_option"),
        (evidence("FAULTED", control=process("SUSPENDED")), "process_option", "alert_process_option"),
        (evidence("FAULTED", control=process("FAULTED")), "property_off", "alert_property_off"),
        (evidence("FAULTED", control=process("FAULTED", "FINAL")), "not_suspended", "alert_not_suspended"),
        (evidence("FAULTED", control=process("COMPLETED")), "not_suspended", "alert_not_suspended"),
        (evidence("FAULTED", persistence=None), "not_suspended", "alert_not_suspended"),
        (evidence(), "no_alert", "alert_not_sent"),
        (evidence(known=Known(True, {**ON, "enabled": False})), "no_alert", "alert_not_sent"),
        (evidence(known=Known(True, {**ON, "action": "custom_service"})), "no_alert", "alert_not_sent"),
        (evidence(by_mail=False, known=Known(True, ON)), "no_alert", "alert_not_sent"),
        (evidence(by_mail=False, mail=FAILED), "no_alert", "alert_not_sent"),
        (evidence(known=Known(True, ON), mail={"verdict": "mail leaves"}), "no_alert", "alert_not_sent"),
        (evidence(known=Known(True, ON), mail=FAILED), "no_mail", "alert_mail_lost"),
        (evidence(mail=FAILED), "no_mail", "alert_mail_lost"),
        (evidence("COMPLETED"), "no_fault", "canary_without_fault"),
        (evidence("RUNNING"), "no_fault", "canary_without_fault"),
    ],
)
def test_the_verdict_is_what_the_evidence_says(found, word, code):
    verdict = judge(found)
    assert (verdict.word, verdict.code) == (word, code)
    assert verdict.said.endswith(".") and "Canary" in verdict.said
    assert code is None or code in FAULTS


def test_what_is_wrong_with_the_mail_is_joined():
    verdict = judge(evidence(mail=FAILED))
    assert "It stops at auth." in verdict.said
    assert verdict.remedy == "Check the secret."


@pytest.mark.parametrize(("persistence", "low"), [("FULL", False), ("PERSIST", False), ("NONE", True), (None, False)])
def test_only_a_known_persistence_is_too_low(persistence, low):
    assert process("FAULTED", persistence).is_too_low is low
