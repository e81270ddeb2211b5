# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenarios: what is offered for a sign-in, and how it ends."""

from __future__ import annotations

import base64
import json
from typing import Any

from .rows import CLEAR_AUTH, LONG_TOKEN, OAUTH, PLAIN_ONLY, WRONG, answered, at, brief, decoded, named
from .scenarios import Expect, Scenario, scripted
from .script import Script, cut, repeat, say, say_and_cut, silence


def _offers() -> list[Scenario]:
    none = Expect("auth_offer", retryable=False, error="smtp_auth_not_offered", outcome="not_sent", quits=True)
    clear = Expect("auth_offer", retryable=False, error="smtp_auth_in_clear", finding="auth_in_clear", quits=True)
    return [
        Scenario("no AUTH is offered", scripted(Script(extensions_tls=("SIZE 1048576",))), none),
        Scenario("CRAM-MD5 only", scripted(Script(extensions_tls=("AUTH CRAM-MD5",))), none),
        Scenario("a token, and PLAIN only", scripted(Script(extensions_tls=PLAIN_ONLY)), none, OAUTH),
        Scenario(
            "the mechanism that is wanted is not offered",
            scripted(Script(extensions_tls=("AUTH XOAUTH2",))),
            none,
            {**OAUTH, "mechanism": "OAUTHBEARER"},
        ),
        Scenario("a password, and no TLS", scripted(Script(extensions=CLEAR_AUTH)), clear, {"security": "none"}),
    ]


def _sign_ins() -> list[Scenario]:
    refused = Expect("auth", 535, "5.7.8", False, error="smtp_auth_refused", outcome="not_sent", quits=True)

    def says(text: str, code: int, enhanced: str | None, retryable: bool) -> Scenario:
        error = "smtp_auth_refused" if code >= 500 else "smtp_auth_interrupted"
        return Scenario(f"AUTH: {text}", at("AUTH", say(text)), Expect("auth", code, enhanced, retryable, error=error))

    login = {"extensions_tls": ("AUTH LOGIN",)}
    bearer = Script(extensions_tls=("AUTH OAUTHBEARER",))
    return [
        Scenario("a wrong password, PLAIN", scripted(Script()), refused, WRONG),
        Scenario("a wrong password, LOGIN", scripted(Script(**login)), refused, WRONG),  # type: ignore[arg-type]
        Scenario("a refused token, XOAUTH2", scripted(Script()), refused, {**OAUTH, **WRONG}, also=decoded),
        Scenario(
            "a refused token is acknowledged by an empty line",
            scripted(Script()),
            refused,
            {**OAUTH, **WRONG},
            also=answered(""),
        ),
        Scenario("a refused token, OAUTHBEARER", scripted(bearer), refused, {**OAUTH, **WRONG}, also=decoded),
        Scenario(
            "a refused token is acknowledged by 0x01",
            scripted(bearer),
            refused,
            {**OAUTH, **WRONG},
            also=answered("AQ=="),
        ),
        Scenario(
            "an expired token is known as such",
            scripted(Script()),
            refused,
            {**OAUTH, "secret": _jwt(exp=1)},
            also=named("expired"),
        ),
        Scenario(
            "a token for something else is known as such",
            scripted(Script()),
            refused,
            {**OAUTH, "secret": _jwt(aud="https://graph.microsoft.com", scp="Mail.Read")},
            also=named("graph.microsoft.com"),
        ),
        Scenario(
            "another mailbox's token is known as such",
            scripted(Script()),
            refused,
            {**OAUTH, "secret": _jwt(upn="bob@lab.test")},
            also=named("bob@lab.test"),
        ),
        *_repeated(),
        Scenario(
            "421 in the middle of AUTH",
            at("AUTH_DATA", say_and_cut("421 4.7.0 Too many errors"), **login),
            Expect("auth", 421, "4.7.0", True, error="smtp_auth_interrupted", quits=False),
        ),
        Scenario(
            "cut in the middle of AUTH",
            at("AUTH_DATA", cut, **login),
            Expect("auth", retryable=True, error="smtp_connection_lost"),
        ),
        Scenario(
            "silent in AUTH", at("AUTH", silence), Expect("auth", retryable=True, error="smtp_timeout"), brief("auth")
        ),
        Scenario(
            "a challenge that the mechanism does not have",
            at("AUTH", say("334 bW9yZQ==")),
            Expect("auth", 501, "5.7.0", False, error="smtp_auth_refused"),
        ),
        says("454 4.7.0 Temporary authentication failure", 454, "4.7.0", True),
        says("432 4.7.12 A password transition is needed", 432, "4.7.12", False),
        says(
            "535 5.7.3 Authentication unsuccessful [AM0PR01CA0001.eurprd01.prod.exchangelabs.com]", 535, "5.7.3", False
        ),
        says(
            "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.",
            535,
            "5.7.139",
            False,
        ),
        says(
            "535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be authenticated.",
            535,
            "5.7.139",
            False,
        ),
        says("550 5.7.30 Basic authentication is not supported for Client Submission.", 550, "5.7.30", False),
        says("534 5.7.9 Application-specific password required.", 534, "5.7.9", False),
        says("454 4.7.0 Too many login attempts, please try again later.", 454, "4.7.0", True),
        says("535 authentication failed", 535, None, False),
    ]


def _repeated() -> list[Scenario]:
    """Servers that say again what they were sent, whole or at the end of a long text."""
    refused = Expect("auth", 501, "5.5.4", False, error="smtp_auth_refused")
    long = {"extensions_tls": ("AUTH XOAUTH2",)}
    login = {"extensions_tls": ("AUTH LOGIN",)}
    # What is shown of a text ends after 500 characters: here within what was repeated.
    far = "501 5.5.4 Syntax error: " + "x" * 440
    told = base64.b64encode(json.dumps({"status": "401", "error": f"not taken: {LONG_TOKEN}"}).encode()).decode()
    return [
        Scenario("PLAIN is repeated by the server", at("AUTH", repeat("501 5.5.4 Syntax error:")), refused),
        Scenario("PLAIN is repeated at the end of a long text", at("AUTH", repeat(far)), refused),
        Scenario(
            "a password that servers say all the time",
            scripted(Script(password="235")),
            Expect(outcome="accepted"),
            {"secret": "235"},
        ),
        Scenario("LOGIN is repeated", at("AUTH_DATA", repeat("501 5.5.4 Syntax error:"), **login), refused),
        Scenario(
            "a long token is repeated by the server",
            at("AUTH_DATA", repeat("501 5.5.4 Syntax error:"), **long),
            refused,
            {**OAUTH, "secret": LONG_TOKEN},
        ),
        Scenario(
            "a token is repeated in the reason for its refusal",
            at("AUTH_DATA", say(f"334 {told}"), **long),
            Expect("auth", 502, "5.5.1", False, error="smtp_auth_refused"),
            {**OAUTH, "secret": LONG_TOKEN},
        ),
        Scenario(
            "what is no reply repeats the sign-in",
            at("AUTH", repeat("what?")),
            Expect("auth", retryable=False, error="smtp_protocol_error"),
        ),
        Scenario(
            "a second answer repeats the sign-in",
            at("AUTH", repeat("235 2.7.0 ok\n250 and again")),
            Expect("mail", retryable=False, error="smtp_plaintext_injected"),
        ),
    ]


def _jwt(**claims: Any) -> str:
    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'none'})}.{part(claims)}.c2ln"


def sign_ins() -> list[Scenario]:
    """Return them all."""
    return [*_offers(), *_sign_ins()]
