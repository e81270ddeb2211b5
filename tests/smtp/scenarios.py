# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A scenario: a mail server that behaves so, a probe with these settings, and the verdict that is right."""

from __future__ import annotations

import base64
import contextlib
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from ansible_collections.cai.console.plugins.module_utils._smtp import _sasl
from ansible_collections.cai.console.plugins.module_utils._smtp._model import STAGES, Settings, TlsTerms
from ansible_collections.cai.console.plugins.module_utils._smtp._probe import run_probe

from .certificates import Kinds
from .proxy import FaultProxy, Spoil
from .script import PASSWORD, USER, Script, Session
from .scripted import ScriptedServer

Report = dict[str, Any]
PIECE = 16


@dataclass(frozen=True)
class Place:
    """Where a server listens. ``sessions``: what it saw, where it can tell; ``settle`` waits until that is whole."""

    host: str
    port: int
    ca_pem: str
    sessions: list[Session] | None = None
    settle: Callable[[], None] = lambda: None


Also = Callable[[Report, list[Session]], str | None] | None
Serve = Callable[[Kinds], AbstractContextManager[Place]]


@dataclass(frozen=True)
class Expect:
    """The right verdict. None for ``error`` means that nothing failed; ``finding``: a name that must be reported."""

    stage: str | None = None
    code: int | None = None
    enhanced: str | None = None
    retryable: bool | None = None
    outcome: str | None = None
    error: str | None = None
    finding: str | None = None
    quits: bool | None = None


@dataclass(frozen=True)
class Scenario:
    """``serve`` starts the server; ``settings`` replace the usual ones; ``also`` returns what else is wrong, or None.
    ``world``: a context in which the probe runs, such as a resolver that fails.
    """

    name: str
    serve: Serve
    expect: Expect
    settings: Mapping[str, Any] = field(default_factory=dict)
    terms: Mapping[str, Any] = field(default_factory=dict)
    also: Also = None
    world: Callable[[Place], AbstractContextManager[Any]] | None = None


def scripted(script: Script, spoil: Spoil | None = None) -> Serve:
    """Return what starts a scripted server, behind a proxy that spoils the server's lines if asked for."""

    @contextlib.contextmanager
    def serve(kinds: Kinds) -> Iterator[Place]:
        with ScriptedServer(script, kinds.contexts) as server, contextlib.ExitStack() as more:
            port = server.port
            if spoil is not None:
                port = more.enter_context(FaultProxy(("127.0.0.1", port), spoil)).port
            yield Place("localhost", port, kinds.ca_pem, server.sessions, server.settle)

    return serve


@contextlib.contextmanager
def nobody(kinds: Kinds) -> Iterator[Place]:
    """A port at which nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield Place("localhost", held.getsockname()[1], kinds.ca_pem, [])


def resolver(answer: Callable[[int], list[Any]]) -> Callable[[Place], AbstractContextManager[Any]]:
    """A world in which the resolver answers so; it gets the port."""
    return lambda place: mock.patch.object(socket, "getaddrinfo", lambda *_a, **_k: answer(place.port))


def fails(number: int) -> Callable[[Place], AbstractContextManager[Any]]:
    """A world in which the resolver fails with this number."""

    def answer(_port: int) -> list[Any]:
        raise socket.gaierror(number, "the resolver says no")

    return resolver(answer)


def play(scenario: Scenario, kinds: Kinds) -> tuple[list[str], list[str]]:
    """Run a scenario; return what is wrong with the verdict, and the forbidden acts."""
    with scenario.serve(kinds) as place:
        settings = build(scenario, place)
        with scenario.world(place) if scenario.world else contextlib.nullcontext():
            report = run_probe(settings)
        place.settle()
        sessions = place.sessions or []
        wrong = judge(scenario, report, sessions)
        return wrong, forbidden(settings, report, sessions)


def build(scenario: Scenario, place: Place) -> Settings:
    """Return the settings of a scenario's probe."""
    usual: dict[str, Any] = {
        "host": place.host,
        "port": place.port,
        "security": "tls",
        "authentication": "password",
        "username": USER,
        "secret": PASSWORD,
        "sender": USER,
        "recipient": USER,
        "tls": TlsTerms(**{"ca_pem": place.ca_pem, **scenario.terms}),
    }
    return Settings(**{**usual, **scenario.settings})


