# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook ``doctor``: what does not fit is the line that is red, the rest is not, and nothing is ever written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from ansible_collections.cai.console.plugins.module_utils._doctor import CHECKS
from cai_lab.control_client import LabControl
from support.gateway import Answer, Gateway
from support.labs import VIEWER, Watch, connection
from support.play import Player, Run

HTML = {"Content-Type": "text/html"}
HOSTS = ("Cloud Server", "agent-a")
# What is found wherever nothing is wrong: the lab has agents that are stopped on purpose.
USUAL = {"engines": {"warning"}}


@dataclass(frozen=True)
class Case:
    """Something that is wrong: what is ``red``, which checks are ``blind`` for it, and words of the red lines."""

    red: str
    blind: tuple[str, ...]
    says: tuple[str, ...]
    link: dict[str, Any] = field(default_factory=dict)


AFTER_ADDRESS = tuple(check for check in CHECKS if check != "address")
AFTER_TLS = tuple(check for check in CHECKS if check not in ("address", "tls"))
AFTER_SIGN_IN = ("organization", "targets", "engines", "privilege", "binding", "services")
AFTER_ORGANIZATION = AFTER_SIGN_IN[1:]


def examine(play: Player, link: dict[str, Any], *, exit_code: int, hosts: tuple[str, ...] = HOSTS) -> Run:
    """Run the playbook with connection options as variables."""
    variables = {f"cai_{name}": value for name, value in link.items()}
    return play.playbook("cai.console.doctor", hosts=hosts, variables=variables, exit_code=exit_code)


def verdicts(run: Run) -> dict[str, set[str]]:
    """By check, in order, the verdicts of its lines."""
    found: dict[str, set[str]] = {}
    for finding in run.one("Examine address, sign-in, targets and services").result["findings"]:
        found.setdefault(finding["check"], set()).add(finding["verdict"])
    assert list(found) == list(CHECKS)
    return found


def red_lines(run: Run) -> list[dict[str, str]]:
    """The findings that failed."""
    findings = run.one("Examine address, sign-in, targets and services").result["findings"]
    return [finding for finding in findings if finding["verdict"] == "failed"]


def check(run: Run, case: Case) -> None:
    """One line is red, says why and what next, and stands on the screen; the others are not red."""
    expected = {name: {"ok"} for name in CHECKS} | USUAL
    expected |= dict.fromkeys(case.blind, {"skipped"}) | {case.red: {"failed"}}
    assert verdicts(run) == expected
    (line,) = red_lines(run)
    assert [words for words in case.says if words not in line["message"] + line["remedy"]] == [], line
    assert line["remedy"]
    assert f"Not fit: {case.red}" in run.one("End with an error if something does not fit").result["msg"]
    shown = run.one("Show the verdicts").result["msg"]
    assert [text for text in shown if line["message"] in text and line["remedy"] in text]
    assert len([text for text in shown if text.startswith("failed ")]) == 1, shown


def test_a_lab_fits(play: Player, link: dict[str, Any], watch: Watch) -> None:
    run = examine(play, link, exit_code=0)
    assert verdicts(run) == {name: {"ok"} for name in CHECKS} | USUAL
    assert run.one("End with an error if something does not fit").result["msg"] == "Fit."
    watch.assert_untouched()


def test_without_a_binding_the_rest_is_examined(play: Player, link: dict[str, Any], watch: Watch) -> None:
    run = examine(play, {**link, "console_binding": None}, exit_code=0)
    expected = {name: {"ok"} for name in CHECKS} | USUAL | {"binding": {"warning"}, "services": {"skipped"}}
    assert verdicts(run) == expected
    watch.assert_untouched()


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, b"<html><body>It works!</body></html>", HTML),
        Answer(404, b"<html><body>Not here.</body></html>", HTML),
        Answer(302, b"", {"Location": "http://login.example.org/"}),
        Answer(200, b"{}", {"Content-Type": "application/json"}),
    ],
    ids=["page", "not found", "redirect", "another service"],
)
def test_a_server_that_is_no_console_at_all(
    answer: Answer, play: Player, link: dict[str, Any], gateway: Gateway, watch: Watch
) -> None:
    gateway.rule = lambda request: answer
    address = gateway.console
    run = examine(play, {**link, "console_url": address}, exit_code=2)
    blind = (*AFTER_SIGN_IN, *(() if verdicts(run)["clock"] == {"ok"} else ("clock",)))
    check(run, Case("sign_in", blind, (address, "console_url")))
    assert watch.operations() == []
    assert link["console_password"] not in run.output


def test_nobody_there(play: Player, link: dict[str, Any], closed_port: int) -> None:
    address = f"http://127.0.0.1:{closed_port}"
    run = examine(play, {**link, "console_url": address, "console_timeout": 10}, exit_code=2)
    check(run, Case("address", AFTER_ADDRESS, (address, "console_url")))


def test_a_private_ca(play: Player, tls_lab: LabControl) -> None:
    watch, secure = Watch(tls_lab), connection(tls_lab)
    run = examine(play, secure, exit_code=2)
    check(run, Case("tls", AFTER_TLS, ("console_ca_path",)))
    assert watch.operations() == []
    trusted = examine(play, {**secure, "console_ca_path": tls_lab.addresses["ca"]}, exit_code=0)
    assert verdicts(trusted) == {name: {"ok"} for name in CHECKS} | USUAL


def test_a_user_without_the_privilege(play: Player, lab: LabControl, watch: Watch) -> None:
    run = examine(play, connection(lab, VIEWER), exit_code=2)
    check(run, Case("privilege", ("binding", "services"), ("Console Administration",)))
    watch.assert_untouched()


@pytest.mark.parametrize(
    "case",
    [
        Case("sign_in", AFTER_SIGN_IN, ("console_password",), {"console_password": "Wrong-pw1"}),
        Case("organization", AFTER_ORGANIZATION, ("console_organization_id",), {"console_organization_id": "00OTHER"}),
        Case("binding", ("services",), ("console_binding is unheard-of", "lab"), {"console_binding": "unheard-of"}),
    ],
    ids=lambda case: case.red,
)
def test_one_wrong_option(case: Case, play: Player, link: dict[str, Any], watch: Watch) -> None:
    run = examine(play, {**link, **case.link}, exit_code=2)
    check(run, case)
    assert "Wrong-pw1" not in run.output


@pytest.mark.parametrize("target", ["agent-stopped", "agent-unreachable", "agent-plain", "agent-unheard-of"])
def test_a_target_that_cannot_be_configured(target: str, play: Player, link: dict[str, Any], watch: Watch) -> None:
    run = examine(play, link, exit_code=2, hosts=("agent-a", target))
    assert verdicts(run) == {name: {"ok"} for name in CHECKS} | USUAL | {"services": {"ok", "failed"}}
    (line,) = red_lines(run)
    assert target in line["message"]
    assert line["remedy"]
    watch.assert_untouched()


def test_a_console_that_lacks_a_field_is_not_written_to(
    play: Player, link: dict[str, Any], gateway: Gateway, watch: Watch
) -> None:
    def without_port(request: Any) -> Answer | None:
        if not request.path.endswith("/server/services/email"):
            return None
        answer = request.forward()
        return Answer(answer.status, answer.body.replace(b'"port"', b'"portNumber"'), answer.headers)

    gateway.rule = without_port
    run = examine(play, {**link, "console_url": gateway.console}, exit_code=2)
    assert verdicts(run)["services"] == {"failed"}
    assert all("has no port (port)" in line["message"] for line in red_lines(run))
    watch.assert_untouched()
