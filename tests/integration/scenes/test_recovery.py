# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults that a task gets over: it reads again, looks before it writes again, never writes over somebody else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cai_lab.control_client import LabControl
from support.bad_consoles import CLOUD, OLD, is_email
from support.gateway import Answer, Gateway, Request
from support.hand import Hand
from support.labs import Watch
from support.play import Player, Row, rescued

READ, WRITE = "read_email_service", "write_email_service"
PATH = "/server/services/email$"
BUSY = (429, 502, 503, 504)
TRIES = 5
TASK = {"name": "move", "cai.console.email_service": {"host": "new.example.org", "password": "New-pw1"}}


@pytest.fixture
def before(hand: Hand) -> None:
    """The Cloud Server's email service as somebody set it up."""
    hand.set_email(CLOUD, **OLD)


def email_operations(watch: Watch) -> list[tuple[str, int | None]]:
    """What was asked of the email service, with the status of each answer."""
    return [
        (entry["operation"], entry["status"]) for entry in watch.operations() if entry["operation"] in (READ, WRITE)
    ]


def moved(play: Player) -> Row:
    """Run the task, which has to succeed."""
    return play([TASK]).one("move")


def failed(play: Player, connection: dict[str, Any] | None = None) -> Row:
    """Run the task, which has to fail and be rescued."""
    run = play([rescued(TASK)], connection=connection)
    assert run.one("rescued: move").result["msg"] == run.one("move").code
    return run.one("move")


@pytest.mark.parametrize("status", BUSY)
def test_a_busy_answer_to_a_read_is_asked_again(
    status: int, before: None, lab: LabControl, play: Player, watch: Watch
) -> None:
    lab.set_faults({"method": "GET", "path": PATH, "status": status, "times": 2, "retry_after": 0})
    watch.restart()
    assert moved(play).result["changed"] is True
    assert email_operations(watch) == [(READ, status), (READ, status), (READ, 200), (WRITE, 200), (READ, 200)]


@pytest.mark.parametrize("action", ["drop_reply", "reset"])
def test_a_lost_answer_to_a_read_is_asked_again(
    action: str, before: None, lab: LabControl, play: Player, watch: Watch
) -> None:
    lab.set_faults({"method": "GET", "path": PATH, action: True})
    watch.restart()
    assert moved(play).result["changed"] is True
    assert email_operations(watch) == [(READ, None), (READ, 200), (WRITE, 200), (READ, 200)]


@pytest.mark.parametrize("status", BUSY)
def test_a_busy_answer_to_a_write_is_looked_at_before_it_is_written_once_more(
    status: int, before: None, lab: LabControl, play: Player, watch: Watch
) -> None:
    lab.set_faults({"method": "PUT", "path": PATH, "status": status, "retry_after": 0})
    watch.restart()
    assert moved(play).result["changed"] is True
    assert email_operations(watch) == [(READ, 200), (WRITE, status), (READ, 200), (WRITE, 200), (READ, 200)]
    assert lab.secret(CLOUD, "password", "New-pw1")["equal"]


@pytest.mark.parametrize(("status", "code"), [(429, "rate_limited"), (503, "console_error")])
def test_a_write_is_repeated_a_bounded_number_of_times_and_looked_for_each_time(
    status: int, code: str, before: None, lab: LabControl, play: Player, watch: Watch
) -> None:
    lab.set_faults({"method": "PUT", "path": PATH, "status": status, "retry_after": 0, "times": None})
    watch.restart()
    row = failed(play)
    assert (row.code, row.result["error"]["stage"]) == (code, "write")
    assert email_operations(watch) == [(READ, 200), *[(WRITE, status), (READ, 200)] * TRIES]
    assert watch.unchanged()


