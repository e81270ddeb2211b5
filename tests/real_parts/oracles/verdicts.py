# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A question to a mail client, and its answer, in words that all clients share."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from ..variants import Security

Stage = Literal["connect", "banner", "starttls", "certificate", "auth_offer", "auth", "mail", "rcpt", "data", "queued"]
Mechanism = Literal["PLAIN", "XOAUTH2", "OAUTHBEARER"]
HELO = "client.lab.test"
LIMIT = 30


@dataclass(frozen=True)
class Case:
    """What a client is to do: connect and secure; with ``mechanism`` sign in; with ``recipient`` send ``text``."""

    port: int
    ca: Path
    security: Security = "starttls"
    host: str = "localhost"
    mechanism: Mechanism | None = None
    user: str = ""
    secret: str = ""
    sender: str = ""
    recipient: str | None = None
    text: str = "hello"

    def message(self) -> str:
        """Return the message, lines end with LF."""
        return f"From: {self.sender}\nTo: {self.recipient}\nSubject: oracle\n\n{self.text}\n"


@dataclass(frozen=True)
class Verdict:
    """How it went: ``failed`` is the stage that failed (None: none did), ``code`` the reply that refused, if one did.

    A handshake that fails is ``starttls`` with STARTTLS and ``certificate`` with TLS from the start.
    """

    failed: Stage | None = None
    code: int | None = None


class Oracle(Protocol):
    """A client; ``check`` returns None for a case that it cannot play."""

    name: str

    def check(self, case: Case) -> Verdict | None:
        """Play the case."""


@dataclass(frozen=True)
class Ended:
    """How a program ended."""

    code: int
    output: str


def run(command: Sequence[str], text: str = "", env: Mapping[str, str] | None = None) -> Ended:
    """Run a program on ``text``; its output is both streams. Raises TimeoutExpired after 30 s."""
    ended = subprocess.run(
        command,
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        timeout=LIMIT,
        env=env,
    )
    return Ended(ended.returncode, ended.stdout)


def handshake(case: Case) -> Stage:
    """Return the stage of a failed handshake that is not about the certificate."""
    return "certificate" if case.security == "tls" else "starttls"
