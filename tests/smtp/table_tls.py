# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenarios: STARTTLS, certificates, and what a server offers under TLS."""

from __future__ import annotations

from typing import Any

from . import proxy
from .certificates import Kinds
from .rows import CLEAR_AUTH, PLAIN_ONLY, at, brief, chain_of, chain_shown
from .scenarios import Expect, Report, Scenario, Serve, scripted
from .script import Script, Session, babble, cut, say, say_and_cut, silence


def _starttls() -> list[Scenario]:
    missing = Expect("starttls", retryable=False, error="smtp_starttls_missing", outcome="not_sent", quits=True)
    stripped = Expect("starttls", retryable=False, error="smtp_starttls_stripped")
    injected = Expect("starttls", retryable=False, error="smtp_plaintext_injected", quits=False)
    same_packet = babble(b"220 2.0.0 Ready to start TLS\r\n250 2.0.0 injected\r\n")
    return [
        Scenario("STARTTLS is not offered", scripted(Script(extensions=PLAIN_ONLY)), missing),
        Scenario("STARTTLS is left out on the way", scripted(Script(), proxy.strip_starttls), stripped),
        Scenario("STARTTLS is written over on the way", scripted(Script(), proxy.garble_starttls), stripped),
        Scenario(
            "454 to STARTTLS",
            at("STARTTLS", say("454 4.7.0 TLS not available due to local problem")),
            Expect("starttls", 454, "4.7.0", True, error="smtp_starttls_refused", quits=True),
        ),
        Scenario(
            "STARTTLS is offered and not known",
            at("STARTTLS", say("502 5.5.1 Error: command not implemented")),
            Expect("starttls", 502, "5.5.1", False, error="smtp_starttls_refused", quits=True),
        ),
        Scenario("plain text behind the answer to STARTTLS", at("STARTTLS", same_packet), injected),
        Scenario("plain text put there on the way", scripted(Script(), proxy.inject(b"250 2.1.0 Ok\r\n")), injected),
        Scenario("plain text in place of the handshake", at("STARTTLS", _two_steps), injected),
        Scenario(
            "cut in the handshake",
            at("STARTTLS", say_and_cut("220 2.0.0 Ready to start TLS")),
            Expect("starttls", retryable=True, error="smtp_connection_lost"),
        ),
        Scenario(
            "silent in the handshake",
            at("STARTTLS", _ready_then_silent),
            Expect("starttls", retryable=True, error="smtp_timeout"),
            brief("starttls"),
        ),
        Scenario(
            "cut on the way at the answer to STARTTLS",
            scripted(Script(), proxy.cut_at(b"220 2.0.0 Ready")),
            Expect("starttls", retryable=True, error="smtp_connection_lost"),
        ),
        Scenario(
            "TLS 1.1 at most",
            scripted(Script(certificate="old_tls")),
            Expect("starttls", retryable=False, error="smtp_tls_failed"),
            also=_old_version_shown,
        ),
        Scenario(
            "TLS 1.0 at most",
            scripted(Script(certificate="oldest_tls")),
            Expect("starttls", retryable=False, error="smtp_tls_failed"),
        ),
        Scenario(
            "TLS 1.1 at most, where that is allowed",
            scripted(Script(certificate="old_tls")),
            Expect(outcome="accepted"),
            terms={"floor": "1.0"},
        ),
        Scenario(
            "TLS 1.2 at most, and 1.3 is demanded",
            scripted(Script(certificate="tls_1_2")),
            Expect("starttls", retryable=False, error="smtp_tls_failed"),
            terms={"floor": "1.3"},
        ),
    ]


def _two_steps(peer: Any) -> None:
    """The text comes when the client has begun its handshake: the answer alone looks right."""
    peer.send("220 2.0.0 Ready to start TLS")
    peer.sock.recv(4096)
    peer.send("554 5.7.1 You shall not pass")


def _ready_then_silent(peer: Any) -> None:
    peer.send("220 2.0.0 Ready to start TLS")
    peer.sock.recv(4096)
    silence(peer)


def _old_version_shown(report: Report, _sessions: list[Session]) -> str | None:
    version = (report["tls"] or {}).get("version")
    return None if version == "TLSv1.1" else f"the second look shows {version}"


