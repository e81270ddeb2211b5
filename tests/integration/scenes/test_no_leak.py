# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The canary scan: no secret is on a screen, in a log, a report, a cache or a file; see support/canary.py."""

from __future__ import annotations

import base64
import json
import shutil
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.cai.console.plugins.module_utils._edge import execute
from ansible_collections.cai.console.plugins.module_utils._errors import FAULTS, ConsoleError
from ansible_collections.cai.console.plugins.plugin_utils._oauth import exchange
from cai_lab.control_client import LabControl
from support import canary, client
from support.canary import (
    TEMPORARY,
    USERS_OWN,
    Sampler,
    Scan,
    from_environment,
    hits,
    kept_facts,
    text_below,
    unique,
    user_set,
)
from support.gateway import Gateway
from support.hand import Hand
from support.jobs import Job, job_runner
from support.leaks import leaks
from support.patience import eventually
from support.places import ROOT
from support.planted import Plant
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


def test_no_secret_is_in_the_artifacts_of_a_job_runner(
    tmp_path: Path, fresh: Callable[[], str], plant: Plant, link: dict[str, Any]
) -> None:
    hidden = {**link, "console_password": from_environment("CONSOLE_PASSWORD")}
    with job_runner(tmp_path, hidden) as jobs:
        job = jobs.start(
            chosen(plant, fresh(), "worker"),
            hosts=["any"],
            options=["-vvvvv", "--diff"],
            environment=user_set(plant.secrets),
        )
        job.end()
    wrong = {event["event_data"]["task"] for event in job.events() if event["event"] == "runner_on_failed"}
    assert {name.split(":")[0] for name in wrong} == {"failed"}
    assert hits(artifacts(job), {**plant.secrets, **plant.obtained()}) == {}


def artifacts(job: Job) -> dict[str, str]:
    """What a job leaves: ansible-runner's files, but for the environment that it notes as its caller set it."""
    for path in job.artifacts.glob("*/command"):
        noted = json.loads(path.read_text(encoding="utf-8"))
        kept = {name: value for name, value in noted["env"].items() if not name.startswith(USERS_OWN)}
        path.write_text(json.dumps({**noted, "env": kept}), encoding="utf-8")
    return {
        "events": text_below(job.artifacts, "*.json"),
        "all artifacts": text_below(job.artifacts),
        "home": text_below(job.folder / "home"),
    }


def test_a_plugin_that_leaks_is_caught_in_the_artifacts(tmp_path: Path, lab: LabControl, link: dict[str, Any]) -> None:
    """The control of the same."""
    secret = unique("LEAKED")
    with job_runner(tmp_path, link) as jobs:
        leaky = {
            "secret": from_environment("LEAKED"),
            "folder": str(tmp_path / "job-0"),
            "console": link["console_url"],
        }
        (tmp_path / "job-0" / "local").mkdir(parents=True)
        job = jobs.start(
            [{"name": "leak", "leaky": leaky, "ignore_errors": True}],
            hosts=["any"],
            environment=user_set({"LEAKED": secret}),
        )
        job.end()
    found = hits(artifacts(job), {"LEAKED": secret})
    assert {"events", "all artifacts"} <= set(found)


class Spy:
    """Keeps the texts of every error that a task turns into a result, and of those that led to it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.texts: list[str] = []
        tell = ConsoleError.as_result

        def told(error: ConsoleError) -> dict[str, Any]:
            self._keep(error)
            return tell(error)

        monkeypatch.setattr(ConsoleError, "as_result", told)

    def _keep(self, error: BaseException) -> None:
        self.texts += [
            str(error),
            repr(error),
            repr(vars(error)),
            *map(str, error.args),
            *traceback.format_exception(error),
        ]
        for behind in (error.__cause__, error.__context__):
            if behind is not None:
                self._keep(behind)


def test_no_secret_is_in_the_text_of_an_error(
    monkeypatch: pytest.MonkeyPatch, fresh: Callable[[], str], plant: Plant, link: dict[str, Any], tmp_path: Path
) -> None:
    """Also not in that of an error behind another, which no output shows."""
    spy = Spy(monkeypatch)
    monkeypatch.setenv("HOME", str(tmp_path))
    for module, args in plant.plain_tasks(fresh()):
        if module == "oauth_token":
            valid = ArgumentSpecValidator(exchange.SPEC).validate(args)
            exchange.run(valid.validated_parameters, check_mode=False, environ={})
        elif module in client.TASKS:
            valid = ArgumentSpecValidator(client.TASKS[module].spec).validate({**link, **args})
            if not valid.error_messages:
                execute(client.TASKS[module], valid.validated_parameters, check_mode=False, environ={})
    codes = {code for code in FAULTS if any(repr(code) in text for text in spy.texts)}
    assert codes >= {"sign_in_refused", "write_refused", "test_failed", "smtp_auth_refused", "client_refused"}
    assert hits({"errors": "\n".join(spy.texts)}, plant.secrets) == {}
    spy.texts.clear()
    ConsoleError("write_refused", f"not {plant.secrets['SMTP_PASSWORD']}", stage="write").as_result()
    assert hits({"errors": "\n".join(spy.texts)}, plant.secrets)


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


def test_the_sampler_goes_on_when_folders_vanish_under_it(tmp_path: Path) -> None:
    place = tmp_path / TEMPORARY[0]
    place.mkdir()
    with Sampler(tmp_path) as sampler:
        for number in range(300):
            (place / f"{number}" / "below").mkdir(parents=True)
            shutil.rmtree(place / f"{number}")
        (place / "last").write_text("seen at last")
        eventually(lambda: sampler.files)
    assert sampler.files == {"seen at last"}


def test_a_sampler_that_fails_is_no_watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canary, "temporary", lambda _folder: 1 / 0)
    with pytest.raises(AssertionError, match="not watched"), Sampler(tmp_path) as sampler:
        eventually(lambda: not sampler._thread.is_alive())
