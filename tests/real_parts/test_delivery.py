# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What becomes of a message after the dot: inbox, Junk, bounce, delay, refusal, loss."""

from __future__ import annotations

import email
import imaplib
import ssl
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from .client import ALICE, BOB, Reply, Talk, message
from .mail import RealMail
from .processes import wait_until

DEFERRED, FULL, JUNK, NOBODY = (f"{name}@lab.test" for name in ("deferred", "full", "junk", "nobody"))


def send(mail: RealMail, recipient: str, variant: str = "submission", **more: Any) -> Reply:
    with Talk(mail, variant) as talk:
        if variant != "mx":
            assert talk.auth("PLAIN", ALICE, "alice-pw").code == 235
        return talk.send(recipient, **more)


def await_message(mail: RealMail, user: str, folder: str = "") -> Message:
    wait_until(lambda: mail.messages(user, folder) != [], f"mail for {user} in {folder or 'the inbox'}")
    return read(mail.messages(user, folder)[0])


def read(path: Path) -> Message:
    return email.message_from_bytes(path.read_bytes())


def report(notice: Message) -> dict[str, str]:
    """Return the fields about the recipient in a delivery report."""
    assert notice.get_content_type() == "multipart/report"
    (status,) = (part for part in notice.walk() if part.get_content_type() == "message/delivery-status")
    groups = status.get_payload()
    assert isinstance(groups, list)
    recipient = groups[1]
    assert isinstance(recipient, Message)
    return dict(recipient.items())


@pytest.mark.parametrize(
    "variant", ["submission", "submissions", "no-starttls", "dovecot", "dovecot-tls", "mx", "soon"]
)
def test_a_message_arrives_once_and_tells_its_way(mail: RealMail, variant: str) -> None:
    reply = send(mail, BOB, variant, text=f"by {variant}")
    assert reply.code == 250
    assert "queued as" in reply.text
    arrived = await_message(mail, BOB)
    mail.settle()
    assert len(mail.messages(BOB)) == 1
    hops = " ".join(arrived.get_all("Received", []))
    if variant in {"submission", "submissions"}:
        assert "with ESMTPSA" in hops
        assert "using TLSv1.3" in hops
        assert f"Authenticated sender: {ALICE}" in hops
    assert "with LMTP" in hops


def test_a_rule_files_into_junk(mail: RealMail) -> None:
    assert send(mail, JUNK).code == 250
    assert await_message(mail, JUNK, "Junk")["To"] == JUNK
    assert mail.messages(JUNK) == []


def test_the_rule_can_be_switched(mail: RealMail) -> None:
    mail.junk(BOB)
    send(mail, BOB)
    assert await_message(mail, BOB, "Junk")["To"] == BOB
    mail.junk(BOB, False)
    send(mail, BOB)
    assert await_message(mail, BOB)["To"] == BOB


def test_a_delay_is_accepted_told_to_the_sender_and_ends(mail: RealMail) -> None:
    assert send(mail, DEFERRED).code == 250
    notice = await_message(mail, ALICE)
    told = report(notice)
    assert (told["Action"], told["Status"], told["Final-Recipient"]) == ("delayed", "4.3.0", f"rfc822; {DEFERRED}")
    mail.settle()
    (row,) = mail.queue()
    assert row["queue_name"] == "deferred"
    assert "451 4.3.0" in row["recipients"][0]["delay_reason"]
    assert mail.messages(DEFERRED) == []
    mail.accounts.set_deferring(DEFERRED, False)
    assert await_message(mail, DEFERRED)["To"] == DEFERRED


@pytest.mark.parametrize(
    ("recipient", "status", "text"), [(NOBODY, "5.1.1", "User doesn't exist"), (FULL, "5.2.2", "Quota exceeded")]
)
def test_a_bounce_is_accepted_and_comes_back(mail: RealMail, recipient: str, status: str, text: str) -> None:
    assert send(mail, recipient).code == 250
    told = report(await_message(mail, ALICE))
    assert (told["Action"], told["Status"], told["Final-Recipient"]) == ("failed", status, f"rfc822; {recipient}")
    assert text in told["Diagnostic-Code"]
    assert mail.messages(recipient) == []


def test_a_message_that_needs_smtputf8_is_accepted_and_lost(mail: RealMail) -> None:
    # Dovecot's LMTP has no SMTPUTF8, so neither the message nor the report about it can be delivered.
    assert send(mail, "b\u00fccher@lab.test", options=" SMTPUTF8").code == 250
    wait_until(lambda: "SMTPUTF8 is required" in mail.postfix.log.read_text("utf-8", "replace"), "the refusal")
    mail.settle()
    assert mail.messages(ALICE) == []


def test_a_sender_is_ones_own_address(mail: RealMail) -> None:
    reply = send(mail, BOB, sender=BOB)
    text = f"5.7.1 <{BOB}>: Sender address rejected: not owned by user {ALICE}"
    assert (reply.code, reply.text) == (553, text)


@pytest.mark.parametrize(
    ("variant", "code", "text"),
    [
        ("submission", 550, "5.7.1 <somebody@elsewhere.test>: Recipient address rejected: nothing leaves the lab"),
        ("mx", 554, "5.7.1 <somebody@elsewhere.test>: Relay access denied"),
    ],
)
def test_nothing_leaves_the_lab(mail: RealMail, variant: str, code: int, text: str) -> None:
    reply = send(mail, "somebody@elsewhere.test", variant)
    assert (reply.code, reply.text) == (code, text)


@pytest.mark.parametrize(
    ("variant", "sender", "code", "text"),
    [
        ("submission", "stranger@lab.test", 554, "5.7.1 <bob@lab.test>: Recipient address rejected: Access denied"),
        ("submission", ALICE, 553, "5.7.1 <alice@lab.test>: Sender address rejected: not logged in"),
        ("dovecot", ALICE, 530, "5.7.0 Authentication required."),
    ],
)
def test_nobody_sends_without_auth(mail: RealMail, variant: str, sender: str, code: int, text: str) -> None:
    with Talk(mail, variant) as talk:
        reply = talk.send(sender=sender)
    assert (reply.code, reply.text) == (code, text)


def imap(mail: RealMail) -> imaplib.IMAP4_SSL:
    context = ssl.create_default_context(cafile=str(mail.ca))
    return imaplib.IMAP4_SSL(mail.host, mail.port("imaps"), ssl_context=context, timeout=20)


@pytest.mark.parametrize("mechanism", ["password", "XOAUTH2", "OAUTHBEARER"])
def test_a_mailbox_is_read_and_cleared_by_imap(mail: RealMail, tokens: dict[str, Any], mechanism: str) -> None:
    with Talk(mail) as talk:
        assert talk.auth("PLAIN", BOB, "bob-pw").code == 235
        assert talk.send(ALICE, sender=BOB, text="read me").code == 250
    await_message(mail, ALICE)
    with imap(mail) as box:
        if mechanism == "password":
            box.login(ALICE, "alice-pw")
        else:
            box.authenticate(mechanism, lambda _: message(mechanism, ALICE, tokens["access_token"]).encode())
        box.select()
        _unused, found = box.search(None, "SUBJECT", '"read me"')
        assert found == [b"1"]
        box.store("1", "+FLAGS", "\\Deleted")
        box.expunge()
    assert mail.messages(ALICE) == []


def test_imap_refuses_a_wrong_password(mail: RealMail) -> None:
    mark = mail.mark()
    with imap(mail) as box, pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        box.login(ALICE, "wrong")
    assert mark.failed_signins() == [ALICE]
