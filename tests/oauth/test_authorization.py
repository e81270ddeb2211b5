# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module about the console's own authorization, against the embedded console and a scripted person."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.cai.console.plugins.module_utils._authorization_task import authorizing
from ansible_collections.cai.console.plugins.module_utils._edge import execute
from ansible_collections.cai.console.plugins.module_utils._resources.email_service import EMAIL_SERVICE
from ansible_collections.cai.console.plugins.module_utils._tasks import Task, converging, reading
from cai_lab.browserless import Person
from cai_lab.control_client import LabControl

from .victim import vault

DAY_S = 24 * 3600
TARGET = "agent-a"


class Robot:
    """Runs tasks as the administrator of the sub-organisation."""

    def __init__(self, lab: LabControl) -> None:
        self.lab = lab
        self.person = Person("alerts@lab.test", "alerts-Mail-pw1", lab.addresses["ca"])

    def run(self, task: Task, *, check_mode: bool = False, **options: Any) -> dict[str, Any]:
        given = {
            "console_url": self.lab.addresses["console"],
            "console_username": "robot@lab.test",
            "console_password": "robot-Console-pw1",
            "console_binding": "lab",
            "target": TARGET,
            **options,
        }
        valid = ArgumentSpecValidator(task.spec).validate(given)
        assert valid.error_messages == []
        return execute(task, valid.validated_parameters, check_mode=check_mode, environ={})

    def authorization(self, state: str, *, check_mode: bool = False, **options: Any) -> dict[str, Any]:
        return self.run(authorizing(), check_mode=check_mode, state=state, **options)

    def accept(self, link: str) -> str:
        return self.person.open(link, self.lab.addresses["console"])

    def converge(self) -> dict[str, Any]:
        urls = self.lab.addresses["oauth"]
        return self.run(
            converging(EMAIL_SERVICE),
            enabled=True,
            host="localhost",
            port=self.lab.addresses["smtp"]["starttls_port"],
            security="tls",
            authentication="oauth",
            username="alerts@lab.test",
            oauth={
                "authorization_url": urls["authorization_url"],
                "token_url": urls["token_url"],
                "client_id": "console-client",
                "client_secret": "console-client-Secret-1",
                "scope": ["https://outlook.office.com/SMTP.Send", "offline_access"],
            },
            state_dir=None,
            fingerprint_key="f" * 32,
        )

    def authorized(self) -> dict[str, Any]:
        link = self.authorization("link")
        self.accept(link["authorization_url"])
        return self.authorization("confirmed", last_completed_before=link["authorization"]["last_completed"])


@pytest.fixture
def robot(lab: LabControl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Robot]:
    monkeypatch.setenv("CAI_STATE_DIR", str(tmp_path / "state"))
    made = Robot(lab)
    made.converge()
    made.authorization("absent")
    lab.clear_mailbox()
    lab.clear_operations()
    yield made


def days(number: int) -> str:
    return (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=number)).isoformat()


def test_link_accept_confirm(robot: Robot) -> None:
    link = robot.authorization("link")
    assert (link["due"], link["changed"], link["authorization"]["status"]) == (True, False, "not_authorized")
    assert "is authorized" in robot.accept(link["authorization_url"])
    done = robot.authorization("confirmed", last_completed_before=link["authorization"]["last_completed"])
    assert (done["saved_again"], done["changed"], done["test_result"]["ok"]) == (True, True, True)
    assert len(robot.lab.mailbox()) == 1
    shown = robot.run(reading(EMAIL_SERVICE))["email_service"]["authorization"]
    assert shown == done["authorization"]
    assert (shown["status"], shown["authorized_by"], shown["days_left"]) == ("authorized", "robot@lab.test", 89)


def test_it_is_left_alone_while_it_lives(robot: Robot) -> None:
    robot.authorized()
    before = robot.lab.state()["hash"]
    robot.lab.clear_operations()
    assert robot.authorization("link")["due"] is False
    assert robot.authorization("status", as_of=days(58))["due"] is False
    assert robot.authorization("status", as_of=days(61))["due"] is True
    assert robot.lab.operations(operation="start_authorization") == []
    assert robot.lab.state()["hash"] == before