def _certificates(kinds: Kinds) -> list[Scenario]:
    def presents(kind: str, **more: Any) -> Serve:
        return scripted(Script(certificate=kind, **more))

    refused = Expect("certificate", retryable=False, error="smtp_certificate_refused", outcome="not_sent")
    at_once = {"security": "ssl"}
    kinds_refused = ("expired", "future", "wrong_name", "untrusted", "no_intermediate", "short_key")
    broken = Expect("certificate", retryable=False, error="smtp_tls_failed")
    return [
        *(Scenario(f"certificate: {kind}", presents(kind), refused, also=chain_shown) for kind in kinds_refused),
        Scenario(
            "certificate: expired, implicit TLS",
            presents("expired", implicit_tls=True),
            refused,
            at_once,
            also=chain_shown,
        ),
        Scenario("the whole chain is told", presents("good"), Expect(outcome="accepted"), also=chain_of(2)),
        Scenario(
            "the whole chain is told, although it is not trusted",
            presents("good"),
            refused,
            terms={"ca_pem": kinds.other_ca_pem},
            also=chain_of(2),
        ),
        Scenario("certificate: wrong name, implicit TLS", presents("wrong_name", implicit_tls=True), refused, at_once),
        Scenario("implicit TLS is asked for at a port that begins in clear", scripted(Script()), broken, at_once),
        Scenario("TLS 1.1 at most, implicit TLS", presents("old_tls", implicit_tls=True), broken, at_once),
        Scenario(
            "certificate: ends soon", presents("soon"), Expect(finding="certificate_expires_soon", outcome="accepted")
        ),
        Scenario(
            "certificate: ends sooner than fail_days",
            presents("soon"),
            Expect("certificate", retryable=False, error="smtp_certificate_expiring", quits=True),
            terms={"fail_days": 14.0},
        ),
        Scenario(
            "the pinned certificate, of a CA that nobody knows",
            presents("untrusted"),
            Expect(outcome="accepted"),
            terms={"fingerprint": kinds.fingerprints["untrusted"]},
        ),
        Scenario(
            "another certificate than the pinned one",
            presents("good"),
            Expect("certificate", retryable=False, error="smtp_fingerprint_mismatch", quits=True),
            terms={"fingerprint": kinds.fingerprints["soon"]},
        ),
        Scenario(
            "a short key is accepted where that is allowed",
            presents("short_key"),
            Expect(outcome="accepted"),
            terms={"min_key_bits": 1024},
        ),
    ]


def _after_tls() -> list[Scenario]:
    other = Script(extensions_tls=("AUTH PLAIN", "X-NEW"))
    twice = "250-mail.lab.test\n250 AUTH PLAIN\n250 2.0.0 the answer to a command that was put in"
    return [
        Scenario(
            "EHLO is refused under TLS",
            at("EHLO_TLS", say("550 5.7.1 go away")),
            Expect("ehlo_tls", 550, "5.7.1", False, error="smtp_ehlo_refused", quits=True),
        ),
        Scenario(
            "421 to EHLO under TLS",
            at("EHLO_TLS", say_and_cut("421 4.4.2 timeout")),
            Expect("ehlo_tls", 421, "4.4.2", True, error="smtp_ehlo_refused"),
        ),
        Scenario(
            "cut at EHLO under TLS",
            at("EHLO_TLS", cut),
            Expect("ehlo_tls", retryable=True, error="smtp_connection_lost"),
        ),
        Scenario("other extensions under TLS", scripted(other), Expect(finding="ehlo_changed", outcome="accepted")),
        Scenario(
            "an answer that nobody asked for",
            at("EHLO_TLS", say(twice)),
            Expect("auth", retryable=False, error="smtp_plaintext_injected", outcome="not_sent"),
        ),
        Scenario(
            "AUTH is offered in clear too",
            scripted(Script(extensions=CLEAR_AUTH)),
            Expect(finding="auth_in_clear", outcome="accepted"),
        ),
    ]


def security(kinds: Kinds) -> list[Scenario]:
    """Return them all."""
    return [*_starttls(), *_certificates(kinds), *_after_tls()]
