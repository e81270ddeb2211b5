# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Save as a transaction: what is tested, what is left when the test fails, and what the next run makes of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from cai_lab.control_client import LabControl
from support import client
from support.hand import Hand
from support.labs import SENDER, Watch, mail_password
from support.labs import email_that_sends as email

WRONG = "Wrong-pw9"
VOLATILE = ("modified", "modifiedBy")


@pytest.fixture
def working(lab: LabControl, fresh: Callable[[], str], link: dict[str, Any]) -> str:
    """Return an agent whose Email Service works and is tested."""
    target = fresh()
    assert client.done("email_service", link, target=target, test="after", **email(lab))["tested"] is True
    lab.clear_mailbox()
    return target


def content(hand: Hand, target: str) -> dict[str, Any]:
    """Return the stored object but for its stamps."""
    return {name: value for name, value in hand.email(target).items() if name not in VOLATILE}


@pytest.mark.parametrize("test, mails", [("none", 0), ("before", 1), ("after", 1), ("both", 2)])
def test_it_tests_once_per_phase_and_only_when_something_changed(
    test: str, mails: int, lab: LabControl, fresh: Callable[[], str], link: dict[str, Any], watch: Watch
) -> None:
    target = fresh()
    lab.clear_mailbox()
    first = client.done("email_service", link, target=target, test=test, **email(lab))
    assert (first["tested"], len(first["test_results"]), len(lab.mailbox())) == (mails > 0, mails, mails)
    watch.restart()
    second = client.done("email_service", link, target=target, test=test, **email(lab))
    assert (second["changed"], second["tested"], watch.writes()) == (False, False, [])


def test_a_test_each_time_is_no_change(lab: LabControl, working: str, link: dict[str, Any], watch: Watch) -> None:
    """B5 and B6: it runs whether or not something changed, once, and never counts as a change."""
    for expected, more in ((True, {"oauth": {"client_id": "x"}}), (False, {})):
        lab.clear_mailbox()
        result = client.done(
            "email_service", link, target=working, test="after", test_when="always", **email(lab, **more)
        )
        assert (result["changed"], result["tested"], len(lab.mailbox())) == (expected, True, 1)


@pytest.mark.parametrize("test", ["before", "after", "both"])
def test_nothing_is_sent_in_check_mode(
    test: str, lab: LabControl, working: str, link: dict[str, Any], watch: Watch
) -> None:
    watch.restart()
    options = email(lab, password=WRONG)
    result = client.run("email_service", link, check=True, target=working, test=test, test_when="always", **options)
    assert (result["changed"], result["tested"]) == (True, False)
    assert lab.mailbox() == []
    watch.assert_untouched()


def test_a_candidate_that_fails_is_not_saved(
    lab: LabControl, working: str, link: dict[str, Any], hand: Hand, watch: Watch
) -> None:
    watch.restart()
    result = client.run("email_service", link, target=working, test="before", **email(lab, password=WRONG))
    assert (result["error"]["code"], result["state_left"]) == ("test_failed", "unchanged")
    assert result["test_results"][0]["stage"] == "auth"
    assert watch.unchanged()
    assert lab.secret(working, "password", mail_password(lab))["equal"]


@pytest.mark.parametrize(
    "change",
    [{"password": WRONG}, {"host": "127.0.0.9"}, {"port": 9}, {"security": "ssl"}, {"username": "nobody@lab.test"}],
)
def test_a_rollback_restores_the_object_and_the_secret(
    change: dict[str, Any], lab: LabControl, working: str, link: dict[str, Any], hand: Hand
) -> None:
    before = content(hand, working)
    options = {"target": working, "test": "after", "on_test_failure": "rollback", **email(lab, **change)}
    refused = client.run("email_service", link, **options)
    assert refused["error"]["code"] == "previous_secret_required"
    result = client.run("email_service", link, previous_secret=mail_password(lab), **options)
    assert (result["error"]["code"], result["rolled_back"], result["state_left"]) == ("test_failed", True, "previous")
    assert result["changed"] is False
    assert content(hand, working) == before
    assert lab.secret(working, "password", mail_password(lab))["equal"]
    assert client.done("email_service", link, target=working, test="after", **email(lab))["changed"] is False


def test_a_service_that_works_is_switched_off_only_with_consent(
    lab: LabControl, working: str, link: dict[str, Any], hand: Hand, watch: Watch
) -> None:
    options = {"target": working, "test": "after", "on_test_failure": "disable", **email(lab, password=WRONG)}
    watch.restart()
    assert client.run("email_service", link, **options)["error"]["code"] == "alert_gap_not_accepted"
    watch.assert_untouched()
    result = client.run("email_service", link, accept_alert_gap=True, **options)
    assert (result["error"]["code"], result["state_left"]) == ("test_failed", "disabled")
    assert content(hand, working)["enabled"] is False


