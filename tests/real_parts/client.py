# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plain SMTP client for the bed's own tests: it shows each reply as it came."""

from __future__ import annotations

import base64
import smtplib
import ssl
from dataclasses import dataclass
from types import TracebackType

from .mail import RealMail
from .variants import VARIANTS

TIMEOUT = 20.0
TLS_AT_ONCE = {"dovecot-tls", *(variant.name for variant in VARIANTS if variant.security == "tls")}
CLEAR = {variant.name for variant in VARIANTS if variant.security == "none"}
ALICE, BOB = "alice@lab.test", "bob@lab.test"
#: Longer AUTH lines are forbidden by RFC 4954, section 4.
LINE = 512


@dataclass(frozen=True)
class Reply:
    """A server's reply: the code, its text (lines joined), and the decoded challenge of a 334 that came before it."""

    code: int
    text: str
    challenge: str | None = None


class Talk:
    """A session with a variant, up to EHLO over TLS (``tls=False``: up to the greeting and EHLO in clear)."""

    def __init__(self, mail: RealMail, variant: str = "submission", *, tls: bool = True) -> None:
        self._mail = mail
        self._variant = variant
        self._context = ssl.create_default_context(cafile=str(mail.ca))
        self._tls = tls and variant not in CLEAR

    def __enter__(self) -> Talk:
        host, port = self._mail.host, self._mail.port(self._variant)
        if self._variant in TLS_AT_ONCE:
            self.smtp: smtplib.SMTP = smtplib.SMTP_SSL(host, port, context=self._context, timeout=TIMEOUT)
        else:
            self.smtp = smtplib.SMTP(host, port, timeout=TIMEOUT)
        # For addresses by SMTPUTF8; all else is ASCII anyway.
        self.smtp.command_encoding = "utf-8"
        try:
            self.smtp.ehlo()
            if self._tls and self._variant not in TLS_AT_ONCE:
                self.smtp.starttls(context=self._context)
                self.smtp.ehlo()
        except BaseException:
            self.smtp.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.smtp.quit()
        except (smtplib.SMTPException, OSError):
            self.smtp.close()

    def offers(self) -> dict[str, str]:
        """Return what the last EHLO offered: keyword in lower case, and its parameters."""
        return {name: value.strip() for name, value in self.smtp.esmtp_features.items()}

    def say(self, line: str) -> Reply:
        """Send a line and return the reply."""
        code, text = self.smtp.docmd(line)
        return Reply(code, text.decode("utf-8", "replace"))

    def auth(self, mechanism: str, user: str, secret: str, *, initial: bool | None = None) -> Reply:
        """Send AUTH once. ``initial``: with the initial response; None lets RFC 4954's length of a line decide."""
        blob = base64.b64encode(message(mechanism, user, secret).encode()).decode()
        with_initial = len(f"AUTH {mechanism} {blob}\r\n") <= LINE if initial is None else initial
        if with_initial:
            reply = self.say(f"AUTH {mechanism} {blob}")
        else:
            reply = self.say(f"AUTH {mechanism}")
            if reply.code == 334:
                reply = self.say(blob)
        if reply.code != 334:
            return reply
        told = base64.b64decode(reply.text).decode()
        end = self.say(base64.b64encode(b"\x01").decode() if mechanism == "OAUTHBEARER" else "")
        return Reply(end.code, end.text, told)

    def send(self, recipient: str = BOB, sender: str = ALICE, *, text: str = "hello", options: str = "") -> Reply:
        """Send a message and return the first reply that is not 2xx, or the one after the dot."""
        for line in (f"MAIL FROM:<{sender}>{options}", f"RCPT TO:<{recipient}>"):
            reply = self.say(line)
            if reply.code >= 400:
                return reply
        message = f"From: {sender}\r\nTo: {recipient}\r\nSubject: {text[:40]}\r\n\r\n{text}\r\n"
        try:
            code, said = self.smtp.data(message.encode())
        except smtplib.SMTPDataError as error:
            code, said = error.smtp_code, error.smtp_error if isinstance(error.smtp_error, bytes) else b""
        return Reply(code, said.decode("utf-8", "replace"))


def message(mechanism: str, user: str, secret: str) -> str:
    """Return what a mechanism sends, before base64."""
    if mechanism == "PLAIN":
        return f"\0{user}\0{secret}"
    if mechanism == "XOAUTH2":
        return f"user={user}\x01auth=Bearer {secret}\x01\x01"
    return f"n,a={user},\x01host=localhost\x01port=587\x01auth=Bearer {secret}\x01\x01"
