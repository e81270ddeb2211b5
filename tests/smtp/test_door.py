# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user runs: ``ansible-playbook`` with the playbook, the role and the module, through both doors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.cai.console.plugins.module_utils._resources.email_service import EMAIL_SERVICE
from ansible_collections.cai.console.plugins.module_utils._tasks import converging
from cai_lab.control_client import LabControl

from . import certificates
from .playing import ELSEWHERE, ansible, as_role, rows
from .script import PASSWORD, USER, Script
from .scripted import ScriptedServer
from .test_console import run

TASK = """
- hosts: all
  gather_facts: false
  connection: local
  tasks:
    - cai.console.smtp_test: "{{ options }}"
      async: "{{ seconds | default(0) }}"
      poll: 1
"""


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> certificates.Kinds:
    return certificates.make(tmp_path_factory.mktemp("pki"))


def options(server: ScriptedServer, folder: Path, kinds: certificates.Kinds, **more: Any) -> dict[str, Any]:
    (folder / "ca.pem").write_text(kinds.ca_pem)
    usual = {"host": "localhost", "port": server.port, "username": USER, "password": PASSWORD}
    return {**usual, "ca_path": str(folder / "ca.pem"), **more}


def test_of_many_targets_one_tries_a_wrong_password(tmp_path: Path, kinds: certificates.Kinds) -> None:
    with ScriptedServer(Script(), kinds.contexts) as server:
        wrong = options(server, tmp_path, kinds, password="wrong-Mail-pw1")
        ended = ansible(tmp_path, 12, "cai.console.smtp_test", as_role(wrong, tmp_path))
        server.settle()
        signs_in = [line for session in server.sessions for line in session.verbs() if line == "AUTH"]
    assert ended.returncode != 0
    assert len(signs_in) == 1
    results = [row["result"] for row in rows(tmp_path)]
    assert sorted(str(result["not_tried"]) for result in results) == ["None"] + ["mailbox_refused"] * 11
    assert [result["failed_stage"] for result in results if not result["not_tried"]] == ["auth"]
    page = (tmp_path / "report" / "smtp_test.html").read_text()
    for shown in (ended.stdout, page):
        assert "The mailbox refused the sign-in of" in shown
        # What to do, and who has to.
        assert "Next step for you: Check user name and secret." in shown
    assert "wrong-Mail-pw1" not in ended.stdout + ended.stderr + page + json.dumps(results)


def test_equal_probes_run_once_and_the_report_is_one_page(tmp_path: Path, kinds: certificates.Kinds) -> None:
    with ScriptedServer(Script(), kinds.contexts) as server:
        found = options(server, tmp_path, kinds)
        ended = ansible(tmp_path, 12, "cai.console.smtp_test", as_role(found, tmp_path))
        server.settle()
        assert ended.returncode == 0, ended.stdout[-2000:]
        assert [len(session.messages) for session in server.sessions] == [1]
    assert sum(row["result"]["shared"] for row in rows(tmp_path)) == 11
    page = (tmp_path / "report" / "smtp_test.html").read_text()
    assert page.count("data-target=") == 12 and page.count("data-stage=") == 12 * 14
    assert "src=" not in page and "href=" not in page and "<script" not in page


def test_check_mode_reaches_nobody(tmp_path: Path, kinds: certificates.Kinds) -> None:
    with ScriptedServer(Script(), kinds.contexts) as server:
        found = options(server, tmp_path, kinds)
        ended = ansible(tmp_path, 1, "cai.console.smtp_test", as_role(found, tmp_path), "--check")
        assert (ended.returncode, server.sessions) == (0, [])
    assert "no packet left" in ended.stdout


