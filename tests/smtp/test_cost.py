# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a probe costs: no round trip more than its stages need. tests/benchmark/smtp_probe.py measures its CPU."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from ansible_collections.cai.console.plugins.module_utils._smtp._model import Settings, TlsTerms
from ansible_collections.cai.console.plugins.module_utils._smtp._probe import run_probe

from . import certificates
from .script import PASSWORD, TOKEN, USER, Script
from .scripted import ScriptedServer

GREET = ["EHLO", "STARTTLS", "EHLO"]
SEND = ["MAIL", "RCPT", "DATA"]
# Settings, and the commands that their stages need; QUIT ends each session.
CASES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a message": ({}, [*GREET, "AUTH", *SEND]),
    "implicit TLS": ({"security": "ssl"}, ["EHLO", "AUTH", *SEND]),
    "no sign-in": ({"authentication": "none", "username": None, "secret": None}, [*GREET, *SEND]),
    "a token": ({"authentication": "oauth", "secret": TOKEN}, [*GREET, "AUTH", *SEND]),
    "up to the sign-in": ({"stop_after": "auth"}, [*GREET, "AUTH"]),
    "up to the certificate": ({"stop_after": "certificate"}, ["EHLO", "STARTTLS"]),
}


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> certificates.Kinds:
    return certificates.make(tmp_path_factory.mktemp("pki"))


@pytest.mark.parametrize("name", CASES)
def test_there_is_one_round_trip_for_each_command(kinds: certificates.Kinds, name: str) -> None:
    more, commands = CASES[name]
    settings = Settings("localhost", 0, "tls", "password", USER, PASSWORD, sender=USER, recipient=USER)
    settings = dataclasses.replace(settings, tls=TlsTerms(ca_pem=kinds.ca_pem), **more)
    with ScriptedServer(Script(implicit_tls=settings.security == "ssl"), kinds.contexts) as server:
        report = run_probe(dataclasses.replace(settings, port=server.port))
        server.settle()
    (session,) = server.sessions
    assert report["error_code"] is None
    assert session.verbs() == [*commands, "QUIT"]
    # The message is answered too, once, after its dot.
    assert report["round_trips"] == len(commands) + ("DATA" in commands)
