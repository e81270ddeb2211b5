# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks that run as the module, elsewhere or in the background, get the run's session; what a task's keywords do."""

from __future__ import annotations

from typing import Any

import pytest
from cache_support.runs import READ, Ledger, Runner
from cai_lab.control_client import LabControl

AFAR = {"ansible_connection": "afar"}
ASYNC = {**READ, "async": 60, "poll": 1}
SERVICE = {"enabled": True, "host": "mail.example.org", "port": 25, "username": "a", "password": "Keyword-pw1"}
WRITE = {"cai.console.email_service": SERVICE}


def test_modules_elsewhere_and_in_the_background_share_the_session(
    runner: Runner, link: dict[str, Any], ledger: Ledger, agents: list[str]
) -> None:
    hosts = {agents[0]: {}, agents[1]: AFAR, agents[2]: AFAR}
    run = runner.start([READ, ASYNC, WRITE], link, hosts=hosts, options=["-vvvvv"])
    run.succeed()
    ledger.assert_signed(1)
    assert ledger.counts()["sign_outs"] == 1
    sessions = {session for _pid, session in run.notes("session")}
    assert len(sessions) == 1
    assert sessions.pop() not in run.output
    assert link["console_password"] not in run.output
    run.assert_nothing_left()


def test_become_shares_the_session(runner: Runner, link: dict[str, Any], ledger: Ledger, agents: list[str]) -> None:
    # The real programs need rights; this stands in for sudo, and runs what it is given.
    sudo = runner.program("sudo", 'while [ "$1" != /bin/sh ]; do shift; done; exec "$@"')
    become = {"become": True, "vars": {"ansible_become_exe": sudo}}
    run = runner.start([READ, {**READ, **become}], link, hosts=agents[:2])
    run.succeed()
    ledger.assert_signed(1)
    assert len({session for _pid, session in run.notes("session")}) == 1


def test_a_module_whose_session_has_ended_is_run_once_more(
    runner: Runner, lab: LabControl, link: dict[str, Any], ledger: Ledger, agents: list[str]
) -> None:
    end = {
        "ansible.builtin.uri": {"url": f"{lab.addresses['control']}/sessions", "method": "DELETE"},
        "run_once": True,
        "delegate_to": "localhost",
    }
    run = runner.start([READ, end, WRITE], link, hosts=dict.fromkeys(agents[:4], AFAR))
    run.succeed()
    ledger.assert_signed(2)
    assert run.output.count("changed: [") >= 4


def test_a_refused_sign_in_is_tried_once_for_modules_too(
    runner: Runner, link: dict[str, Any], ledger: Ledger, agents: list[str]
) -> None:
    run = runner.start([READ], {**link, "console_password": "wrong"}, hosts=dict.fromkeys(agents[:6], AFAR))
    assert run.end() == 2
    ledger.assert_signed(0, refused=1)


def test_a_module_signs_in_by_itself_where_the_controller_has_no_way_to_the_console(
    runner: Runner, link: dict[str, Any], ledger: Ledger, agents: list[str]
) -> None:
    dead_end = {"http_proxy": "http://127.0.0.1:9", "no_proxy": ""}
    run = runner.start([READ], link, hosts={agents[0]: AFAR}, play={"environment": {"http_proxy": ""}}, **dead_end)
    run.succeed()
    ledger.assert_signed(1)


def test_wrong_options_ask_for_nothing(runner: Runner, link: dict[str, Any], ledger: Ledger, agents: list[str]) -> None:
    wrong = {"cai.console.email_service": {"port": 0}, "ignore_errors": True}
    runner.start([wrong], link, hosts={agents[0]: {}, agents[1]: AFAR}).succeed()
    assert ledger.operations() == []


@pytest.mark.parametrize(
    "slow", ["/login$", "/agent/details", "/server/services/email$"], ids=["sign-in", "discovery", "read"]
)
def test_a_time_limit_leaves_no_session(
    slow: str, runner: Runner, lab: LabControl, link: dict[str, Any], ledger: Ledger, agents: list[str]
) -> None:
    lab.set_faults({"path": slow, "latency_ms": 2500, "times": None})
    run = runner.start([{**READ, "timeout": 1}], link, hosts=agents[:3])
    assert run.end() == 2
    assert "Timed out after 1 second" in run.output or "expected time frame (1)" in run.output
    ledger.assert_signed(1)
    run.assert_nothing_left()


def test_the_environment_of_a_task_names_the_console(
    runner: Runner, link: dict[str, Any], ledger: Ledger, agents: list[str]
) -> None:
    environment = {f"CAI_{name.upper()}": value for name, value in link.items()}
    hosts = {agents[0]: {}, agents[1]: AFAR, agents[2]: AFAR}
    tasks = [READ, {**READ, "delegate_to": "localhost"}, {**READ, "delegate_to": agents[1]}]
    runner.start(tasks, {}, hosts=hosts, play={"environment": environment}).succeed()
    ledger.assert_signed(1)
    assert ledger.number("read_email_service") == 9


def test_check_mode_and_diff_share_the_session(
    runner: Runner, link: dict[str, Any], ledger: Ledger, agents: list[str]
) -> None:
    run = runner.start([WRITE, READ], link, hosts=agents[:10], options=["--check", "--diff"])
    run.succeed()
    ledger.assert_signed(1)
    assert '"mail.example.org"' in run.output
    assert ledger.operations(mutates=True) == []
