# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rollout: a plan, its approval by digest, canary and waves, what stops them, and how a cut-off run goes on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cai_lab.control_client import LabControl
from support.hand import Hand
from support.labs import PARENT, SENDER, Watch, connection, mail_password
from support.play import Player, Run

TASK = "Plan, apply, catch up or report"
END = "End with an error if the rollout was stopped or a target was refused"
SERVICES = ("server_properties", "email_service", "alert_service")


class Rollout:
    """Runs the playbook over hosts, and keeps its folder of states between the runs."""

    def __init__(self, play: Player, link: dict[str, Any], folder: Path, hosts: dict[str, dict[str, Any]]) -> None:
        self._play = play
        self._variables = {f"cai_{name}": value for name, value in link.items()}
        self.state_dir = folder / "state"
        self.report = folder / "report"
        self.hosts = hosts
        self.digest = ""

    def __call__(self, *options: str, exit_code: int | None = 0, **variables: Any) -> Run:
        """Run it; variables are those of the role, without its name before them."""
        mine = {"state_dir": str(self.state_dir), "report": str(self.report), **variables}
        named = {**self._variables, **{f"rollout_{name}": value for name, value in mine.items()}}
        return self._play.playbook(
            "cai.console.rollout", hosts=self.hosts, variables=named, options=options, exit_code=exit_code
        )

    def plan(self, exit_code: int | None = 0, **variables: Any) -> dict[str, Any]:
        """Plan; the result, whose digest is kept."""
        result = self("--tags", "plan", exit_code=exit_code, **variables).one(TASK).result
        self.digest = result.get("plan_digest", "")
        return result

    def apply(self, *options: str, exit_code: int | None = 0, **variables: Any) -> dict[str, Any]:
        """Apply the plan; the result."""
        run = self(*options, exit_code=exit_code, plan_digest=self.digest, **variables)
        return run.one(TASK).result

    def kept(self) -> str:
        """Everything that is in the folders, as text."""
        files = [*self.state_dir.rglob("*"), *self.report.rglob("*")]
        return "\n".join(path.read_text(encoding="utf-8") for path in files if path.is_file())


def wishes(name: str) -> dict[str, Any]:
    """Wishes that no mail server is needed for, and that differ by host."""
    return {"wishes": {"alert_service": {"enabled": False, "action": "custom_service", "service": f"Handler {name}"}}}


def rows(result: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The targets of a result by their hosts."""
    return {row["host"]: row for row in result["targets"]}


def statuses(result: dict[str, Any]) -> dict[str, str]:
    """Host to status."""
    return {host: row["status"] for host, row in rows(result).items()}


@pytest.fixture
def sixty(lab: LabControl) -> list[str]:
    """Sixty agents that nobody has configured."""
    return new_agents(lab, 60)


@pytest.fixture
def six(lab: LabControl) -> list[str]:
    """Six of them."""
    return new_agents(lab, 6)


def new_agents(lab: LabControl, number: int) -> list[str]:
    """New agents that nobody has configured."""
    last = lab.add_agents(number)
    return [f"bulk-{index:04d}" for index in range(last - number + 1, last + 1)]


@pytest.fixture
def rollout(play: Player, link: dict[str, Any], tmp_path: Path) -> Callable[[list[str]], Rollout]:
    """Makes a rollout over hosts."""
    return lambda names: Rollout(play, link, tmp_path, {name: wishes(name) for name in names})


def lab_id(lab: LabControl, name: str) -> str:
    """The lab's id of a target."""
    return str(next(target["id"] for target in lab.targets() if target["name"] == name))


def written(watch: Watch) -> list[str]:
    """The targets that were written, in order."""
    return [entry["target"] for entry in watch.writes()]


def asked(watch: Watch, lab: LabControl) -> set[str]:
    """Names of the targets of which anything was asked."""
    names = {target["id"]: target["name"] for target in lab.targets()}
    return {names[entry["target"]] for entry in watch.operations() if entry.get("target") in names}


def test_plan_and_apply(
    rollout: Callable[[list[str]], Rollout], six: list[str], watch: Watch, hand: Hand, lab: LabControl
) -> None:
    it = rollout(six)
    plan = it.plan()
    watch.assert_untouched()
    assert plan["counts"] == {"total": 6, "change": 6, "unchanged": 0, "down": 0, "failed": 0, "shared": 0}
    assert it.plan()["plan_digest"] == plan["plan_digest"]
    watch.restart()
    result = it.apply()
    assert set(statuses(result).values()) == {"changed"}
    assert [wave["name"] for wave in result["waves"]] == ["canary", "wave 1", "wave 2"]
    assert hand.call("GET", six[3], "/server/services/alert")["service"] == f"Handler {six[3]}"
    assert len(written(watch)) == 6
    assert "No gate is set" in result["gate"]
    watch.restart()
    again = it.apply()
    assert (again["finished_before"], again["changed"], asked(watch, lab)) == (6, False, set())
    report = json.loads((it.report / "rollout.json").read_text())
    assert report["counts"]["changed"] == 6