@pytest.mark.parametrize("vantage", ["module_host", "both"])
def test_a_probe_elsewhere_gets_the_mail_servers_secret_and_never_the_console(
    tmp_path: Path, kinds: certificates.Kinds, vantage: str
) -> None:
    (tmp_path / "play.yml").write_text(TASK)
    (tmp_path / "ca.pem").write_text(kinds.ca_pem)
    trust = ("--trust", str(tmp_path / "ca.pem"))
    with LabControl.start(tmp_path / "lab", *trust) as lab, ScriptedServer(Script(), kinds.contexts) as server:
        who = lab.addresses["users"][0]
        found = options(server, tmp_path, kinds)
        settings = {name: found[name] for name in ("host", "port", "username", "password")}
        given = {**settings, "enabled": True, "security": "tls", "state_dir": str(tmp_path / "state")}
        assert run(lab, converging(EMAIL_SERVICE), **given)["changed"]
        reach = {
            "console_url": lab.addresses["console"],
            "console_username": who["name"],
            "console_password": who["password"],
            "console_binding": "lab",
            "target": "agent-a",
        }
        # Without a host the settings are read from the console, and that is done on the controller.
        variables = {
            "options": {**reach, "vantage": vantage, "password": PASSWORD, "ca_path": found["ca_path"]},
            **ELSEWHERE,
        }
        play = str(tmp_path / "play.yml")
        ended = ansible(tmp_path, 1, play, variables, "-v", ANSIBLE_KEEP_REMOTE_FILES="1", ANSIBLE_PIPELINING="0")
        server.settle()
        assert ended.returncode == 0, ended.stdout[-2000:]
        # The console's own message comes from the console, which the controller asked.
        halves = {"module_host": 1, "both": 2}[vantage]
        assert [len(session.messages) for session in server.sessions] == [1] * halves
    files = [path for path in tmp_path.glob("**/*") if path.is_file() and path.name.startswith("AnsiballZ_smtp_test")]
    told = "".join(path.read_text(errors="replace") for path in files)
    assert PASSWORD in told
    assert who["password"] not in told and who["name"] not in told
    assert [name for name in reach if name.startswith("console_") and name in told] == []


def test_a_probe_in_another_process_gives_the_same_verdict(tmp_path: Path, kinds: certificates.Kinds) -> None:
    (tmp_path / "play.yml").write_text(TASK)
    with ScriptedServer(Script(), kinds.contexts) as server:
        found = {
            "options": options(server, tmp_path, kinds),
        }
        near = ansible(tmp_path, 1, str(tmp_path / "play.yml"), found, "-v")
        far = ansible(tmp_path, 1, str(tmp_path / "play.yml"), {**found, **ELSEWHERE}, "-v")
        server.settle()
        assert [len(session.messages) for session in server.sessions] == [1, 1]
    assert (near.returncode, far.returncode) == (0, 0), far.stdout[-2000:]
    assert "took the message" in near.stdout and "took the message" in far.stdout
    assert PASSWORD not in near.stdout + far.stdout


def test_in_the_background_nothing_is_tried(tmp_path: Path, kinds: certificates.Kinds) -> None:
    (tmp_path / "play.yml").write_text(TASK)
    with ScriptedServer(Script(), kinds.contexts) as server:
        found = {"options": options(server, tmp_path, kinds, password="wrong-Mail-pw1"), "seconds": 60}
        ended = ansible(tmp_path, 3, str(tmp_path / "play.yml"), found, "-v")
        assert server.sessions == []
    assert ended.returncode != 0
    assert ended.stdout.count('"code": "smtp_in_background"') == 3
    assert "Take async away from the task" in ended.stdout


def test_a_refused_sign_in_elsewhere_keeps_the_other_targets_off(tmp_path: Path, kinds: certificates.Kinds) -> None:
    (tmp_path / "play.yml").write_text(TASK)
    with ScriptedServer(Script(), kinds.contexts) as server:
        found = {"options": options(server, tmp_path, kinds, password="wrong-Mail-pw1"), **ELSEWHERE}
        ended = ansible(tmp_path, 4, str(tmp_path / "play.yml"), found, "-v")
        server.settle()
        signs_in = [line for session in server.sessions for line in session.verbs() if line == "AUTH"]
    assert (ended.returncode != 0, signs_in) == (True, ["AUTH"])
    assert ended.stdout.count('"not_tried": "mailbox_refused"') == 3
