# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenarios: whether the message arrives."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from ansible_collections.cai.console.plugins.module_utils._smtp._model import Arrival

from .rows import removed, verbs
from .scenarios import Expect, Report, Scenario, scripted
from .script import Action, Cut, Script, Session, cut
from .scripted import Peer

REPORT = """From: MAILER-DAEMON@lab.test
To: alice@lab.test
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.lab.test

Final-Recipient: rfc822; alice@lab.test
Action: ACTION
Status: STATUS
Diagnostic-Code: smtp; DIAGNOSTIC

--b
Content-Type: message/rfc822

%(original)b
--b--
"""


def _report(action: str, status: str, diagnostic: str) -> str:
    return REPORT.replace("ACTION", action).replace("STATUS", status).replace("DIAGNOSTIC", diagnostic)


def _box(folder: Path, name: str) -> Path:
    return folder / "".join(letter if letter.isalnum() else "-" for letter in name)


def arrivals(folder: Path) -> list[Scenario]:
    def case(name: str, expect: Expect, *below: str, also: Any = None, wait: float = 0.8, **more: Any) -> Scenario:
        box = _box(folder, name)
        for part in ("new", "cur", "tmp"):
            (box / part).mkdir(parents=True, exist_ok=True)
        script = Script(deliver=tuple(box / part if part else box for part in below), **more)
        settings = {"arrival": Arrival(maildir=str(box), wait=wait, poll=0.1), "stop_after": "delivered"}
        return Scenario(name, scripted(script), expect, settings, also=also)

    dsn: dict[str, Any] = {"extensions_tls": ("AUTH PLAIN", "DSN")}
    there = Expect(outcome="delivered", quits=True)
    bounce = _report("failed", "5.1.1", "550 5.1.1 User unknown")
    delay = _report("delayed", "4.4.1", "451 4.4.1 Connection timed out")
    gone = "the message was accepted, and the mailbox goes away"
    gone_and_cut = "the answer after the dot was lost, and the mailbox goes away"
    nowhere = {"arrival": Arrival(maildir=str(folder / "nowhere"), wait=0.5), "stop_after": "delivered"}
    return [
        case("arrives", there, "", also=_arrived, wait=5.0),
        case("arrives as junk", Expect(outcome="delivered", finding="in_junk"), ".Junk", wait=5.0),
        case("arrives twice", Expect(outcome="delivered", finding="duplicates"), "", ".Archive", wait=5.0),
        case(
            "is returned",
            Expect("delivered", 550, "5.1.1", False, "bounced", "smtp_bounced"),
            "",
            returned=bounce,
            also=removed,
            wait=5.0,
        ),
        case(
            "is reported as delayed",
            Expect("delivered", 451, "4.4.1", True, "deferred", "smtp_deferred"),
            "",
            returned=delay,
        ),
        case(
            "is neither there nor reported, with a server that reports",
            Expect("delivered", retryable=True, outcome="deferred", error="smtp_deferred"),
            **dsn,
        ),
        case(
            "is neither there nor reported, with a server that does not report",
            Expect("delivered", retryable=False, outcome="lost", error="smtp_lost"),
        ),
        case(
            "is there although the answer after the dot was lost",
            Expect(outcome="delivered", finding="outcome_from_mailbox"),
            "",
            at={"DOT": cut},
            wait=5.0,
        ),
        case(
            "is not there, and the answer after the dot was lost",
            Expect("queued", retryable=False, outcome="unknown", error="smtp_outcome_unknown"),
            at={"DOT": cut},
        ),
        case(
            gone,
            Expect("delivered", retryable=False, outcome="accepted", error="smtp_mailbox_unreadable"),
            at={"DOT": _goes_away("250 2.0.0 Ok: queued as 4R2xyz", _box(folder, gone))},
            also=_says_what_was_sent,
        ),
        case(
            gone_and_cut,
            Expect("queued", retryable=False, outcome="unknown", error="smtp_outcome_unknown"),
            at={"DOT": _goes_away("", _box(folder, gone_and_cut))},
        ),
        Scenario(
            "the mailbox cannot be read, so nothing is sent",
            scripted(Script()),
            Expect("delivered", retryable=False, outcome="not_sent", error="smtp_mailbox_unreadable", quits=True),
            nowhere,
            also=verbs("EHLO", "STARTTLS", "EHLO", "AUTH", "QUIT"),
        ),
    ]


def _goes_away(answer: str, box: Path) -> Action:
    """Remove the mailbox, then answer; without a text, close."""

    def act(peer: Peer) -> None:
        shutil.rmtree(box)
        if not answer:
            raise Cut
        peer.send(answer)

    return act


def _says_what_was_sent(report: Report, _sessions: list[Session]) -> str | None:
    return "the remedy denies the message" if "No message was sent" in report["remedy"] else None


def _arrived(report: Report, _sessions: list[Session]) -> str | None:
    arrival = report["arrival"]
    hop = arrival["hops"][0] if arrival["hops"] else {}
    right = arrival["folder"] == "INBOX" and hop.get("tls") is True and hop.get("auth") is True
    return (None if right else f"the way is told as {arrival}") or removed(report, _sessions)