def judge(scenario: Scenario, report: Report, sessions: list[Session]) -> list[str]:
    """Return what is wrong with a report."""
    expect = scenario.expect
    pairs = {
        "failed_stage": expect.stage,
        "code": expect.code,
        "enhanced_code": expect.enhanced,
        "retryable": expect.retryable,
        "error_code": expect.error,
    }
    wrong = [f"{key} is {report[key]!r}, not {value!r}" for key, value in pairs.items() if report[key] != value]
    if expect.outcome and report["outcome"] != expect.outcome:
        wrong.append(f"outcome is {report['outcome']!r}, not {expect.outcome!r}")
    names = [finding["name"] for finding in report["findings"]]
    if expect.finding and expect.finding not in names:
        wrong.append(f"{expect.finding} is not among the findings {names}")
    if expect.quits is not None and sessions and ("QUIT" in sessions[0].verbs()) != expect.quits:
        wrong.append(f"QUIT {'is missing' if expect.quits else 'was sent'}: {sessions[0].verbs()}")
    if expect.stage and not (report["remedy"] and report["cause"] and report["who"]):
        wrong.append("a failure lacks its cause, its remedy or who must act")
    said = scenario.also(report, sessions) if scenario.also else None
    if wrong or said:
        wrong.append(f"(detail: {report['detail']})")
    return [*wrong, said] if said else wrong


def forbidden(settings: Settings, report: Report, sessions: list[Session]) -> list[str]:
    """Return the acts that no server may see, whatever it does."""
    acts = []
    lines = [line for session in sessions for line in session.lines]
    secret = settings.secret or "there is no secret"
    secrets = [
        secret,
        base64.b64encode(secret.encode()).decode(),
        base64.b64encode(secret.encode()).decode()[4:-4] or secret,
    ]
    refused_tls = any(report["stages"][stage]["status"] == "failed" for stage in ("starttls", "certificate"))
    if any(line.upper().startswith("AUTH") and not tls for line, tls in lines):
        acts.append("AUTH in clear text")
    if any(form in line for line, tls in lines if not tls for form in secrets):
        acts.append("the secret in clear text")
    if refused_tls and any(line.upper().startswith("AUTH") for line, _tls in lines):
        acts.append("AUTH to a server that is not the right one")
    if sum(line.upper().startswith("AUTH") for line, _tls in lines) > 1:
        acts.append("a second AUTH")
    if sum(line.upper().startswith("MAIL") for line, _tls in lines) > 1:
        acts.append("a second message")
    late = {"MAIL": "mail", "RCPT": "rcpt", "DATA": "data"}
    for verb, stage in late.items():
        seen = any(line.upper().split(" ")[0] == verb for line, _tls in lines)
        if seen and STAGES.index(stage) > STAGES.index(settings.stop_after):
            acts.append(f"{verb} after stop_after={settings.stop_after}")
    if any(set(session.verbs()) - {"EHLO", "STARTTLS", "QUIT"} for session in sessions[1:]):
        acts.append("more than a look in a second connection")
    if settings.secret and _told(settings, report):
        acts.append("the secret in the report")
    return acts


def _told(settings: Settings, report: Report) -> bool:
    """Whether a report holds the secret or a piece of it, in clear or in the form in which a mechanism sends it."""
    secret = settings.secret or ""
    sent = [_sasl.responses(mechanism, settings)[-1] for mechanism in _sasl.KIND_OF]
    # The first half of what is sent is the user's name, and no secret.
    blobs = [blob[len(blob) // 2 :] for blob in (base64.b64encode(raw).decode() for raw in (secret.encode(), *sent))]
    text = str(report)
    pieces = (whole[at : at + PIECE] for whole in (secret, *blobs) for at in range(0, max(1, len(whole) - PIECE), 8))
    return any(piece in text for piece in pieces)