def test_the_estimate_is_marked_and_never_made_up(robot: Robot) -> None:
    nothing = robot.authorization("status")["authorization"]
    assert (nothing["expires_estimate"], nothing["days_left"]) == ("unknown", None)
    robot.authorized()
    short = robot.authorization("status", refresh_token_lifetime_days=7)["authorization"]
    assert short["days_left"] == 6
    robot.lab.set_clock(91 * DAY_S)
    assert robot.authorization("status")["authorization"]["status"] == "expired"


def test_nothing_new_does_not_count(robot: Robot) -> None:
    robot.authorized()
    last = robot.authorization("status")["authorization"]["last_completed"]
    result = robot.authorization("confirmed", last_completed_before=last)
    assert result["error"]["code"] == "authorization_not_completed"


def test_a_test_that_fails_does_not_count(robot: Robot) -> None:
    link = robot.authorization("link")
    robot.person.login, robot.person.password = "reports@lab.test", "reports-Mail-pw1"
    robot.accept(link["authorization_url"])
    result = robot.authorization("confirmed")
    assert (result["error"]["code"], result["test_result"]["stage"]) == ("test_failed", "auth")


@pytest.mark.parametrize("effect", ["at_once", "when_saved"])
def test_both_ways_of_taking_effect(robot: Robot, effect: str) -> None:
    robot.lab.set_switches(authorization_effect=effect)
    assert robot.authorized()["test_result"]["ok"] is True


def test_a_console_without_a_link(robot: Robot) -> None:
    robot.lab.set_switches(authorization_start="none")
    assert robot.authorization("link")["error"]["code"] == "not_found"
    assert robot.authorization("status")["due"] is True


@pytest.mark.parametrize("position", ["taken", "refused"])
def test_a_token_is_handed_over_where_it_is_taken(robot: Robot, tasks: Any, position: str) -> None:
    robot.lab.set_switches(authorization_tokens=position)
    urls = robot.lab.addresses
    options = {"client_id": "console-client", "client_secret": "console-client-Secret-1"}
    callback = f"{urls['console']}/oauthcallback"
    token = tasks.consent_at(callback, **options)["refresh_token"]
    result = robot.authorization("link", refresh_token=token)
    if position == "refused":
        assert result["error"]["code"] == "not_found"
        assert token not in repr(result)
        return
    assert (result["changed"], result["test_result"]["ok"]) == (True, True)
    assert len(robot.lab.mailbox()) == 1


