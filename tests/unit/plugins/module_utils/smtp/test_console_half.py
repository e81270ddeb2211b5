# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a console says of its test, told as stages: no more than it says."""

from __future__ import annotations

import pytest
from ansible_collections.cai.console.plugins.module_utils._console import TestOutcome as Outcome
from ansible_collections.cai.console.plugins.module_utils._smtp._console_half import told
from ansible_collections.cai.console.plugins.module_utils._smtp._model import STAGES

SIGNED_IN = {"security": "tls", "authentication": "password"}


def statuses(report, *which):
    return {stage: row["status"] for stage, row in report["stages"].items() if row["status"] in which}


def test_the_stages_before_the_failed_one_have_passed():
    report = told(Outcome(False, "auth", 535, "535 5.7.8 no"), SIGNED_IN)
    assert list(statuses(report, "passed")) == list(STAGES[: STAGES.index("auth")])
    assert statuses(report, "failed") == {"auth": "failed"}
    assert set(statuses(report, "not_run")) == {"mail", "rcpt", "data", "queued", "delivered"}
    assert (report["code"], report["enhanced_code"], report["error_code"]) == (535, "5.7.8", "smtp_auth_refused")


def test_with_tls_from_the_first_byte_a_bad_certificate_comes_before_the_banner():
    report = told(Outcome(False, "certificate", None, "expired"), {**SIGNED_IN, "security": "ssl"})
    assert set(statuses(report, "passed")) == {"dns", "connect"}
    assert set(statuses(report, "not_needed")) == {"starttls", "ehlo_tls"}
    report = told(Outcome(False, "banner", 421, "421 busy"), {**SIGNED_IN, "security": "ssl"})
    assert set(statuses(report, "passed")) == {"dns", "connect", "certificate"}


def test_what_the_settings_do_not_need_has_not_passed():
    report = told(Outcome(True, None, 250, "250 ok"), {"security": "none", "authentication": "none"})
    needless = {"starttls", "certificate", "ehlo_tls", "auth_offer", "auth"}
    assert set(statuses(report, "not_needed")) == needless
    assert set(statuses(report, "passed")) == set(STAGES) - needless - {"delivered"}
    assert report["outcome"] == "accepted"


def test_a_message_that_was_sent_and_not_answered_is_unknown():
    report = told(Outcome(False, "queued", None, "Connection unexpectedly closed"), SIGNED_IN)
    assert (report["error_code"], report["outcome"], report["retryable"]) == ("smtp_outcome_unknown", "unknown", False)
    assert (report["failed_stage"], report["stages"]["queued"]["status"]) == ("queued", "unknown")
    refused = told(Outcome(False, "queued", 552, "552 5.3.4 too large"), SIGNED_IN)
    assert (refused["error_code"], refused["outcome"]) == ("smtp_message_refused", "not_sent")


@pytest.mark.parametrize("stage", ["banner", "ehlo", "starttls", "ehlo_tls", "mail", "rcpt", "data"])
def test_without_a_reply_nothing_was_refused(stage):
    report = told(Outcome(False, stage, None, "timed out"), SIGNED_IN)
    assert (report["failed_stage"], report["error_code"], report["code"]) == (stage, "smtp_console_failed", None)
    refused = told(Outcome(False, stage, 450, "450 later"), SIGNED_IN)
    assert refused["error_code"].endswith("_refused")


def test_a_stage_that_is_not_known_or_cannot_be_there_proves_nothing():
    for stage in ("moon", None, "starttls"):
        report = told(Outcome(False, stage, None, "no"), {**SIGNED_IN, "security": "ssl"})
        assert statuses(report, "passed") == {}
        assert report["error_code"] == "smtp_console_failed"
