# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check mode, by real playbook runs: nothing is stored, nothing that mutates is asked for, and the diff is there."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from cai_lab.control_client import LabControl
from support import client, examples
from support.labs import Watch, connection, refuse_logout_all, running_lab
from support.play import Player


def task(module: str) -> dict[str, Any]:
    """A task of a module that would change something, where it can."""
    secret = {"password": "Check-Mode-pw1"} if module == "email_service" else {}
    one_by_one = {"throttle": 1} if module == "alert_test" else {}
    given = {**examples.FULL.get(module, {}), **examples.NEEDED.get(module, {}), **secret}
    return {"name": module, f"cai.console.{module}": given, **one_by_one}


def test_check_mode_of_every_module_leaves_the_console_as_it_was(play: Player, fresh: Any, watch: Watch) -> None:
    new = fresh()
    watch.restart()
    run = play(
        [task(module) for module in client.TASKS],
        hosts=[new, "Cloud Server", "agent-a", "cluster-east"],
        options=["--check", "--diff"],
    )
    watch.assert_untouched()
    assert {row.status for row in run.of_collection()} == {"ok"}
    assert len(run.of_collection()) == len(client.TASKS) * 4
    for module in client.TASKS:
        result = run.one(module, new).result
        assert result["changed"] is (module in client.SERVICES)
        assert ("diff" in result) is (module in (*client.SERVICES, "execution_target"))


def test_what_check_mode_predicts_is_what_the_run_reports(play: Player, fresh: Any, watch: Watch) -> None:
    targets = [fresh(), fresh()]
    tasks = [task(service) for service in client.SERVICES]
    watch.restart()
    said = play(tasks, hosts=targets, options=["--check", "--diff"])
    watch.assert_untouched()
    done = play(tasks, hosts=targets, options=["--diff"])
    assert len(watch.writes()) == len(tasks) * len(targets)
    for service in client.SERVICES:
        for target in targets:
            assert predicted(said.one(service, target).result) == predicted(done.one(service, target).result)


def test_a_task_may_be_in_check_mode_alone(play: Player, watch: Watch) -> None:
    run = play([{**task("server_properties"), "check_mode": True}])
    assert run.one("server_properties").result["changed"] is True
    watch.assert_untouched()


def test_the_guard_against_ending_all_sessions_of_a_user_works(tmp_path: Any) -> None:
    """Every lab of this suite is held to it at its end; here is the proof that it would be noticed."""
    with pytest.raises(AssertionError, match="logoutall was requested"), running_lab(tmp_path / "lab") as lab:
        refuse_logout_all(lab)
        end_all_sessions(lab)


def end_all_sessions(lab: LabControl) -> None:
    """Do what the collection must never do."""
    link = connection(lab)
    who = {"username": link["console_username"], "password": link["console_password"]}
    with requests.Session() as http:
        http.trust_env = False
        assert http.post(f"{lab.addresses['console']}/ma/api/v2/user/logoutall", json=who, timeout=30).ok


def predicted(result: dict[str, Any]) -> dict[str, Any]:
    """A result without what only a real run can say: what it left stored, and the fingerprints of what is held now."""
    return {name: value for name, value in result.items() if name not in ("state_left", "fingerprints")}
