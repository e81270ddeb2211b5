# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a scripted server does at each point of a session."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .scripted import Peer

USER, PASSWORD, TOKEN = "alice@lab.test", "alice-Mail-pw1", "token-Right-1"


class Cut(Exception):
    """The session ends here, without another word."""


@dataclass
class Session:
    """What one client did: ``lines`` as (text, under TLS), and the messages that it sent completely."""

    lines: list[tuple[str, bool]] = field(default_factory=list)
    messages: list[bytes] = field(default_factory=list)
    handshake: str = ""

    def verbs(self) -> list[str]:
        """The commands, without what follows them."""
        return [line.split(" ")[0].upper() for line, _tls in self.lines]


Action = Callable[["Peer"], None]


def say(text: str) -> Action:
    """Answer with these lines."""
    return lambda peer: peer.send(text)


def cut(peer: Peer) -> None:
    """Close without an answer."""
    raise Cut


def say_and_cut(text: str) -> Action:
    """Answer, then close."""

    def act(peer: Peer) -> None:
        peer.send(text)
        raise Cut

    return act


def silence(peer: Peer) -> None:
    """Never answer; the session lasts until the client has had enough."""
    with contextlib.suppress(OSError):
        peer.sock.settimeout(20)
        peer.sock.recv(1)
    raise Cut


def slowly(seconds: float, text: str) -> Action:
    """Answer after a while, as a server does that holds up a sign-in."""

    def act(peer: Peer) -> None:
        time.sleep(seconds)
        peer.send(text)

    return act


def repeat(before: str) -> Action:
    """Refuse, and say again what the client said."""
    return lambda peer: peer.send(f"{before} {peer.session.lines[-1][0]}")


def drip(text: str, seconds: float = 0.15) -> Action:
    """Answer one octet at a time, and never reach the end of the line in time."""

    def act(peer: Peer) -> None:
        with contextlib.suppress(OSError):
            for letter in text:
                peer.sock.sendall(letter.encode())
                time.sleep(seconds)
        raise Cut

    return act


def babble(raw: bytes) -> Action:
    """Send octets that are no reply."""

    def act(peer: Peer) -> None:
        peer.sock.sendall(raw)

    return act


@dataclass(frozen=True)
class Script:
    """How a server behaves. ``at`` maps a point to an action that replaces the usual answer; the points are
    BANNER, EHLO, STARTTLS, EHLO_TLS, AUTH, AUTH_DATA, AUTH_END, MAIL, RCPT, DATA, DOT and QUIT.
    ``deliver``: Maildirs that get the message; ``returned``: a report that they get in its place.
    """

    extensions: tuple[str, ...] = ("PIPELINING", "SIZE 1048576", "STARTTLS", "8BITMIME", "ENHANCEDSTATUSCODES")
    extensions_tls: tuple[str, ...] = (
        "PIPELINING",
        "SIZE 1048576",
        "AUTH PLAIN LOGIN XOAUTH2 OAUTHBEARER",
        "8BITMIME",
        "ENHANCEDSTATUSCODES",
    )
    certificate: str = "good"
    implicit_tls: bool = False
    at: Mapping[str, Action] = field(default_factory=dict)
    deliver: tuple[Path, ...] = ()
    returned: str = ""
    token: str = TOKEN
    password: str = PASSWORD
