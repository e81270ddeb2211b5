# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenarios: reaching a server and greeting it, and what goes well."""

from __future__ import annotations

import socket
import time
from typing import Any

from ansible_collections.cai.console.plugins.module_utils._smtp._model import STAGE_SECONDS

from .rows import LONG_TOKEN, NO_AUTH, OAUTH, at, brief, named, untouched, verbs, waited_for_334
from .scenarios import Expect, Scenario, fails, nobody, resolver, scripted
from .script import Script, babble, cut, drip, say, say_and_cut, silence, slowly


def _good() -> list[Scenario]:
    sent = Expect(outcome="accepted", quits=True)
    stopped = Expect(outcome="not_sent", quits=True)
    whole = ("EHLO", "STARTTLS", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "QUIT")
    ssl = {"security": "ssl"}
    bearer = Script(extensions_tls=("AUTH OAUTHBEARER",))
    login = Script(extensions_tls=("AUTH LOGIN",))
    return [
        Scenario(
            "PLAIN under STARTTLS, and no more round trips than that takes",
            scripted(Script()),
            sent,
            also=verbs(*whole),
        ),
        Scenario("LOGIN where nothing else is offered", scripted(login), sent),
        Scenario("XOAUTH2", scripted(Script()), sent, OAUTH),
        Scenario("OAUTHBEARER where nothing else is offered", scripted(bearer), sent, OAUTH),
        Scenario(
            "a token of 4,000 characters waits for 334",
            scripted(Script(token=LONG_TOKEN)),
            sent,
            {**OAUTH, "secret": LONG_TOKEN},
            also=waited_for_334,
        ),
        Scenario("implicit TLS", scripted(Script(implicit_tls=True)), sent, ssl),
        Scenario("no TLS and no sign-in", scripted(Script()), sent, {**NO_AUTH, "security": "none"}),
        Scenario("ends after ehlo", scripted(Script()), stopped, {"stop_after": "ehlo"}, also=verbs("EHLO", "QUIT")),
        Scenario(
            "ends after certificate",
            scripted(Script()),
            stopped,
            {"stop_after": "certificate"},
            also=verbs("EHLO", "STARTTLS", "QUIT"),
        ),
        Scenario(
            "ends after auth_offer, without a secret",
            scripted(Script()),
            stopped,
            {"stop_after": "auth_offer", "secret": None},
        ),
        Scenario(
            "ends after auth",
            scripted(Script()),
            stopped,
            {"stop_after": "auth"},
            also=verbs("EHLO", "STARTTLS", "EHLO", "AUTH", "QUIT"),
        ),
        *_ends(),
        Scenario(
            "ends after ehlo_tls where there is none",
            scripted(Script(implicit_tls=True)),
            stopped,
            {**ssl, "stop_after": "ehlo_tls"},
            also=verbs("EHLO", "QUIT"),
        ),
        Scenario("a banner of several lines", at("BANNER", say("220-welcome\n220 mail.lab.test")), sent),
        Scenario("no answer to QUIT", at("QUIT", silence), sent),
        Scenario("cut at QUIT", at("QUIT", cut), sent),
    ]


def _ends() -> list[Scenario]:
    """Each stage as the last; ``ends after ehlo`` and those that need more are in their places."""
    stopped = Expect(outcome="not_sent", quits=True)
    signed_in = ("EHLO", "STARTTLS", "EHLO", "AUTH")
    seen = {
        "banner": ("QUIT",),
        "starttls": ("EHLO", "STARTTLS", "QUIT"),
        "ehlo_tls": ("EHLO", "STARTTLS", "EHLO", "QUIT"),
        "mail": (*signed_in, "MAIL", "QUIT"),
        "rcpt": (*signed_in, "MAIL", "RCPT", "QUIT"),
    }
    last = [
        Scenario(f"ends after {stage}", scripted(Script()), stopped, {"stop_after": stage}, also=verbs(*commands))
        for stage, commands in seen.items()
    ]
    # After 354 whatever is sent would be the message: not even QUIT is.
    nothing = Expect(outcome="not_sent", quits=False)
    data = (*signed_in, "MAIL", "RCPT", "DATA")
    return [
        *last,
        Scenario("ends after dns", scripted(Script()), nothing, {"stop_after": "dns"}, also=untouched),
        Scenario("ends after connect", scripted(Script()), nothing, {"stop_after": "connect"}, also=verbs()),
        Scenario("ends after data", scripted(Script()), nothing, {"stop_after": "data"}, also=verbs(*data)),
    ]


