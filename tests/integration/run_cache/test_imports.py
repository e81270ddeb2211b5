# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a worker need not do: nothing is imported there, and the CA bundle is loaded once, in the parent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cache_support.runs import READ, Ledger, Run, Runner, connection
from cai_lab.control_client import LabControl

SECRET = {"password": "Imports-pw1"}
TASKS: list[dict[str, Any]] = [
    READ,
    {"cai.console.email_service": {"enabled": True, "host": "m.example.org", "port": 25, "username": "a", **SECRET}},
    {"cai.console.email_service": {"port": 26, **SECRET, "test": "after", "on_test_failure": "warn"}},
    {"cai.console.email_service": {"port": 0}, "ignore_errors": True},
    {"cai.console.alert_service": {"enabled": False}},
    {"cai.console.server_properties": {"suspend_on_uncaught_fault": True}},
    {"cai.console.execution_target": {"alert_service": {"enabled": False}, "email_service": {"port": 27, **SECRET}}},
    {"cai.console.targets_info": {}},
    {"cai.console.console_doctor": {}},
    {"cai.console.email_service_info": {"target": "no-such-agent"}, "ignore_errors": True},
    {"cai.console.email_service_info": {"console_password": "wrong"}, "ignore_errors": True},
    {"cai.console.email_service_info": {"console_url": "http://127.0.0.1:9"}, "ignore_errors": True},
]
DEBUG: list[dict[str, Any]] = [
    {"ansible.builtin.debug": {"msg": "{{ inventory_hostname }}"}},
    {"ansible.builtin.fail": {"msg": "no"}, "ignore_errors": True},
]


@pytest.fixture(scope="module")
def secure_lab(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A lab that speaks https."""
    with LabControl.start(tmp_path_factory.mktemp("secure-lab"), "--tls") as lab:
        yield lab


def imported(run: Run) -> set[str]:
    """What workers imported."""
    run.succeed()
    return {name for _pid, name in run.notes("import")}


def bundles(run: Run) -> list[int]:
    """The processes that loaded a CA bundle, once for each time."""
    return [pid for pid, _name in run.notes("bundle")]


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_no_import_runs_in_a_worker(secure: bool, runner: Runner, lab: LabControl, secure_lab: LabControl) -> None:
    chosen = secure_lab if secure else lab
    link = connection(chosen, **({"console_ca_path": chosen.addresses["ca"]} if secure else {}))
    usual = imported(runner.start(DEBUG, link, hosts=["agent-a", "agent-b"]))
    ours = imported(runner.start(TASKS, link, hosts=["agent-a", "agent-b"], options=["--diff"]))
    assert ours - usual == set()


def test_no_import_runs_in_a_worker_for_a_name_that_has_to_be_looked_up(
    runner: Runner, lab: LabControl, link: dict[str, Any]
) -> None:
    named = {**link, "console_url": link["console_url"].replace("127.0.0.1", "localhost")}
    usual = imported(runner.start(DEBUG, link, hosts=["agent-a"]))
    assert imported(runner.start([READ], named, hosts=["agent-a"])) - usual == set()


def test_the_ca_bundle_is_loaded_once_in_the_run(runner: Runner, secure_lab: LabControl, tmp_path: Path) -> None:
    ledger = Ledger(secure_lab)
    link = connection(secure_lab)
    usual = bundles(runner.start(DEBUG, link, hosts=["agent-a"]))
    # Default trust, which this environment variable of OpenSSL's points to the lab's CA.
    run = runner.start([READ] * 3, link, hosts=["agent-a", "agent-b"], SSL_CERT_FILE=secure_lab.addresses["ca"])
    run.succeed()
    assert len(bundles(run)) - len(usual) == 1
    assert len(set(bundles(run))) == 1
    ledger.assert_signed(1)
