# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Limits: what a busy, a slow or a narrow server answers, and what the counters say of it."""

from __future__ import annotations

import contextlib
import smtplib

import pytest

from .client import ALICE, BOB, Talk
from .logs import Counters
from .mail import RealMail
from .processes import wait_until


def signed_in(mail: RealMail, stack: contextlib.ExitStack, variant: str) -> Talk:
    talk = stack.enter_context(Talk(mail, variant))
    assert talk.auth("PLAIN", ALICE, "alice-pw").code == 235
    return talk


def test_a_throttled_server_greets_with_421(mail: RealMail) -> None:
    with pytest.raises(smtplib.SMTPConnectError) as refused, Talk(mail, "throttled"):
        pass
    assert refused.value.smtp_code == 421
    text = "4.7.0 <localhost[127.0.0.1]>: Client host rejected: too busy, try later"
    assert refused.value.smtp_error == text.encode()


def test_the_fourth_connection_is_turned_away(mail: RealMail) -> None:
    mark = mail.mark()
    with contextlib.ExitStack() as stack:
        for _turn in range(3):
            signed_in(mail, stack, "limited")
        with pytest.raises(smtplib.SMTPConnectError) as refused, Talk(mail, "limited"):
            pass
    assert refused.value.smtp_code == 421
    assert refused.value.smtp_error == b"4.7.0 mail.lab.test Error: too many connections from 127.0.0.1"
    counted = mark.counters("limited")
    assert counted == Counters(connections=4, peak=4, turned_away=1, auth_ok=3)


def test_the_31st_message_of_a_minute_is_put_off(mail: RealMail) -> None:
    mark = mail.mark()
    with contextlib.ExitStack() as stack:
        talk = signed_in(mail, stack, "limited")
        replies = [talk.send() for _turn in range(31)]
    assert [reply.code for reply in replies] == [250] * 30 + [450]
    assert replies[-1].text == "4.7.1 Error: too much mail from 127.0.0.1"
    counted = mark.counters("limited")
    assert (counted.messages, counted.rate_limited) == (30, 1)
    mail.forget_limits()
    with contextlib.ExitStack() as stack:
        assert signed_in(mail, stack, "limited").send().code == 250


def test_limits_are_set_while_it_runs(mail: RealMail) -> None:
    mail.limit("submission", connections=1, messages=2)
    with contextlib.ExitStack() as stack:
        talk = signed_in(mail, stack, "submission")
        with pytest.raises(smtplib.SMTPConnectError), Talk(mail):
            pass
        assert [talk.send().code for _turn in range(3)] == [250, 250, 450]
    mail.configure("submission")
    with contextlib.ExitStack() as stack:
        for _turn in range(4):
            signed_in(mail, stack, "submission")


def test_a_large_message_is_refused_when_announced_and_when_not(mail: RealMail) -> None:
    with contextlib.ExitStack() as stack:
        talk = signed_in(mail, stack, "small")
        assert talk.offers()["size"] == "4096"
        announced = talk.send(options=" SIZE=5000")
        assert (announced.code, announced.text) == (552, "5.3.4 Message size exceeds fixed limit")
        # Postfix remembers a refused size.
        assert talk.say("RSET").code == 250
        sent = talk.send(text=("x" * 70 + "\r\n") * 100)
        assert (sent.code, sent.text) == (552, "5.3.4 Error: message file too big")


def test_a_stranger_is_put_off_and_welcome_later(mail: RealMail) -> None:
    with contextlib.ExitStack() as stack:
        talk = signed_in(mail, stack, "greylist")
        first = talk.send()
        text = f"4.2.0 <{BOB}>: Recipient address rejected: Greylisted, try again later"
        assert (first.code, first.text) == (450, text)
        assert talk.say("RSET").code == 250

        def welcome() -> bool:
            reply = talk.send()
            talk.say("RSET")
            return reply.code == 250

        wait_until(welcome, "the end of the greylisting")
        mail.greylist.forget()
        assert talk.send().code == 450


def test_neither_8bitmime_nor_smtputf8(mail: RealMail) -> None:
    with contextlib.ExitStack() as stack:
        talk = signed_in(mail, stack, "ascii")
        assert {"8bitmime", "smtputf8"}.isdisjoint(talk.offers())
        refused = talk.send(options=" SMTPUTF8")
        assert (refused.code, refused.text) == (555, "5.5.4 Unsupported option: SMTPUTF8")
    with contextlib.ExitStack() as stack:
        talk = signed_in(mail, stack, "submission")
        assert {"8bitmime", "smtputf8"} <= set(talk.offers())
        assert talk.send(options=" BODY=8BITMIME SMTPUTF8").code == 250
