# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mailbox by IMAP that refuses, is silent, hangs up or can do little. Dovecot is asked in tests/real_parts."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cai.console.plugins.module_utils._smtp import _imap
from ansible_collections.cai.console.plugins.module_utils._smtp._model import Arrival, Imap, Settings, TlsTerms
from ansible_collections.cai.console.plugins.module_utils._smtp._probe import run_probe

from . import certificates
from .imap import ImapServer, Mailbox
from .script import PASSWORD, USER, Script, say
from .scripted import Peer, ScriptedServer

WRONG = "wrong-Imap-pw1"


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> certificates.Kinds:
    return certificates.make(tmp_path_factory.mktemp("pki"))


def probe(
    kinds: certificates.Kinds, box: Mailbox, password: str = PASSWORD, kind: str = "good"
) -> tuple[dict[str, Any], list[bytes]]:
    """Send to a mail server that delivers into the mailbox; return the report, and what was sent."""

    def deliver(peer: Peer) -> None:
        box.messages[max(box.messages, default=0) + 1] = peer.session.messages[-1]
        say("250 2.0.0 Ok: queued")(peer)

    with (
        ScriptedServer(Script(at={"DOT": deliver}), kinds.contexts) as server,
        ImapServer(box, kinds.contexts[kind]) as imap,
    ):
        there = Imap("localhost", imap.port, "ssl", USER, password, ca_pem=kinds.ca_pem)
        usual: dict[str, Any] = {"authentication": "password", "username": USER, "secret": PASSWORD}
        usual.update(sender=USER, recipient=USER, tls=TlsTerms(ca_pem=kinds.ca_pem), stop_after="delivered")
        report = run_probe(Settings("localhost", server.port, arrival=Arrival(imap=there, wait=1.0, poll=0.1), **usual))
        server.settle()
        return report, [message for session in server.sessions for message in session.messages]


def test_the_message_is_found_and_it_alone_is_removed(kinds: certificates.Kinds) -> None:
    box = Mailbox(messages={7: b"Subject: old\r\n\r\n"})
    report, _sent = probe(kinds, box)
    assert (report["outcome"], report["arrival"]["folder"], report["arrival"]["removed"]) == ("delivered", "INBOX", 1)
    assert (list(box.messages), box.deleted) == ([7], {8})


def test_without_uidplus_the_message_stays_marked_and_no_other_is_expunged(kinds: certificates.Kinds) -> None:
    box = Mailbox(messages={7: b"Subject: old\r\n\r\n"}, capabilities="IMAP4rev1 AUTH=PLAIN")
    report, _sent = probe(kinds, box)
    assert (report["outcome"], report["arrival"]["removed"]) == ("delivered", 0)
    assert box.deleted == {8}
    assert not [line for line in box.lines if "EXPUNGE" in line.upper()]


@pytest.mark.parametrize("answer", ["NO [AUTHENTICATIONFAILED] no", "BAD what is {line}", "NO " + "x" * 467 + "{line}"])
def test_a_refused_sign_in_is_not_tried_again_and_nothing_is_sent(kinds: certificates.Kinds, answer: str) -> None:
    box = Mailbox(answers={"LOGIN": answer})
    report, sent = probe(kinds, box, WRONG)
    assert (report["failed_stage"], report["error_code"]) == ("delivered", "smtp_mailbox_unreadable")
    assert (report["outcome"], report["mailbox_refused"], sent) == ("not_sent", True, [])
    assert sum("LOGIN" in line for line in box.lines) == 1
    assert WRONG[:9] not in str(report)


@pytest.mark.parametrize(
    "how", [{"silent": ("GREETING",)}, {"silent": ("LOGIN",)}, {"answers": {"LOGIN": ""}}, {"answers": {"LIST": ""}}]
)
def test_a_mailbox_that_says_nothing_is_given_up_in_time_and_nothing_is_sent(
    kinds: certificates.Kinds, how: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_imap, "SECONDS", 0.5)
    report, sent = probe(kinds, Mailbox(**how))
    assert (report["failed_stage"], report["error_code"]) == ("delivered", "smtp_mailbox_unreadable")
    assert (report["outcome"], report["mailbox_refused"], sent) == ("not_sent", False, [])


def test_a_wrong_certificate_ends_it_before_the_sign_in(kinds: certificates.Kinds) -> None:
    box = Mailbox()
    report, sent = probe(kinds, box, kind="wrong_name")
    assert (report["failed_stage"], report["outcome"], sent, box.lines) == ("delivered", "not_sent", [], [])


def test_a_mailbox_that_breaks_off_while_it_is_watched_does_not_deny_the_message(kinds: certificates.Kinds) -> None:
    report, sent = probe(kinds, Mailbox(answers={"FETCH": ""}))
    assert (report["failed_stage"], report["outcome"], len(sent)) == ("delivered", "accepted", 1)
    assert "was sent" in report["remedy"]
