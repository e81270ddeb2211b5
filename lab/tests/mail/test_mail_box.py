# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The mailbox keeps what came and how it came, in order, and believes no header of the sender's about it."""

from __future__ import annotations

import json
import threading
from pathlib import Path

from cai_lab.mail import Mailbox


def deliver(mailbox: Mailbox, content: bytes, sender: str = "alerts@lab.test") -> str:
    return mailbox.deliver(
        content,
        sender=sender,
        recipients=["ops@example.com", "böss@example.com"],
        received_by="127.0.0.2:2587",
        tls=True,
        auth_user="alerts@lab.test",
    )


def test_a_message_says_how_it_came(mailbox: Mailbox) -> None:
    key = deliver(
        mailbox, b"Subject: =?utf-8?q?Z=C3=BCrich?=\r\nDate: Mon, 05 Jan 2026 10:00:00 +0000\r\n\r\nHello\r\n"
    )

    (message,) = mailbox.messages()

    assert message.as_dict() == {
        "id": key,
        "sender": "alerts@lab.test",
        "recipients": ["ops@example.com", "böss@example.com"],
        "subject": "Zürich",
        "date": "Mon, 05 Jan 2026 10:00:00 +0000",
        "body": "Hello\n",
        "headers": message.headers,
        "received_by": "127.0.0.2:2587",
        "tls": True,
        "auth_user": "alerts@lab.test",
    }
    assert json.loads(json.dumps(message.as_dict())) == message.as_dict()
    assert message.headers["X-Lab-Received-By"] == "127.0.0.2:2587"
    assert message.headers["X-Lab-Tls"] == "yes"
    assert message.headers["X-Lab-Auth-User"] == "alerts@lab.test"


def test_forged_headers_count_for_nothing(mailbox: Mailbox) -> None:
    deliver(mailbox, b"X-Lab-Auth-User: root\r\nX-Lab-Tls: no\r\nReturn-Path: <x@y>\r\nSubject: s\r\n\r\nb\r\n")

    (message,) = mailbox.messages()

    assert (message.auth_user, message.tls, message.sender) == ("alerts@lab.test", True, "alerts@lab.test")


def test_odd_content_is_readable_all_the_same(mailbox: Mailbox) -> None:
    deliver(mailbox, b"no header at all\r\n")
    deliver(mailbox, b"Content-Type: text/plain; charset=martian\r\n\r\nbody\r\n")
    deliver(
        mailbox,
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n<p>h</p>\r\n--x--\r\n",
    )

    assert [message.body.strip() for message in mailbox.messages()] == ["no header at all", "body", "<p>h</p>"]


def test_oldest_first_then_cleared(mailbox: Mailbox, tmp_path: Path) -> None:
    for number in range(25):
        deliver(mailbox, f"Subject: {number}\r\n\r\n".encode())

    assert [message.subject for message in Mailbox(tmp_path / "mailbox").messages()] == [str(n) for n in range(25)]
    mailbox.clear()
    assert mailbox.messages() == []


def test_threads_may_share_it(mailbox: Mailbox) -> None:
    threads = [threading.Thread(target=deliver, args=(mailbox, b"Subject: s\r\n\r\n")) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(mailbox.messages()) == 20