def test_the_gap_names_what_was_suspended_meanwhile(
    lab: LabControl, working: str, link: dict[str, Any], hand: Hand
) -> None:
    properties = hand.call("GET", working, "/server/properties")
    hand.call("PUT", working, "/server/properties", {**properties, "suspendProcessesOnUncaughtFault": True})
    lab.set_faults({"method": "POST", "path": ".*/email/test", "latency_ms": 1500, "times": 1})
    canary = threading.Timer(0.7, lambda: hand.call("POST", working, "/CaiCanary", {}, area="rt"))
    canary.start()
    result = client.run("email_service", link, target=working, test="after", **email(lab, password=WRONG))
    canary.join()
    gap = result["alert_gap"]
    assert (result["state_left"], gap["to"]) == ("saved", None)
    assert gap["from"] == hand.email(working)["modified"]
    assert (len(gap["suspended"]), gap["suspended_count"]) == (1, 1)


def test_a_failing_configuration_is_tested_again_although_nothing_changes(
    lab: LabControl, working: str, link: dict[str, Any]
) -> None:
    wrong = {"target": working, "test": "after", **email(lab, password=WRONG)}
    assert client.run("email_service", link, **wrong)["state_left"] == "saved"
    again = client.run("email_service", link, **wrong)
    assert (again["error"]["code"], again["state_left"], again["changed"]) == ("test_failed", "unchanged", False)
    right = client.done("email_service", link, target=working, test="after", **email(lab))
    assert (right["tested"], right["secrets"][0]["reason"]) == (True, "changed")
    assert any("did not see its test pass" in warning for warning in right["warnings"])
    assert client.done("email_service", link, target=working, test="after", **email(lab))["tested"] is False


def test_a_warning_goes_on(lab: LabControl, working: str, link: dict[str, Any]) -> None:
    options = email(lab, password=WRONG)
    result = client.done("email_service", link, target=working, test="after", on_test_failure="warn", **options)
    assert (result["changed"], result["tested"], result["state_left"]) == (True, False, "saved")
    assert any("auth" in warning for warning in result["warnings"])


@pytest.mark.parametrize("answer", ["now", "job"])
def test_a_console_that_tests_by_a_job(answer: str, lab: LabControl, working: str, link: dict[str, Any]) -> None:
    lab.set_switches(test_answer=answer)
    options = email(lab, password=WRONG)
    assert client.run("email_service", link, target=working, test="after", **options)["test_results"][0]["code"] == 535
    assert client.done("email_service", link, target=working, test="after", **email(lab))["tested"] is True


@pytest.mark.parametrize("rule", ["optional", "required", "ignored"])
def test_the_recipient(rule: str, lab: LabControl, working: str, link: dict[str, Any]) -> None:
    lab.set_switches(test_recipient=rule)
    always = {"target": working, "test": "after", "test_when": "always", **email(lab)}
    assert client.done("email_service", link, test_recipient="somebody@lab.test", **always)["tested"] is True
    assert lab.mailbox()[-1]["recipients"] == ["somebody@lab.test" if rule != "ignored" else SENDER]
    without = client.run("email_service", link, **always)
    assert without.get("failed", False) is (rule == "required")


def test_a_console_that_dies_between_save_and_test_is_noticed_by_the_next_run(
    lab: LabControl, working: str, link: dict[str, Any]
) -> None:
    lab.set_faults({"method": "POST", "path": ".*/email/test", "reset": True, "times": 1})
    first = client.run("email_service", link, target=working, test="after", **email(lab, oauth={"client_id": "y"}))
    assert (first["error"]["code"], first["state_left"]) == ("test_failed", "saved")
    second = client.done("email_service", link, target=working, test="after", **email(lab, oauth={"client_id": "y"}))
    assert (second["changed"], second["tested"]) == (False, True)
    assert any("did not see its test pass" in warning for warning in second["warnings"])


def test_what_cannot_be_undone_is_said(lab: LabControl, working: str, link: dict[str, Any], hand: Hand) -> None:
    options = {"test": "after", "on_test_failure": "rollback", "previous_secret": mail_password(lab)}
    lab.set_faults({"method": "POST", "path": ".*/email/test", "latency_ms": 1000, "times": 1})
    meddle = threading.Timer(
        0.5, lambda: lab.set_faults({"method": "PUT", "path": ".*/email$", "status": 500, "times": 9})
    )
    meddle.start()
    result = client.run("email_service", link, target=working, **options, **email(lab, password=WRONG))
    meddle.join()
    assert (result["rolled_back"], result["state_left"], result["changed"]) == (False, "saved", True)
    assert "could not be undone" in result["msg"]
