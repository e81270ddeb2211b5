# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One sign-in per console and user in a run, one renewal when it dies, one attempt where it is refused."""

from __future__ import annotations

import time
from typing import Any

import pytest
from cache_support.runs import PARENT, READ, ROBOT, VIEWER, Ledger, Runner, connection, eventually
from cai_lab.control_client import LabControl

SLOWER = {"path": "/server/services/email$", "latency_ms": 300, "times": None}
LIST = ("list_agent_details", "list_runtime_environments", "read_organisation")
CLOUD = {"cai.console.email_service_info": {"target": "Cloud Server"}}


def per_host(**options: str) -> dict[str, Any]:
    """A task whose connection options are the host's variables."""
    return {"cai.console.email_service_info": {name: f"{{{{ {value} }}}}" for name, value in options.items()}}


def test_discovery_is_asked_for_once_whatever_the_number_of_hosts(
    runner: Runner, link: dict[str, Any], ledger: Ledger, agents: list[str]
) -> None:
    tasks = [READ, {**READ, "delegate_to": "localhost"}, {"cai.console.server_properties_info": {}}]
    runner.start(tasks, link, hosts=agents, play={"strategy": "free"}).succeed()
    ledger.assert_signed(1)
    assert [ledger.number(operation) for operation in LIST] == [1, 1, 1]


def test_an_agent_that_appears_during_the_run_is_found_and_the_list_is_read_again_once(
    runner: Runner, lab: LabControl, link: dict[str, Any], ledger: Ledger, agents: list[str]
) -> None:
    grow = {
        "ansible.builtin.uri": {"url": f"{lab.addresses['control']}/fleet", "method": "POST", "body_format": "json"},
        "run_once": True,
        "delegate_to": "localhost",
    }
    grow["ansible.builtin.uri"]["body"] = {"add": 1}
    new = f"bulk-{sum(agent['name'].startswith('bulk-') for agent in lab.targets()) + 1:04d}"
    unknown = {"cai.console.email_service_info": {"target": "no-such-agent"}, "ignore_errors": True}
    tasks = [READ, grow, {"cai.console.email_service_info": {"target": new}}, unknown]
    run = runner.start(tasks, link, hosts=agents[:10])
    run.succeed()
    assert run.output.count("There is no execution target no-such-agent") >= 10
    assert sum(ledger.number(operation) for operation in LIST) == 5
    ledger.assert_signed(1)


def test_targets_info_reads_the_list_anew(runner: Runner, link: dict[str, Any], ledger: Ledger) -> None:
    tasks = [READ, {"cai.console.targets_info": {}}, READ]
    runner.start(tasks, link, hosts=["agent-a"]).succeed()
    assert ledger.number("list_agent_details") == 2
    ledger.assert_signed(1)


def test_a_session_that_dies_halfway_is_renewed_once(
    runner: Runner, lab: LabControl, link: dict[str, Any], ledger: Ledger, agents: list[str]
) -> None:
    lab.set_faults(SLOWER)
    run = runner.start([READ, READ, READ], link, hosts=agents)
    eventually(lambda: ledger.number("read_email_service") > len(agents), run.output)
    lab.end_sessions()
    run.succeed()
    ledger.assert_signed(2)
    run.assert_nothing_left()


@pytest.mark.parametrize("also_sign_in", [False, True], ids=["all but the sign-in", "all"])
def test_a_401_to_everything_for_a_second_is_no_storm(
    also_sign_in: bool, runner: Runner, lab: LabControl, link: dict[str, Any], ledger: Ledger, agents: list[str]
) -> None:
    lab.set_faults(SLOWER)
    run = runner.start([READ, READ, READ], link, hosts=agents)
    eventually(lambda: ledger.number("read_email_service") > len(agents), run.output)
    lab.set_faults({"path": "^/" if also_sign_in else "^(?!.*/login$)", "status": 401, "times": None})
    time.sleep(1)
    lab.set_faults(SLOWER)
    run.succeed()
    assert ledger.number("sign_in") == 2
    ledger.assert_signed(1 if also_sign_in else 2)


def test_a_refused_sign_in_is_tried_once(
    runner: Runner, link: dict[str, Any], ledger: Ledger, agents: list[str]
) -> None:
    run = runner.start([READ], {**link, "console_password": "wrong"}, hosts=agents)
    assert run.end() == 2
    assert ledger.number("sign_in") == 1
    ledger.assert_signed(0, refused=1)
    assert run.output.count('"code": "sign_in_refused"') == len(agents)
    run.assert_nothing_left()


def test_a_password_that_is_refused_later_is_tried_once(
    runner: Runner, lab: LabControl, link: dict[str, Any], ledger: Ledger, agents: list[str]
) -> None:
    lab.set_faults(SLOWER)
    run = runner.start([READ, READ, READ], link, hosts=agents[:20])
    eventually(lambda: ledger.number("read_email_service") > 20, run.output)
    lab.set_faults({"path": "/login$", "status": 401, "times": None}, SLOWER)
    lab.end_sessions()
    assert run.end() == 2
    assert ledger.number("sign_in") == 2
    assert '"code": "sign_in_refused"' in run.output
    run.assert_nothing_left()


def test_nobody_gets_the_session_of_another(
    runner: Runner, lab: LabControl, other_lab: LabControl, link: dict[str, Any], ledger: Ledger
) -> None:
    labs, users = {"one": lab, "two": other_lab}, (ROBOT, VIEWER, PARENT)
    other = Ledger(other_lab)
    hosts: dict[str, dict[str, Any]] = {}
    for place, console in labs.items():
        for user in users:
            known = connection(console, user)
            hosts |= {f"{place}-{user[:5]}-{number}": {"link": known} for number in range(4)}
    hosts["wrong"] = {"link": {**link, "console_password": "wrong"}}
    named = {name: f"link.{name}" for name in link}
    task = per_host(**named)
    task["cai.console.email_service_info"]["target"] = "Cloud Server"
    run = runner.start([{**task, "ignore_errors": True}], {}, hosts=hosts)
    run.succeed()
    assert run.output.count('"code": "sign_in_refused"') == 1
    for book, refused in ((ledger, 1), (other, 0)):
        book.assert_signed(3, refused=refused)
        read = [entry["user"] for entry in book.operations(operation="read_email_service")]
        assert {user: read.count(user) for user in users} == dict.fromkeys(users, 4)


def test_a_given_session_is_neither_stored_nor_signed_out(
    runner: Runner, lab: LabControl, link: dict[str, Any], ledger: Ledger, agents: list[str]
) -> None:
    first = runner.start([READ], link, hosts=agents[:1], options=["-e", "x=1"])
    lab.set_faults({"path": "/logout$", "status": 500, "times": None})
    first.succeed()
    session = first.notes("session")[0][1]
    assert ledger.counts()["open"] == 1
    lab.set_faults()
    given = {**link, "console_session": {"id": session, "platform_url": f"{lab.addresses['pod']}/saas"}}
    runner.start([READ, READ], given, hosts=agents).succeed()
    assert ledger.counts()["open"] == 1
    assert ledger.number("sign_in") == 1
    assert [ledger.number(operation) for operation in LIST] == [2, 2, 2]
    lab.end_sessions()


def test_the_organisation_is_compared_by_each_task(
    runner: Runner, link: dict[str, Any], ledger: Ledger, agents: list[str]
) -> None:
    wrong = {"cai.console.email_service_info": {"console_organization_id": "other"}, "ignore_errors": True}
    run = runner.start([READ, wrong], link, hosts=agents[:5])
    run.succeed()
    assert run.output.count('"code": "organization_mismatch"') == 5
    ledger.assert_signed(1)
