# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""However a run ends: signed out, nothing readable left, no process left."""

from __future__ import annotations

import signal
import stat
import time
from collections.abc import Callable
from typing import Any

import pytest
from cache_support.runs import READ, Ledger, Run, Runner, eventually, ignoring
from cai_lab.control_client import LabControl

SLOW_READ = {"path": "/server/services/email$", "latency_ms": 1500, "times": None}
SLOW_SIGN_OUT = {"path": "/logout$", "latency_ms": 1500}
SLOW_SIGN_IN = {"path": "/login$", "latency_ms": 1500}
FORKS = 20
ENDLESS: list[dict[str, Any]] = [READ] * 40

Start = Callable[..., Run]


@pytest.fixture
def under_way(
    runner: Runner, lab: LabControl, link: dict[str, Any], ledger: Ledger, agents: list[str]
) -> Callable[..., Run]:
    """Starts a run that would last for minutes, and returns it while all its workers wait for an answer.

    (Python loses a Ctrl-C that comes while it forks, and Ansible then ends in another way.)
    """

    def start(*faults: dict[str, Any], until: str = "read_email_service", number: int = FORKS) -> Run:
        lab.set_faults(SLOW_READ, *faults)
        run = runner.start(ENDLESS, link, hosts=agents[:FORKS])
        eventually(lambda: ledger.number(until) >= number, f"no {until}\n{run.output}")
        return run

    return start


def test_a_normal_end(runner: Runner, link: dict[str, Any], ledger: Ledger, agents: list[str]) -> None:
    run = runner.start([READ, READ], link, hosts=agents)
    run.succeed()
    ledger.assert_signed(1)
    assert ledger.counts()["sign_outs"] == 1
    assert ledger.number("read_email_service") == 2 * len(agents)
    assert run.files() == []
    run.assert_nothing_left()


def test_a_failure(runner: Runner, link: dict[str, Any], ledger: Ledger, agents: list[str]) -> None:
    run = runner.start([READ, {"ansible.builtin.fail": {"msg": "On purpose"}}], link, hosts=agents[:5])
    assert run.end() == 2
    ledger.assert_signed(1)
    assert ledger.counts()["sign_outs"] == 1
    run.assert_nothing_left()


@pytest.mark.parametrize(
    ("number", "group", "code"),
    [
        (signal.SIGINT, False, 99),
        (signal.SIGINT, True, 99),
        (signal.SIGTERM, False, -signal.SIGTERM),
        (signal.SIGTERM, True, -signal.SIGTERM),
        (signal.SIGHUP, False, -signal.SIGHUP),
        (signal.SIGHUP, True, -signal.SIGHUP),
    ],
    ids=["int", "int-group", "term", "term-group", "hup", "hup-group"],
)
def test_a_signal(number: int, group: bool, code: int, under_way: Start, ledger: Ledger) -> None:
    run = under_way()
    run.send(number, group=group)
    assert run.end() == code, run.output
    ledger.assert_signed(1)
    run.assert_nothing_left()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_the_one_worker_signs_in(number: int, under_way: Start, ledger: Ledger) -> None:
    run = under_way(SLOW_SIGN_IN, until="sign_in", number=1)
    eventually(lambda: len(run.processes()) > FORKS, "the others wait for it")
    run.send(number)
    run.end()
    ledger.assert_signed(1)
    assert ledger.counts()["sign_outs"] == 1, run.output
    run.assert_nothing_left()


@pytest.mark.parametrize("group", [False, True], ids=["parent", "group"])
def test_a_second_interrupt_at_once(group: bool, under_way: Start, ledger: Ledger) -> None:
    run = under_way()
    run.send(signal.SIGINT, group=group)
    time.sleep(0.05)
    run.send(signal.SIGINT, group=group)
    run.end()
    ledger.assert_signed(1)
    run.assert_nothing_left()


def test_a_second_interrupt_during_a_slow_sign_out(under_way: Start, ledger: Ledger) -> None:
    run = under_way(SLOW_SIGN_OUT)
    run.send(signal.SIGINT)
    eventually(lambda: ledger.number("sign_out"), "no sign-out was asked for")
    run.send(signal.SIGINT)
    time.sleep(0.05)
    run.send(signal.SIGINT)
    assert run.end() == 99
    ledger.assert_signed(1)
    assert ledger.counts()["sign_outs"] == 1
    run.assert_nothing_left()


def test_a_sign_out_that_is_never_answered_ends_all_the_same(
    runner: Runner, lab: LabControl, link: dict[str, Any], ledger: Ledger, agents: list[str]
) -> None:
    lab.set_faults({"path": "/logout$", "latency_ms": 600_000})
    run = runner.start([READ], link, hosts=agents[:3])
    assert run.end() == 0, run.output
    assert ledger.number("sign_out") == 1
    run.assert_nothing_left()
    lab.end_sessions()


def test_a_hangup_that_is_ignored_does_not_end_the_run(
    runner: Runner, lab: LabControl, link: dict[str, Any], ledger: Ledger, agents: list[str]
) -> None:
    lab.set_faults(SLOW_READ)
    with ignoring(signal.SIGHUP):
        run = runner.start([READ], link, hosts=agents[:5])
    eventually(lambda: ledger.number("read_email_service"), "no request came")
    run.send(signal.SIGHUP)
    run.succeed()
    ledger.assert_signed(1)


def test_after_a_kill_nothing_is_readable(
    under_way: Start, lab: LabControl, link: dict[str, Any], ledger: Ledger
) -> None:
    run = under_way()
    run.send(signal.SIGKILL)
    assert run.end() == -signal.SIGKILL
    # Workers outlive a parent that was killed, with what they have in memory; that is Ansible's doing.
    assert ledger.counts()["sign_ins"] == 1
    left = [path for path in run.files() if path.stat().st_size]
    assert left
    modes = {(stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode)) for path in left}
    assert modes == {(0o600, 0o700)}
    sessions = {session for _pid, session in run.notes("session")}
    assert sessions
    secrets = {*sessions, link["console_username"], link["console_password"], link["console_url"], "bulk-0001"}
    assert [(path, secret) for path in left for secret in secrets if secret.encode() in path.read_bytes()] == []
    lab.end_sessions()
