# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The canary scan: no secret is on a screen, in a log, a report, a cache, a file or the console's log; see canary.py."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from cai_lab.control_client import LabControl
from support.canary import Scan, from_environment, hits, kept_facts, unique
from support.gateway import Gateway
from support.hand import Hand
from support.leaks import leaks
from support.planted import Plant
from support.places import ROOT
from support.play import Player, Run, TaskData

DOORS: dict[str, dict[str, Any]] = {
    "worker": {},
    "elsewhere": {"connection": "elsewhere"},
    "async": {"async": 600, "poll": 1},
}
# With async each task takes two seconds.
FEW = (
    "ok: password (email_service)",
    "failed: sign-in (email_service)",
    "failed: echo of a write (email_service)",
    "failed: target (execution_target)",
    "failed: probe (smtp_test)",
    "failed: token refused (email_service_authorization)",
)


@pytest.fixture
def plant(lab: LabControl, gateway: Gateway, hand: Hand, link: dict[str, Any], tmp_path: Path) -> Plant:
    """Secrets in the lab."""
    kept = tmp_path / "kept"
    kept.mkdir()
    return Plant(lab, gateway, hand, link["console_password"], kept)


def chosen(plant: Plant, target: str, door: str) -> list[TaskData]:
    """The tasks of a door, then one that keeps their results as facts."""
    tasks = plant.tasks(target, **DOORS[door])
    tasks = [task for task in tasks if door != "async" or task["name"] in FEW]
    tokens = [plant.keep(task["register"]) for task in tasks if task["name"] == "ok: complete (oauth_token)"]
    shown = [task["register"] for task in tasks if task["name"] != "ok: complete (oauth_token)"]
    return [*tasks, *tokens, kept_facts(shown)]


def check_outcomes(run: Run) -> None:
    """The play must have gone through all that it was to show."""
    wrong = {row.task: row.result.get("msg") for row in run.of_collection() if row.status != row.task.split(":")[0]}
    assert wrong == {}


@pytest.mark.parametrize("door", DOORS)
def test_no_secret_is_shown_or_kept(
    door: str,
    play: Player,
    tmp_path: Path,
    lab: LabControl,
    gateway: Gateway,
    fresh: Callable[[], str],
    plant: Plant,
    link: dict[str, Any],
) -> None:
    scan = Scan(tmp_path / "run-0", lab)
    with scan.sampler:
        run = play(
            chosen(plant, fresh(), door),
            connection={**link, "console_password": from_environment("CONSOLE_PASSWORD")},
            variables={"ansible_async_dir": str(tmp_path / "run-0" / "async")},
            options=["-vvvvv", "--diff"],
            environment=scan.environment(plant.secrets),
        )
    check_outcomes(run)
    assert any(b"planted" in request.body for request, _answer in gateway.seen)
    assert bool(plant.obtained()) is (door != "async")
    assert hits(scan.places(run), {**plant.secrets, **plant.obtained()}) == {}


def test_every_module_has_planted_secrets(plant: Plant) -> None:
    modules = {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py")}
    used = {key.rpartition(".")[2] for task in plant.tasks("any") for key in task if key.startswith("cai.console.")}
    assert used == modules


def test_a_plugin_that_leaks_is_caught_in_every_place(play: Player, tmp_path: Path, lab: LabControl) -> None:
    """The control: each detector finds the secret that leaky.py gives away."""
    secret, folder = unique("LEAKED"), tmp_path / "run-0"
    scan = Scan(folder, lab)
    leaky = {"secret": from_environment("LEAKED"), "folder": str(folder), "console": lab.addresses["console"]}
    tasks: list[TaskData] = [
        {"name": "leak", "leaky": leaky, "ignore_errors": True, "register": "leaked"},
        kept_facts(["leaked"]),
    ]
    with scan.sampler:
        run = play(tasks, options=["-vvvvv"], environment=scan.environment({"LEAKED": secret}))
    places = scan.places(run)
    assert set(hits(places, {"LEAKED": secret})) == set(places)
    assert hits(places, {"LEAKED": unique("ANOTHER")}) == {}


FORMS = {name: unique(name) for name in ("CONSOLE_PASSWORD", "SMTP_PASSWORD", "CLIENT_SECRET")}


@pytest.mark.parametrize("name", FORMS)
def test_the_search_finds_a_secret_in_every_form(name: str) -> None:
    secret = FORMS[name]
    shown = [
        f"-- {secret} --",
        json.dumps({"msg": secret}),
        json.dumps({"msg": secret}, ensure_ascii=False),
        repr([secret]),
        quote(secret),
        quote(secret, safe=""),
        *(base64.b64encode(f"{'x' * offset}{secret}yz".encode()).decode() for offset in range(4)),
        base64.urlsafe_b64encode(f"user:{secret}".encode()).decode(),
    ]
    for text in shown:
        assert [found.split(" ")[0] for found in leaks(text, FORMS)][:1] == [name], text
    assert leaks("nothing here but planted text", FORMS) == []