def handing(robot: Robot, tasks: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A consent for the console that lies in a file of ours: the options to refresh it, and those to hand it over."""
    callback = f"{robot.lab.addresses['console']}/oauthcallback"
    ours: dict[str, Any] = {
        "client_id": "console-client",
        "client_secret": "console-client-Secret-1",
        "redirect_uri": callback,
        "refresh_token_file": str(tasks.folder / "token.yml"),
        "vault": vault("pw"),
    }
    url = tasks.come_back(tasks.begin(**ours), callback)
    token = tasks.complete(url, **ours)["refresh_token"]
    return ours, {"refresh_token": token}


def test_a_token_that_was_handed_over_is_forgotten_here(robot: Robot, tasks: Any) -> None:
    robot.lab.set_switches(authorization_tokens="taken", refresh_rotation="revokes_old")
    ours, given = handing(robot, tasks)
    assert robot.authorization("link", **given)["changed"] is True
    grant = robot.lab.oauth_events(event="consent")[-1]["grant"]
    before = len(robot.lab.oauth_events(grant=grant))
    refused = tasks.refresh(**ours)
    assert refused["error"]["code"] == "token_handed_over"
    assert TARGET in refused["msg"]
    assert not (tasks.folder / "token.yml").exists()
    again = tasks.refresh(**{**ours, "refresh_token_file": None}, refresh_token=given["refresh_token"])
    assert again["error"]["code"] == "token_handed_over"
    assert tasks.refresh(**ours)["error"]["code"] == "consent_needed"
    assert len(robot.lab.oauth_events(grant=grant)) == before
    assert given["refresh_token"] not in repr(refused)
    assert robot.authorization("confirmed")["test_result"]["ok"] is True


def test_a_token_is_handed_to_one_console(robot: Robot, tasks: Any) -> None:
    robot.lab.set_switches(authorization_tokens="taken")
    _ours, given = handing(robot, tasks)
    assert robot.authorization("link", **given)["changed"] is True
    robot.lab.clear_operations()
    other = robot.authorization("link", **given, target="agent-b")
    assert other["error"]["code"] == "token_handed_over"
    assert robot.lab.operations(operation="hand_over_tokens") == []
    robot.authorization("absent")
    assert robot.authorization("link", **given)["changed"] is True


def test_a_token_that_the_console_does_not_take_stays_ours(robot: Robot, tasks: Any) -> None:
    robot.lab.set_switches(authorization_tokens="refused")
    ours, given = handing(robot, tasks)
    assert robot.authorization("link", **given, check_mode=True)["changed"] is True
    assert robot.authorization("link", **given)["error"]["code"] == "not_found"
    assert tasks.refresh(**ours, force_refresh=True)["refreshed"] is True


def test_a_token_whose_handing_over_has_no_answer_counts_as_handed_over(robot: Robot, tasks: Any) -> None:
    robot.lab.set_switches(authorization_tokens="taken")
    ours, given = handing(robot, tasks)
    robot.lab.set_faults({"method": "PUT", "path": "/authorization/tokens$", "drop_reply": True})
    assert robot.authorization("link", **given)["failed"] is True
    assert tasks.refresh(**ours)["error"]["code"] == "token_handed_over"


def test_a_token_is_not_handed_over_where_that_cannot_be_remembered(robot: Robot, tasks: Any) -> None:
    robot.lab.set_switches(authorization_tokens="taken")
    _ours, given = handing(robot, tasks)
    (tasks.folder / "file").touch()
    result = robot.authorization("link", **{**given, "state_dir": str(tasks.folder / "file")})
    assert result["error"]["code"] == "state_dir_unusable"
    assert robot.lab.operations(operation="hand_over_tokens") == []


def test_check_mode_touches_nothing(robot: Robot) -> None:
    assert robot.authorization("link", check_mode=True)["would_start"] is True
    robot.authorized()
    robot.lab.clear_operations()
    before = robot.lab.state()["hash"]
    assert robot.authorization("absent", check_mode=True)["changed"] is True
    assert robot.authorization("confirmed", check_mode=True)["saved_again"] is False
    assert robot.lab.operations(mutates=True, target=robot.lab.target(TARGET)["id"]) == []
    assert robot.lab.state()["hash"] == before


def test_forget_twice(robot: Robot) -> None:
    robot.authorized()
    assert robot.authorization("absent")["changed"] is True
    assert robot.authorization("absent")["changed"] is False


def test_the_same_play_again_sends_no_client_secret_and_moves_nothing(robot: Robot) -> None:
    robot.authorized()
    status = robot.authorization("status")["authorization"]
    robot.lab.clear_operations()
    again = robot.converge()
    assert again["changed"] is False, again
    assert all("oauth.clientSecret" not in entry["members"] for entry in robot.lab.operations())
    assert robot.authorization("status")["authorization"] == status


def test_eighty_days_then_fifteen_more(robot: Robot) -> None:
    """The console keeps its own grant alive by sending; nobody else refreshes it."""
    robot.lab.set_switches(refresh_rotation="revokes_old")
    robot.authorized()
    grant = robot.lab.oauth_events(event="consent")[-1]["grant"]
    for day in (80, 95):
        robot.lab.set_clock(day * DAY_S)
        assert robot.authorization("confirmed")["test_result"]["ok"] is True
    assert {entry["agent"] for entry in robot.lab.oauth_events(grant=grant, event="token")} == {"cai-lab-console"}
    assert [item["revoked"] for item in robot.lab.oauth_grants() if item["grant"] == grant] == [False]
