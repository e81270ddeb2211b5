# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The console's half: stored settings, candidates, both vantage points, and one refused sign-in for both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.cai.console.plugins.module_utils._edge import execute
from ansible_collections.cai.console.plugins.module_utils._mail_test import smtp_testing
from ansible_collections.cai.console.plugins.module_utils._resources.email_service import EMAIL_SERVICE
from ansible_collections.cai.console.plugins.module_utils._tasks import Task, converging
from cai_lab.control_client import LabControl

USER, PASSWORD = "alerts@lab.test", "alerts-Mail-pw1"
Run = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabControl]:
    with LabControl.start(tmp_path_factory.mktemp("lab")) as control:
        yield control


@pytest.fixture
def lab(running: LabControl, tmp_path: Any) -> LabControl:
    running.reset_switches()
    running.open_mail_paths()
    running.clear_mailbox()
    running.clear_operations()
    run(running, converging(EMAIL_SERVICE), state_dir=str(tmp_path), **stored(running))
    running.clear_operations()
    return running


def stored(lab: LabControl) -> dict[str, Any]:
    return {
        "enabled": True,
        "host": "localhost",
        "port": lab.addresses["smtp"]["starttls_port"],
        "security": "tls",
        "authentication": "password",
        "username": USER,
        "password": PASSWORD,
    }


def run(lab: LabControl, task: Task, *, check_mode: bool = False, **options: Any) -> dict[str, Any]:
    who = lab.addresses["users"][0]
    reach = {
        "console_url": lab.addresses["console"],
        "console_username": who["name"],
        "console_password": who["password"],
        "console_binding": "lab",
        "target": "agent-a",
    }
    valid = ArgumentSpecValidator(task.spec).validate({**reach, **options})
    assert valid.error_messages == []
    return execute(task, valid.validated_parameters, check_mode=check_mode)


def probe(lab: LabControl, *, task: Task | None = None, check_mode: bool = False, **options: Any) -> dict[str, Any]:
    return run(lab, task or smtp_testing(), check_mode=check_mode, **{"ca_path": lab.addresses["ca"], **options})


def test_the_settings_are_those_of_the_target_and_nothing_is_written(lab: LabControl) -> None:
    result = probe(lab, password=PASSWORD)
    assert (result["outcome"], result["changed"], result.get("failed")) == ("accepted", False, None)
    assert result["settings"]["host"] == "localhost"
    assert result["target"]["name"] == "agent-a"
    assert [row for row in lab.operations() if row["mutates"]] == []
    assert len(lab.mailbox()) == 1


def test_the_secret_must_be_given(lab: LabControl) -> None:
    result = probe(lab)
    assert (result["error"]["code"], result["error"]["stage"]) == ("secret_required", "options")


def test_the_console_tests_what_it_has_stored(lab: LabControl) -> None:
    result = probe(lab, vantage="console", recipient="ops@lab.test")
    assert (result.get("failed"), result["outcome"], result["console"]["tested"]) == (None, "accepted", "stored")
    assert result["stages"]["auth"]["status"] == "passed"
    assert len(lab.mailbox()) == 1


def test_the_console_tests_a_candidate_and_its_failure_is_told_as_a_stage(lab: LabControl) -> None:
    result = probe(lab, vantage="console", password="wrong-Mail-pw1")
    assert (result["failed_stage"], result["code"], result["enhanced_code"]) == ("auth", 535, "5.7.8")
    assert (result["error"]["code"], result["retryable"], result["who"]) == ("smtp_auth_refused", False, "you")
    assert result["stages"]["auth"]["status"] == "failed"
    assert result["stages"]["mail"]["status"] == "not_run"


def test_a_candidate_never_carries_the_stored_secret_elsewhere(lab: LabControl) -> None:
    result = probe(lab, vantage="console", host="elsewhere.lab.test")
    assert result["error"]["code"] == "secret_required"
    assert [row for row in lab.operations() if "test" in row["operation"]] == []


def test_both_work(lab: LabControl) -> None:
    result = probe(lab, vantage="both", password=PASSWORD)
    assert (result.get("failed"), result["comparison"]) == (None, "both_work")
    assert len(lab.mailbox()) == 2


def test_only_this_host_works(lab: LabControl, tmp_path: Any) -> None:
    other = {**stored(lab), "password": "another-Mail-pw1", "update_secrets": "always"}
    run(lab, converging(EMAIL_SERVICE), state_dir=str(tmp_path), **other)
    result = probe(lab, vantage="both", password=PASSWORD)
    assert (result["comparison"], result["error"]["code"]) == ("only_this_host_works", "smtp_console_differs")
    assert (result["failed_stage"], result["code"]) == ("auth", 535)
    assert result["stages"]["auth"]["status"] == "ok"


def test_only_the_target_works(lab: LabControl) -> None:
    result = probe(lab, vantage="both", password=PASSWORD, ca_path=None)
    assert (result["comparison"], result["error"]["code"]) == ("only_target_works", "smtp_certificate_refused")


def test_after_a_refused_sign_in_the_console_does_not_try_the_mailbox_either(lab: LabControl) -> None:
    result = probe(lab, vantage="both", password="wrong-Mail-pw1")
    assert (result["failed_stage"], result["comparison"]) == ("auth", "not_tried")
    assert result["console"]["not_tried"] == "mailbox_refused"
    assert [row for row in lab.operations() if "test" in row["operation"]] == []


def test_after_the_console_was_refused_no_other_target_tries(lab: LabControl) -> None:
    task = smtp_testing()
    assert probe(lab, task=task, vantage="console", password="wrong-Mail-pw1")["failed_stage"] == "auth"
    other = probe(lab, task=task, password=PASSWORD)
    assert (other["failed"], other["not_tried"]) == (True, "mailbox_refused")
    assert lab.mailbox() == []


def test_a_target_that_is_cut_off_is_told_as_such(lab: LabControl) -> None:
    lab.cut_mail_path("agent-a")
    result = probe(lab, vantage="both", password=PASSWORD)
    assert (result["failed"], result["comparison"]) == (True, "target_cut_off")
    assert (result["error"]["code"], result["failed_stage"]) == ("smtp_target_cut_off", "connect")
    port = lab.addresses["smtp"]["starttls_port"]
    assert result["verdict"].startswith(f"This host reaches localhost:{port}, and agent-a does not.")
    assert result["stages"]["queued"]["status"] == "ok"
    assert result["console"]["stages"]["connect"]["status"] == "failed"
    assert len(lab.mailbox()) == 1


def test_in_check_mode_not_even_the_console_is_asked(lab: LabControl) -> None:
    result = probe(lab, vantage="both", password=PASSWORD, check_mode=True)
    assert (result["checked"], result["changed"]) == (False, False)
    assert lab.operations() == []
