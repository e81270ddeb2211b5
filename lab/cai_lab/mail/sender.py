# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The console's own SMTP client: one message, stage by stage, so that a failure names the stage where it stopped."""

from __future__ import annotations

import base64
import contextlib
import errno
import ipaddress
import os
import re
import smtplib
import socket
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import parseaddr

_WIRE = SMTP_POLICY.clone(cte_type="7bit")
_DOT = re.compile(rb"^\.", re.MULTILINE)


@dataclass(frozen=True)
class MailSettings:
    """An Email Service's settings. ``security``: ``TLS`` (STARTTLS, assumed), ``SSL`` (from the first byte) or None.

    With ``token``, an OAuth access token, the sign-in is by XOAUTH2.
    """

    host: str
    port: int
    security: str | None
    user: str | None
    password: str | None
    token: str | None = None


@dataclass(frozen=True)
class SendResult:
    """``stage`` is where it stopped (None when sent), ``code`` the server's last reply code, if it gave one there."""

    ok: bool
    stage: str | None
    code: int | None
    message: str


def send(
    settings: MailSettings,
    message: EmailMessage,
    recipient: str,
    trust: ssl.SSLContext,
    timeout: float = 10.0,
    *,
    cut_off: bool = False,
) -> SendResult:
    """Send ``message`` to ``recipient``; blocks, at most ``timeout`` seconds a step. Mail faults never raise.

    ``cut_off``: as behind a firewall, no connection is made, to nobody.
    Stages: dns connect banner ehlo starttls certificate ehlo_tls auth_offer auth mail rcpt data queued.
    """
    attempt = _Attempt(settings, trust, timeout, cut_off)
    try:
        return SendResult(True, None, 250, attempt.deliver(message, recipient))
    except smtplib.SMTPResponseException as error:
        return SendResult(False, attempt.stage, error.smtp_code, _text(error.smtp_error))
    except (OSError, smtplib.SMTPException, ValueError, OverflowError) as error:
        attempt.answers = isinstance(error, smtplib.SMTPNotSupportedError)
        return SendResult(False, attempt.stage, None, str(error) or type(error).__name__)
    finally:
        attempt.close()


class _Attempt:
    def __init__(self, settings: MailSettings, trust: ssl.SSLContext, timeout: float, cut_off: bool) -> None:
        self.stage = "dns"
        self.answers = True
        self._settings = settings
        self._trust = trust
        self._cut_off = cut_off
        self._smtp = smtplib.SMTP(local_hostname="console.lab.test", timeout=timeout)

    def deliver(self, message: EmailMessage, recipient: str) -> str:
        self._connect()
        if self._settings.security == "TLS":
            self._start_tls()
        if self._settings.user:
            if self._settings.token:
                self._authenticate_by_token(self._settings.user, self._settings.token)
            else:
                self._authenticate(self._settings.user, self._settings.password or "")
        self.stage = "mail"
        self._expect(250, self._smtp.mail(parseaddr(str(message["From"]))[1]))
        self.stage = "rcpt"
        self._expect(250, self._smtp.rcpt(recipient))
        self.stage = "data"
        self._expect(354, self._smtp.docmd("data"))
        # Apart from DATA: a connection that is lost from here on leaves it open whether the server has the message.
        self.stage = "queued"
        self._smtp.send(_DOT.sub(b"..", message.as_bytes(policy=_WIRE)) + b".\r\n")
        return self._expect(250, self._smtp.getreply())

    def close(self) -> None:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            if self.answers:
                self._smtp.quit()
        self._smtp.close()

    def _connect(self) -> None:
        address = (self._settings.host, self._settings.port)
        socket.getaddrinfo(*address, type=socket.SOCK_STREAM)
        self.stage = "connect"
        if self._cut_off:
            raise OSError(errno.EHOSTUNREACH, os.strerror(errno.EHOSTUNREACH))
        self._smtp.sock = socket.create_connection(address, self._smtp.timeout)
        if self._settings.security == "SSL":
            self.stage = "certificate"
            self._secure()
        self.stage = "banner"
        self._expect(220, self._smtp.getreply())
        self._greet("ehlo")

    def _start_tls(self) -> None:
        self.stage = "starttls"
        if not self._smtp.has_extn("starttls"):
            raise smtplib.SMTPNotSupportedError("the server does not offer STARTTLS")
        self._expect(220, self._smtp.docmd("STARTTLS"))
        try:
            self._secure()
        except ssl.SSLCertVerificationError:
            self.stage = "certificate"
            raise
        self._greet("ehlo_tls")

    def _greet(self, stage: str) -> None:
        self.stage = stage
        self._expect(250, self._smtp.ehlo())

    def _secure(self) -> None:
        assert self._smtp.sock is not None
        self._smtp.sock = self._trust.wrap_socket(self._smtp.sock, server_hostname=self._settings.host)
        self._smtp.file = None  # a reader of the socket in clear text, if there was one

    def _authenticate(self, user: str, password: str) -> None:
        self.stage = "auth_offer"
        if not isinstance(self._smtp.sock, ssl.SSLSocket) and not _is_loopback(self._smtp.sock):
            raise smtplib.SMTPNotSupportedError("the password is not sent in clear text")
        offered = self._smtp.esmtp_features.get("auth", "").upper().split()
        answers = {"PLAIN": [f"\0{user}\0{password}"], "LOGIN": [user, password]}
        # One mechanism only: a second try with the same wrong password would count towards a lock-out.
        mechanism = next((name for name in answers if name in offered), None)
        if mechanism is None:
            raise smtplib.SMTPNotSupportedError("the server offers neither AUTH PLAIN nor AUTH LOGIN")
        self.stage = "auth"
        reply = self._smtp.docmd("AUTH", mechanism)
        for answer in answers[mechanism]:
            self._expect(334, reply)
            reply = self._smtp.docmd(base64.b64encode(answer.encode()).decode())
        self._expect(235, reply)

    def _authenticate_by_token(self, user: str, token: str) -> None:
        self.stage = "auth_offer"
        if not isinstance(self._smtp.sock, ssl.SSLSocket):
            raise smtplib.SMTPNotSupportedError("a token is not sent in clear text")
        if "XOAUTH2" not in self._smtp.esmtp_features.get("auth", "").upper().split():
            raise smtplib.SMTPNotSupportedError("the server does not offer AUTH XOAUTH2")
        self.stage = "auth"
        # Never as an initial response: a token makes the command longer than RFC 4954 allows.
        self._expect(334, self._smtp.docmd("AUTH", "XOAUTH2"))
        blob = f"user={user}\x01auth=Bearer {token}\x01\x01"
        reply = self._smtp.docmd(base64.b64encode(blob.encode()).decode())
        if reply[0] == 334:
            reason, reply = reply[1], self._smtp.docmd("")
            told = base64.b64decode(reason).decode("utf-8", "replace")
            raise smtplib.SMTPResponseException(reply[0], f"{_text(reply[1])} (the server's reason: {told})")
        self._expect(235, reply)

    @staticmethod
    def _expect(wanted: int, reply: tuple[int, bytes]) -> str:
        code, text = reply
        if code != wanted:
            raise smtplib.SMTPResponseException(code, text)
        return _text(text)


def _is_loopback(connected: socket.socket | None) -> bool:
    return connected is not None and ipaddress.ip_address(connected.getpeername()[0].partition("%")[0]).is_loopback


def _text(reply: bytes | str) -> str:
    return reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
