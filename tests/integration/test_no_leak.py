# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets are not on the screen at any verbosity, in a log, in a file that is left, or in the console's log."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from cai_lab.control_client import LabControl
from support import examples
from support.gateway import Answer, Gateway, Request, json_answer
from support.hand import Hand
from support.leaks import leaks
from support.play import Player, Run, TaskData

# Characters that JSON, URLs and forms write in another way.
PLANTED = {
    "WRONG_CONSOLE_PASSWORD": 'Console/"planted"+pw=1 ü',
    "SMTP_PASSWORD": 'Smtp/"planted"+pw=2 ü',
    "CLIENT_SECRET": 'Client/"planted"+cs=3 ü',
}
DOORS: dict[str, dict[str, Any]] = {
    "worker": {},
    "elsewhere": {"connection": "elsewhere"},
    "async": {"async": 600, "poll": 1},
}
# With async each task takes two seconds.
FEW = ("ok: password", "ok: session", "failed: sign-in", "failed: echo of a write")
LEFT_BEHIND = ("home", "local", "remote", "async")


@pytest.fixture
def secrets(link: dict[str, Any], hand: Hand) -> dict[str, str]:
    """Every secret of the play, by the name of the variable that holds it."""
    return {**PLANTED, "CONSOLE_PASSWORD": link["console_password"], "SESSION": hand.session}


def variable(name: str) -> str:
    """A template for a secret, which no file of the run holds."""
    return "{{ lookup('ansible.builtin.env', 'PLANTED_%s') }}" % name  # noqa: UP031 - braces of a template


def planted_tasks(target: str, lab: LabControl, gateway: Gateway, **keywords: Any) -> list[TaskData]:
    """Tasks that use every secret, some of which fail, some at a console that repeats what it is sent."""
    email = {"target": target, **examples.EMAIL, "password": variable("SMTP_PASSWORD")}
    oauth = {**examples.OAUTH, "client_secret": variable("CLIENT_SECRET")}
    session = {"id": variable("SESSION"), "platform_url": f"{lab.addresses['pod']}/saas"}
    named: dict[str, dict[str, Any]] = {
        "ok: password": email,
        "ok: always": {**email, "update_secrets": "always"},
        "ok: oauth": {"target": target, "authentication": "oauth", "oauth": oauth},
        "ok: session": {"target": "Cloud Server", "enabled": False, "console_session": session},
        "ok: session id": {"target": "Cloud Server", "enabled": False, "console_session": variable("SESSION")},
        "failed: sign-in": {"target": target, "console_password": variable("WRONG_CONSOLE_PASSWORD")},
        "failed: echo of a sign-in": {
            "console_url": gateway.console,
            "console_password": variable("WRONG_CONSOLE_PASSWORD"),
        },
        "failed: echo of a write": {
            **email,
            "console_url": gateway.console,
            "authentication": "password",
            "port": 2530,
        },
        "failed: value": {**email, "port": 0},
        "failed: type": {**email, "port": "many"},
        "failed: unknown option": {**email, "passwort": "x"},
        "failed: secret required": {"target": target, "host": "rogue.example.org", "authentication": "oauth"},
    }
    return [
        {"name": name, "cai.console.email_service": args, "ignore_errors": name.startswith("failed"), **keywords}
        for name, args in named.items()
    ]


def echo(request: Request) -> Answer | None:
    """A console that says in its error what it was sent, as it came and decoded."""
    wrong_sign_in = request.path.endswith("/login") and b"planted" in request.body
    if not wrong_sign_in and request.method != "PUT":
        return None
    message = f"Refused: {request.body.decode()} {json.loads(request.body).get('password')}"
    return json_answer(json.dumps({"error": {"code": "ECHO", "message": message}}).encode(), 400)


def left_behind(run_folder: Path) -> str:
    """The contents of all files that the run has left."""
    files = [path for name in LEFT_BEHIND for path in (run_folder / name).rglob("*") if path.is_file()]
    return "\n".join(path.read_bytes().decode(errors="replace") for path in files)


def lab_log(lab: LabControl) -> Path:
    """The log of the lab's process."""
    return Path(lab.addresses["ca"]).parents[1] / "lab.log"


def check_outcomes(run: Run) -> None:
    """The play must have gone through all that it was to show."""
    for row in run.of_collection():
        assert row.status == row.task.split(":")[0], row


@pytest.mark.parametrize("door", DOORS)
def test_no_secret_is_shown_or_kept(
    door: str,
    play: Player,
    tmp_path: Path,
    lab: LabControl,
    gateway: Gateway,
    fresh: Callable[[], str],
    secrets: dict[str, str],
    link: dict[str, Any],
) -> None:
    gateway.rule = echo
    log = lab_log(lab)
    before = len(log.read_bytes())
    tasks = planted_tasks(fresh(), lab, gateway, **DOORS[door])
    run = play(
        [task for task in tasks if door != "async" or task["name"] in FEW],
        connection={**link, "console_password": variable("CONSOLE_PASSWORD")},
        variables={"ansible_async_dir": str(tmp_path / "run-0" / "async")},
        options=["-vvvvv", "--diff"],
        environment={f"PLANTED_{name}": value for name, value in secrets.items()},
    )
    check_outcomes(run)
    assert "write_email_service" in log.read_text(encoding="utf-8")
    assert any(b"planted" in request.body for request, _answer in gateway.seen)
    assert run.log
    assert leaks(run.output, secrets) == []
    assert leaks(json.dumps([row.result for row in run.of_collection()]), secrets) == []
    assert leaks(left_behind(tmp_path / "run-0"), secrets) == []
    assert leaks(log.read_bytes()[before:].decode(errors="replace"), secrets) == []


@pytest.mark.parametrize("name", PLANTED)
def test_the_search_finds_a_secret_in_every_form(name: str) -> None:
    secret = PLANTED[name]
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
        assert [found.split(" ")[0] for found in leaks(text, PLANTED)][:1] == [name], text
    assert leaks("nothing here but planted text", PLANTED) == []
