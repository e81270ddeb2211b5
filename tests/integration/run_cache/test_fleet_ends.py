# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``fleet`` over hundreds of targets: killed, interrupted, and at a console of which requests fail."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cache_support.runs import Ledger, Run, Runner, connection, eventually
from cai_lab.control_client import LabControl

MANY = 500
FEW = "bulk-000*:bulk-001*"
WRITE = "write_alert_service"
SLOW = {"path": "/server/", "times": None, "latency_ms": 60}


@pytest.fixture(scope="module")
def fleet_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabControl]:
    """A lab with hundreds of agents."""
    with LabControl.start(tmp_path_factory.mktemp("fleet-lab")) as made:
        made.add_agents(MANY)
        yield made


@pytest.fixture
def lab(fleet_lab: LabControl) -> Iterator[LabControl]:
    """It, at rest."""
    yield fleet_lab
    fleet_lab.set_faults()


@pytest.fixture
def link(lab: LabControl) -> dict[str, Any]:
    """The connection options of the lab's administrator."""
    return connection(lab)


@pytest.fixture
def service() -> str:
    """What no earlier test has set."""
    return f"Handler {uuid4()}"


def start(runner: Runner, link: dict[str, Any], service: str, **more: Any) -> Run:
    """Give every agent the same Alert Service."""
    hosts = [f"bulk-{number:04d}" for number in range(1, MANY + 1)]
    wishes = {"alert_service": {"enabled": False, "service": service}}
    return runner.start([{"cai.console.fleet": {"common_document": wishes, **more}}], link, hosts=hosts)


def written(lab: LabControl, service: str) -> set[str]:
    """The ids of the targets that have the service."""
    stored = lab.state()["stored"]["alert"]
    return {place.partition("/")[2] for place, content in stored.items() if service in json.dumps(content)}


def settled(lab: LabControl, service: str) -> set[str]:
    """The same when the console is through with the requests that it had in hand as their sender was killed."""
    before = written(lab, service)
    while True:
        time.sleep(1)
        now = written(lab, service)
        if now == before:
            return now
        before = now


def await_writes(ledger: Ledger, number: int) -> None:
    """Wait until so many targets were written."""
    eventually(lambda: ledger.number(WRITE) >= number, f"{number} writes")


def test_a_run_that_is_killed_writes_nothing_two_seconds_later(
    runner: Runner, lab: LabControl, link: dict[str, Any], ledger: Ledger, service: str
) -> None:
    lab.set_faults(SLOW)
    run = start(runner, link, service)
    await_writes(ledger, 50)
    run.send(signal.SIGKILL, group=True)
    run.end()
    time.sleep(2)
    before = ledger.number(WRITE)
    assert before < MANY
    time.sleep(2)
    assert ledger.number(WRITE) == before
    eventually(lambda: not run.processes(), f"still running: {run.processes()}")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_asked_to_end_brings_to_an_end_what_it_began(
    runner: Runner,
    lab: LabControl,
    link: dict[str, Any],
    ledger: Ledger,
    service: str,
    tmp_path: Path,
    number: signal.Signals,
) -> None:
    lab.set_faults(SLOW)
    journal = tmp_path / "journal"
    run = start(runner, link, service, journal=str(journal))
    await_writes(ledger, 50)
    run.send(number)
    assert run.end() != 0
    writes = ledger.operations(operation=WRITE)
    assert len(writes) < MANY
    assert {entry["status"] for entry in writes} == {200}
    # Each write was read back, and its target is in the journal.
    read_back = [entry["target"] for entry in ledger.operations(operation="read_alert_service")]
    assert all(read_back.count(entry["target"]) == 2 for entry in writes)
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    assert {line["target"] for line in lines if line["status"] == "changed"} == {entry["target"] for entry in writes}
    assert len([line for line in lines if line["status"] == "not_begun"]) == MANY - len(writes)
    assert "fleet: the run is being ended." in run.output
    ledger.assert_signed(1)
    run.assert_nothing_left()