def _connecting() -> list[Scenario]:
    def both(port: int) -> list[Any]:
        stream = (socket.SOCK_STREAM, 6, "")
        return [(socket.AF_INET6, *stream, ("::1", port, 0, 0)), (socket.AF_INET, *stream, ("127.0.0.1", port))]

    unknown = Expect("dns", retryable=False, error="smtp_dns_failed", outcome="not_sent")
    return [
        Scenario("the name does not exist", scripted(Script()), unknown, world=fails(socket.EAI_NONAME)),
        Scenario(
            "the resolver does not answer now",
            scripted(Script()),
            Expect("dns", retryable=True, error="smtp_dns_failed"),
            world=fails(socket.EAI_AGAIN),
        ),
        Scenario(
            "the resolver does not answer in time",
            scripted(Script()),
            Expect("dns", retryable=True, error="smtp_dns_failed"),
            brief("dns"),
            world=resolver(_after_a_while),
        ),
        Scenario(
            "nobody listens", nobody, Expect("connect", retryable=True, error="smtp_unreachable", outcome="not_sent")
        ),
        Scenario(
            "IPv6 refuses, IPv4 answers",
            scripted(Script()),
            Expect(finding="ipv6_failed", outcome="accepted"),
            world=resolver(both),
        ),
    ]


def _after_a_while(_port: int) -> list[Any]:
    time.sleep(2)
    return []


def _lost(stage: str) -> Expect:
    return Expect(stage, retryable=True, error="smtp_connection_lost", outcome="not_sent", quits=False)


def _late(stage: str) -> Expect:
    return Expect(stage, retryable=True, error="smtp_timeout", outcome="not_sent", quits=False)


def _held_up() -> list[Scenario]:
    """Cut and silent at the points that no other scenario has."""
    lost = {"STARTTLS": "starttls", "AUTH": "auth", "RCPT": "rcpt", "DATA": "data"}
    late = {"EHLO_TLS": "ehlo_tls", "MAIL": "mail", "DATA": "data"}
    return [
        *(Scenario(f"{point}: cut without an answer", at(point, cut), _lost(stage)) for point, stage in lost.items()),
        *(
            Scenario(f"{point}: silent for long", at(point, silence), _late(stage), brief(stage))
            for point, stage in late.items()
        ),
        Scenario(
            "the whole budget ends before the stage's own",
            at("EHLO_TLS", silence),
            _late("ehlo_tls"),
            {"budget": 0.8},
            also=named("whole probe"),
        ),
        Scenario(
            "a slow sign-in has more time than other stages",
            at("AUTH", slowly(1.2, "235 2.7.0 Authentication successful")),
            Expect(outcome="accepted", quits=True),
            {"stage_budget": {stage: 1.0 for stage in STAGE_SECONDS if stage != "auth"}},
        ),
    ]


def _babbling(stage: str) -> Expect:
    return Expect(stage, retryable=False, error="smtp_protocol_error", outcome="not_sent", quits=False)


def _greeting() -> list[Scenario]:
    ssl_port = _late("banner")
    return [
        Scenario(
            "421 in the banner",
            at("BANNER", say_and_cut("421 4.7.0 mail.lab.test too busy, try later")),
            Expect("banner", 421, "4.7.0", True, error="smtp_banner_refused"),
        ),
        Scenario(
            "554 in the banner is followed by QUIT",
            at("BANNER", say("554 5.7.1 No service for you")),
            Expect("banner", 554, "5.7.1", False, error="smtp_banner_refused", quits=True),
        ),
        Scenario("silent after accept", at("BANNER", silence), _late("banner"), brief("banner")),
        Scenario(
            "a banner in slow drips",
            at("BANNER", drip("220 mail.lab.test ESMTP")),
            _late("banner"),
            brief("banner"),
        ),
        Scenario("cut after accept", at("BANNER", cut), _lost("banner")),
        Scenario("a web server", at("BANNER", babble(b"HTTP/1.1 400 Bad Request\r\n\r\n")), _babbling("banner")),
        Scenario("octets of no language", at("BANNER", babble(bytes(range(256)) + b"\r\n")), _babbling("banner")),
        Scenario("a line without an end", at("BANNER", babble(b"220 " + b"x" * 20000)), _babbling("banner")),
        Scenario("lines without an end", at("BANNER", babble(b"220-still there\r\n" * 6000)), _babbling("banner")),
        Scenario(
            "security tls at a port with implicit TLS", scripted(Script(implicit_tls=True)), ssl_port, brief("banner")
        ),
        Scenario(
            "EHLO is not known",
            at("EHLO", say("502 5.5.1 Error: command not recognized")),
            Expect("ehlo", 502, "5.5.1", False, error="smtp_ehlo_refused", quits=True),
        ),
        Scenario(
            "421 to EHLO",
            at("EHLO", say_and_cut("421 4.3.2 shutting down")),
            Expect("ehlo", 421, "4.3.2", True, error="smtp_ehlo_refused"),
        ),
        Scenario("cut at EHLO", at("EHLO", cut), _lost("ehlo")),
        Scenario("silent at EHLO", at("EHLO", silence), _late("ehlo"), brief("ehlo")),
        Scenario("babble at EHLO", at("EHLO", babble(b"hello to you too\r\n")), _babbling("ehlo")),
    ]


def paths() -> list[Scenario]:
    """Return them all."""
    return [*_good(), *_connecting(), *_greeting(), *_held_up()]
