# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same modules against consoles that speak differently: only the binding is another one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.cai.console.plugins.module_utils import _wire
from cai_lab.control_client import LabControl
from support import client, dialects, examples
from support.gateway import Answer, Gateway, Request
from support.labs import SENDER, Watch, mail_password

PASSWORD = "Dialect-pw1&<é>"


@pytest.fixture(params=dialects.NAMES)
def spoken(request: Any, link: dict[str, Any]) -> dict[str, Any]:
    """The connection options with the binding of a dialect."""
    return {**link, "console_binding": dialects.text_of(request.param)}


def wishes(service: str, states: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A state, with a password where the service has one."""
    return {**states[service], **({"password": PASSWORD} if service == "email_service" else {})}


@pytest.mark.parametrize("where", ["cloud", "agent"])
def test_every_option_is_written_and_read(
    where: str, spoken: dict[str, Any], link: dict[str, Any], fresh: Callable[[], str], watch: Watch
) -> None:
    target = client.CLOUD if where == "cloud" else fresh()
    for states in (examples.FULL, examples.OTHER):
        for service in client.SERVICES:
            client.run(service, spoken, target=target, **wishes(service, states), check=True)
            result = client.done(service, spoken, target=target, **wishes(service, states))
            assert result["changed"]
            assert client.stored(service, spoken, target) == client.stored(service, link, target)
            stored = client.stored(service, spoken, target)
            assert {name: stored[name] for name in examples.flat(states[service])} == examples.flat(states[service])
            watch.restart()
            assert not client.done(service, spoken, target=target, **wishes(service, states))["changed"]
            assert watch.writes() == []


def test_services_of_one_document_do_not_undo_each_other(
    spoken: dict[str, Any], link: dict[str, Any], fresh: Callable[[], str]
) -> None:
    target = fresh()
    wanted = {service: wishes(service, examples.FULL) for service in client.SERVICES}
    assert client.done("execution_target", spoken, target=target, **wanted)["changed"]
    for service in client.SERVICES:
        stored = client.stored(service, link, target)
        flat = examples.flat(examples.FULL[service])
        assert {name: stored[name] for name in flat} == flat
    assert not client.done("execution_target", spoken, target=target, **wanted)["changed"]


def test_the_password_arrives_and_stays(spoken: dict[str, Any], lab: LabControl, fresh: Callable[[], str]) -> None:
    target, smtp = fresh(), lab.addresses["smtp"]
    mail = {"enabled": True, "host": smtp["host"], "port": smtp["starttls_port"], "security": "tls", "username": SENDER}
    result = client.done("email_service", spoken, target=target, **mail, password=mail_password(lab), test="after")
    assert all(row["ok"] for row in result["test_results"])
    client.done("email_service", spoken, target=target, enabled=False)
    result = client.done("email_service", spoken, target=target, enabled=True, test="both", test_when="always")
    assert all(row["ok"] for row in result["test_results"]), "a write without the password must keep it"
    wrong = client.run(
        "email_service", spoken, target=target, password="Wrong-pw1", test="after", update_secrets="always"
    )
    assert wrong["error"]["code"] == "test_failed"
    assert "Wrong-pw1" not in json.dumps(wrong)


def test_a_refusal_is_told_in_the_consoles_words(
    spoken: dict[str, Any], fresh: Callable[[], str], watch: Watch
) -> None:
    result = client.run(
        "alert_service", spoken, target=fresh(), enabled=True, action="custom_service", service="NotThere"
    )
    assert result["error"]["code"] == "write_refused"
    assert "The service NotThere is not deployed" in result["msg"]


def test_an_ended_session_is_said(spoken: dict[str, Any], lab: LabControl) -> None:
    session = {"id": "endedSession01", "platform_url": f"{lab.addresses['pod']}/saas"}
    ended = {**spoken, "console_session": session, "console_username": None, "console_password": None}
    assert client.run("server_properties_info", ended)["error"]["code"] == "session_expired"


HOSTILE: dict[str, tuple[str, str, Callable[[Request], Answer | None], str]] = {
    "a job without end": (
        "patch",
        "write",
        lambda request: job() if "/jobs/" in request.path else None,
        "console_timeout",
    ),
    "a job that fails": (
        "patch",
        "write",
        lambda request: job(200, "FAILED") if "/jobs/" in request.path else None,
        "write_refused",
    ),
    "a redirect to another host": (
        "form",
        "write",
        lambda request: redirect("http://elsewhere.example.org/dialects/form/x/services") if is_post(request) else None,
        "redirect_refused",
    ),
    "a redirect to another page": (
        "form",
        "write",
        lambda request: redirect("/console/elsewhere") if is_post(request) else None,
        "write_refused",
    ),
    "a page without the token": (
        "tree",
        "write",
        lambda request: page(b"<p>") if "/page" in request.path else None,
        "unexpected_reply",
    ),
    "a token that is a header": (
        "tree",
        "write",
        lambda request: (
            page(b'<meta name="csrf-token" content="a&#13;&#10;X-Y: b">') if "/page" in request.path else None
        ),
        "unexpected_reply",
    ),
    "a page of nothing but forms": (
        "form",
        "read",
        lambda request: page(b"<form " * 300000) if "/form/" in request.path else None,
        "unexpected_reply",
    ),
    "a document that grows": (
        "tree",
        "read",
        lambda request: (
            Answer(200, b'<!DOCTYPE s [<!ENTITY a "aaaa">]><s>&a;</s>') if "/tree/" in request.path else None
        ),
        "unexpected_reply",
    ),
    "an endless document": (
        "nested",
        "read",
        lambda request: page(b"[" * 3000000) if "/nested/" in request.path else None,
        "unexpected_reply",
    ),
    "a deep document": (
        "nested",
        "read",
        lambda request: page(b'{"a":' * 200000) if "/nested/" in request.path else None,
        "unexpected_reply",
    ),
}


def job(status: int = 200, phase: str = "RUNNING") -> Answer:
    """A job's state."""
    return Answer(status, json.dumps({"job": "x", "phase": phase}).encode(), {"Content-Type": "application/json"})


def redirect(where: str) -> Answer:
    """See another page."""
    return Answer(303, b"", {"Location": where})


def page(body: bytes) -> Answer:
    """A page."""
    return Answer(200, body, {"Content-Type": "text/html"})


def is_post(request: Request) -> bool:
    """Whether a form is sent."""
    return request.method == "POST" and "/form/" in request.path


@pytest.mark.parametrize("case", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_console_ends_in_an_error(
    case: Any, link: dict[str, Any], gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, stage, rule, code = case
    monkeypatch.setattr(_wire, "POLL_SECONDS", 0.0)
    gateway.rule = rule
    through = {**link, "console_binding": dialects.text_of(name), "console_proxy": gateway.console}
    result = client.run("server_properties", through, suspend_on_uncaught_fault=None)
    if stage == "write":
        now = result["server_properties"]["suspend_on_uncaught_fault"]
        result = client.run("server_properties", through, suspend_on_uncaught_fault=not now)
    assert (result["error"]["code"], result["error"]["stage"]) == (code, stage)