# Ansible may lose an interrupt that comes while it forks, and then waits for ever, and a worker that is being forked at
# a signal may be known to nobody; so there are so few hosts that all are forked by then.
@pytest.mark.parametrize(
    ("module", "number"),
    [
        ("fleet", signal.SIGTERM),
        ("fleet", signal.SIGHUP),
        ("fleet", signal.SIGINT),
        ("execution_target", signal.SIGTERM),
        ("execution_target", signal.SIGHUP),
    ],
)
def test_a_run_whose_inventory_signed_in_signs_out_at_a_signal_too(
    runner: Runner,
    lab: LabControl,
    link: dict[str, Any],
    ledger: Ledger,
    service: str,
    module: str,
    number: signal.Signals,
) -> None:
    lab.set_faults(SLOW)
    wishes = {"alert_service": {"enabled": False, "service": service}}
    args = {"common_document": wishes} if module == "fleet" else {**wishes, "target": "{{ cai_target_id }}"}
    path = runner.file("lab.cai_targets.yml", {"plugin": "cai.console.targets", **link})
    run = runner.start([{f"cai.console.{module}": args}], link, hosts={}, options=["-i", path, "--limit", FEW])
    eventually(lambda: ledger.number(WRITE) >= 1, "a write")
    run.send(number)
    assert run.end() != 0
    ledger.assert_signed(1)
    run.assert_nothing_left()


def test_a_killed_run_is_completed_by_the_next_and_what_was_done_is_not_written_again(
    runner: Runner, lab: LabControl, link: dict[str, Any], ledger: Ledger, service: str
) -> None:
    lab.set_faults(SLOW)
    run = start(runner, link, service)
    await_writes(ledger, 50)
    run.send(signal.SIGKILL, group=True)
    run.end()
    eventually(lambda: not run.processes(), "the worker ends")
    lab.set_faults()
    done = settled(lab, service)
    between = Ledger(lab)
    start(runner, link, service).succeed()
    assert between.number(WRITE) == MANY - len(done)
    assert not done & {entry["target"] for entry in between.operations(operation=WRITE)}


def test_requests_that_fail_now_and_then_are_tried_again(
    runner: Runner, lab: LabControl, link: dict[str, Any], ledger: Ledger, service: str
) -> None:
    lab.set_faults({"path": "/server/", "times": None, "share": 0.05, "status": 503, "body": "html"})
    run = start(runner, link, service, max_failed="2%")
    run.succeed()
    # A write is repeated once, and it may be hit twice.
    missing = run.output.count("fleet: failed: ")
    assert len(written(lab, service)) == MANY - missing
    assert len(ledger.operations(fault="status")) >= 3 * MANY // 20
    ledger.assert_signed(1)


def test_what_fails_for_good_is_named_and_the_rest_is_done(
    runner: Runner, lab: LabControl, link: dict[str, Any], ledger: Ledger, service: str
) -> None:
    lab.set_faults({"method": "PUT", "path": "/alert", "times": None, "share": 0.05, "status": 500})
    run = start(runner, link, service)
    assert run.end() == 2
    failed = [entry for entry in ledger.operations(operation=WRITE) if entry["status"] == 500]
    assert failed
    assert len(written(lab, service)) == MANY - len(failed)
    assert run.output.count("fleet: failed: ") == len(failed)
    assert f"{MANY} targets: 0 unchanged, {MANY - len(failed)} changed, {len(failed)} failed" in run.output


def test_a_session_that_ends_in_the_middle_is_renewed_once(
    runner: Runner, lab: LabControl, link: dict[str, Any], ledger: Ledger, service: str
) -> None:
    lab.set_faults(SLOW)
    run = start(runner, link, service)
    await_writes(ledger, 50)
    lab.end_sessions()
    run.succeed()
    assert len(written(lab, service)) == MANY
    assert ledger.counts()["sign_ins"] == 2


def test_the_limit_of_requests_holds_for_all_workers(
    runner: Runner, lab: LabControl, link: dict[str, Any], ledger: Ledger, service: str
) -> None:
    start(runner, link, service, requests_per_second=200).succeed()
    times = [entry["time"] for entry in ledger.operations() if entry["listener"] == "console"]
    seconds = {moment[:19] for moment in times}
    assert len(times) > 3 * MANY
    # The limit is an average over the run, whatever the machine does in a single second.
    assert len(times) / len(seconds) <= 200