def test_a_write_whose_answer_is_lost_is_not_repeated_when_it_was_carried_out(
    before: None, lab: LabControl, play: Player, hand: Hand, watch: Watch
) -> None:
    lab.set_faults({"method": "PUT", "path": PATH, "drop_reply": True})
    watch.restart()
    result = moved(play).result
    assert (result["changed"], result["email_service"]["host"]) == (True, "new.example.org")
    assert [entry["fault"] for entry in watch.writes()] == ["drop_reply"]
    assert hand.email(CLOUD)["hostName"] == "new.example.org"
    assert lab.secret(CLOUD, "password", "New-pw1")["equal"]


def test_a_write_that_was_lost_on_its_way_is_written_once_more(
    before: None, lab: LabControl, play: Player, hand: Hand, watch: Watch
) -> None:
    lab.set_faults({"method": "PUT", "path": PATH, "reset": True})
    watch.restart()
    assert moved(play).result["changed"] is True
    assert [entry["fault"] for entry in watch.writes()] == ["reset", None]
    assert hand.email(CLOUD)["hostName"] == "new.example.org"


def test_a_write_that_is_lost_again_and_again_is_a_failure_and_nothing_is_half_written(
    before: None, lab: LabControl, play: Player, watch: Watch
) -> None:
    lab.set_faults({"method": "PUT", "path": PATH, "reset": True, "times": None})
    watch.restart()
    row = failed(play)
    assert (row.code, row.result["error"]["stage"]) == ("console_unreachable", "write")
    assert len(watch.writes()) == TRIES
    assert watch.unchanged()


@pytest.mark.parametrize(
    "fault", [{"status": 503, "retry_after": 0}, {"status": 429, "retry_after": 0}, {"reset": True}]
)
@pytest.mark.parametrize("path", ["/login$", "/logout$"])
def test_a_sign_in_or_sign_out_that_finds_the_console_busy_is_repeated(
    path: str, fault: dict[str, Any], before: None, lab: LabControl, play: Player, watch: Watch
) -> None:
    sessions = lab.sessions()
    lab.set_faults({"path": path, "times": 2, **fault})
    watch.restart()
    assert moved(play).result["changed"] is True
    after = lab.sessions()
    assert [after[name] - sessions[name] for name in ("sign_ins", "sign_outs", "open")] == [1, 1, 0]
    assert sum(entry["fault"] is not None for entry in watch.operations()) == 2


def test_a_sign_in_that_always_finds_the_console_busy_is_a_failure(
    before: None, lab: LabControl, play: Player, watch: Watch
) -> None:
    lab.set_faults({"path": "/login$", "status": 503, "times": None, "retry_after": 0})
    watch.restart()
    assert failed(play).result["error"]["stage"] == "sign_in"
    assert watch.names() == ["sign_in"] * TRIES


def test_what_somebody_else_wrote_meanwhile_is_not_overwritten(
    before: None, gateway: Gateway, play: Player, hand: Hand, link: dict[str, Any]
) -> None:
    gateway.rule = Interference(hand)
    row = failed(play, {**link, "console_url": gateway.console})
    assert (row.code, row.result["error"]["stage"]) == ("concurrent_change", "write")
    assert "host: 'old.example.org', now 'theirs.example.org'" in row.result["msg"]
    assert hand.email(CLOUD)["hostName"] == "theirs.example.org"
    assert [answer.status for request, answer in gateway.seen if is_email(request, "PUT")] == [412]


def test_a_console_without_versions_is_said_to_be_best_effort(before: None, lab: LabControl, play: Player) -> None:
    assert moved(play).result["concurrency"] == "guaranteed"
    lab.set_switches(concurrency="none")
    assert moved(play).result["concurrency"] == "best_effort"


class Interference:
    """Lets somebody else save another host right before the first write arrives."""

    def __init__(self, hand: Hand) -> None:
        self._hand = hand
        self._done = False

    def __call__(self, request: Request) -> Answer | None:
        """A rule of the gateway."""
        if is_email(request, "PUT") and not self._done:
            self._done = True
            assert json.loads(request.body)["hostName"] == "new.example.org"
            self._hand.set_email(CLOUD, hostName="theirs.example.org")
        return None
