# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenarios: the envelope and the message."""

from __future__ import annotations

from .rows import at, brief, named
from .scenarios import Expect, Scenario, scripted
from .script import Script, babble, cut, say, silence


def _envelopes() -> list[Scenario]:
    def says(verb: str, text: str, enhanced: str | None, retryable: bool) -> Scenario:
        stage = verb.lower()
        error = {"mail": "smtp_sender_refused", "rcpt": "smtp_recipient_refused"}[stage]
        expect = Expect(stage, int(text[:3]), enhanced, retryable, "not_sent", error, quits=True)
        return Scenario(f"{verb}: {text}", at(verb, say(text)), expect)

    strange = "550 9.9.9 something that is in no catalogue"
    return [
        says(
            "MAIL",
            "553 5.7.1 <alice@lab.test>: Sender address rejected: not owned by user alice@lab.test",
            "5.7.1",
            False,
        ),
        says("MAIL", "530 5.7.57 Client not authenticated to send mail.", "5.7.57", False),
        says("MAIL", "552 5.3.4 Message size exceeds fixed limit", "5.3.4", False),
        says("MAIL", "452 4.3.1 Insufficient system storage", "4.3.1", True),
        Scenario(
            "MAIL: cut",
            at("MAIL", cut),
            Expect("mail", retryable=True, error="smtp_connection_lost", outcome="not_sent"),
        ),
        Scenario(
            "SMTPUTF8 is needed and not offered",
            scripted(Script()),
            Expect("mail", retryable=False, error="smtp_smtputf8_missing", quits=True),
            {"smtputf8": True, "recipient": "jürgen@lab.test"},
        ),
        Scenario(
            "SMTPUTF8 is needed and offered",
            scripted(Script(extensions_tls=("AUTH PLAIN", "SMTPUTF8", "8BITMIME"))),
            Expect(outcome="accepted"),
            {"smtputf8": True, "recipient": "jürgen@lab.test"},
        ),
        says("RCPT", "550 5.1.1 <alice@lab.test>: Recipient address rejected: User unknown", "5.1.1", False),
        says(
            "RCPT",
            "450 4.2.0 <alice@lab.test>: Recipient address rejected: Greylisted, see http://postgrey",
            "4.2.0",
            True,
        ),
        says("RCPT", "554 5.7.1 <alice@lab.test>: Relay access denied", "5.7.1", False),
        says("RCPT", "452 4.5.3 Too many recipients", "4.5.3", True),
        says("RCPT", "550 5.4.1 Recipient address rejected: Access denied.", "5.4.1", False),
        Scenario(
            "a reply that no row fits passes untouched",
            at("RCPT", say(strange)),
            Expect("rcpt", 550, None, False, error="smtp_recipient_refused"),
            also=named(strange),
        ),
        Scenario(
            "RCPT: silent", at("RCPT", silence), Expect("rcpt", retryable=True, error="smtp_timeout"), brief("rcpt")
        ),
    ]


def _messages() -> list[Scenario]:
    def says(text: str, enhanced: str, retryable: bool) -> Scenario:
        expect = Expect("queued", int(text[:3]), enhanced, retryable, "not_sent", "smtp_message_refused", quits=True)
        return Scenario(f"after the dot: {text}", at("DOT", say(text)), expect)

    unknown = Expect("queued", retryable=False, outcome="unknown", error="smtp_outcome_unknown", quits=False)
    return [
        Scenario(
            "DATA: 451",
            at("DATA", say("451 4.3.0 Error: queue file write error")),
            Expect("data", 451, "4.3.0", True, "not_sent", "smtp_data_refused", quits=True),
        ),
        Scenario(
            "DATA: 554",
            at("DATA", say("554 5.5.1 Error: no valid recipients")),
            Expect("data", 554, "5.5.1", False, "not_sent", "smtp_data_refused", quits=True),
        ),
        Scenario(
            "DATA: an answer that is none",
            at("DATA", say("250 2.0.0 Ok")),
            Expect("data", retryable=False, error="smtp_data_refused"),
        ),
        says("552 5.3.4 Message size exceeds fixed limit", "5.3.4", False),
        says("554 5.2.252 SendAsDenied; alice@lab.test not allowed to send as bob@lab.test", "5.2.252", False),
        says("432 4.3.2 Concurrent connections limit exceeded.", "4.3.2", True),
        says("451 4.7.500 Server busy. Please try again later", "4.7.500", True),
        Scenario("cut after the dot", at("DOT", cut), unknown),
        Scenario("silent after the dot", at("DOT", silence), unknown, brief("queued")),
        Scenario("babble after the dot", at("DOT", babble(b"thanks!\r\n")), unknown),
    ]


def mails() -> list[Scenario]:
    """Return them all."""
    return [*_envelopes(), *_messages()]
