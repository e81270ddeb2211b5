# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SMTP dialogue: smtplib's commands over replies that are bounded in time and size, and never out of step."""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import ssl
import typing as t

from ansible_collections.cai.console.plugins.module_utils._smtp._mask import HIDDEN
from ansible_collections.cai.console.plugins.module_utils._smtp._model import Reply, StageFault, readable

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._smtp._clock import Budget

LINE_LIMIT = 8192
REPLY_LIMIT = 65536
QUIT_SECONDS = 2.0
SLACK_SECONDS = 0.1
_LINE = re.compile(rb"([2-5]\d\d)(?:([ -])(.*))?$", re.DOTALL)


class Dialogue(smtplib.SMTP):
    """One SMTP session on a socket that is connected already.

    ``may_quit``: whether the protocol allows a command now. ``round_trips``: commands sent and replies awaited.
    Every failure is a StageFault: ``smtp_timeout``, ``smtp_connection_lost``, ``smtp_protocol_error`` or
    ``smtp_plaintext_injected``.
    """

    def __init__(self, sock: socket.socket, budget: Budget, ehlo_name: str) -> None:
        super().__init__(local_hostname=ehlo_name)
        self.sock: socket.socket | None = sock
        self.may_quit = False
        self.round_trips = 0
        self._budget = budget
        self._buffer = bytearray()
        self._hidden: list[bytes] = []

    def greeting(self) -> Reply:
        """Read the banner."""
        return self._read()

    def command(self, words: str) -> Reply:
        """Send one command and return its reply."""
        self._begin()
        self.putcmd(words)
        return self._read()

    def hide(self, forms: t.Iterable[str]) -> None:
        """From now on take these texts, longest first, out of whatever the server says."""
        self._hidden = [form.encode() for form in forms]

    def introduce(self) -> tuple[Reply, dict[str, str]]:
        """Send EHLO; return the reply and what the server offers: keyword in lower case to its parameters."""
        self.ehlo_resp = None
        self.esmtp_features: dict[str, str] = {}
        self._begin()
        code, text = self.ehlo()
        return Reply(code, text.decode("utf-8", "replace")), dict(self.esmtp_features)

    def mail_from(self, address: str, options: list[str]) -> Reply:
        """Send MAIL."""
        self._begin()
        return _reply(self.mail(address, options))

    def rcpt_to(self, address: str, options: list[str]) -> Reply:
        """Send RCPT."""
        self._begin()
        return _reply(self.rcpt(address, options))

    def content(self, message: bytes) -> None:
        """Send a message after 354, with the dot that ends it. If this fails, the dot was not sent: it comes last."""
        self._require_silence()
        self.may_quit = False
        self.round_trips += 1
        self.send(re.sub(rb"(?m)^\.", b"..", message) + b".\r\n")

    def outcome(self) -> Reply:
        """Return what the server says to the message."""
        return self._read()

    def leave(self) -> None:
        """End with QUIT where the protocol allows it; no reply to it is no failure. Then close."""
        if self.sock is None:
            return
        with contextlib.suppress(OSError, StageFault, smtplib.SMTPException, ValueError):
            if self.may_quit:
                self.sock.settimeout(QUIT_SECONDS)
                self.sock.sendall(b"QUIT\r\n")
                self.sock.recv(512)
        with contextlib.suppress(OSError):
            self.sock.close()
        self.sock = None

    def unread(self) -> bytes:
        """Return what the server has sent that nobody asked for, as far as it is here already."""
        if not self._buffer and not isinstance(self.sock, ssl.SSLSocket) and self.sock is not None:
            with contextlib.suppress(OSError):
                self.sock.settimeout(0)
                return self.sock.recv(512, socket.MSG_PEEK)
        return bytes(self._buffer)

    def send(self, s: t.Any) -> None:
        """Send bytes or text within the budget."""
        if self.sock is None:
            raise StageFault("smtp_connection_lost", "The connection is closed.")
        self._limit(self.sock)
        try:
            self.sock.sendall(s if isinstance(s, (bytes, bytearray)) else s.encode(self.command_encoding))
        except UnicodeEncodeError:
            raise StageFault("smtp_smtputf8_missing", "An address is not ASCII, and SMTPUTF8 was not agreed.") from None
        except OSError as error:
            raise _lost(error) from None

    def getreply(self) -> tuple[int, bytes]:
        """Read one reply, as smtplib's own commands ask for it."""
        reply = self._read()
        return reply.code, reply.text.encode("utf-8", "surrogateescape")

    def close(self) -> None:
        """Close; smtplib calls it after a failure of its own."""
        if self.sock is not None:
            self.sock.close()
            self.sock = None

    def _begin(self) -> None:
        self._require_silence()
        self.may_quit = False
        self.round_trips += 1

    def _require_silence(self) -> None:
        """A reply that no command asked for means that somebody's command, or text, was put in between."""
        if self._buffer:
            said = readable(self._clean(bytes(self._buffer)), 200)
            raise StageFault("smtp_plaintext_injected", f"The server sent something that nobody asked for: {said!r}.")

    def _clean(self, raw: bytes) -> bytes:
        """Take the secret out of what the server says, before any of it is shown or shortened."""
        for form in self._hidden:
            raw = raw.replace(form, HIDDEN.encode())
        return raw

    def _read(self) -> Reply:
        lines: list[bytes] = []
        size = 0
        while True:
            line = self._line()
            size += len(line)
            found = _LINE.match(line.rstrip(b"\r\n"))
            if not found:
                raise StageFault(
                    "smtp_protocol_error",
                    f"This is no SMTP reply: {readable(self._clean(line), 120)!r}.",
                    retryable=False,
                )
            code, more, text = found.groups()
            if size > REPLY_LIMIT:
                raise StageFault("smtp_protocol_error", "A reply does not end.", retryable=False)
            lines.append(self._clean((text or b"").strip(b" \t")))
            if more != b"-":
                break
        reply = Reply(int(code), b"\n".join(lines).decode("utf-8", "surrogateescape"))
        self.may_quit = reply.code not in (334, 354, 421)
        return reply

    def _line(self) -> bytes:
        while b"\n" not in self._buffer:
            if len(self._buffer) > LINE_LIMIT:
                raise StageFault("smtp_protocol_error", f"A line is longer than {LINE_LIMIT} octets.", retryable=False)
            self._buffer += self._receive()
        end = self._buffer.index(b"\n") + 1
        line = bytes(self._buffer[:end])
        del self._buffer[:end]
        if end > LINE_LIMIT:
            raise StageFault("smtp_protocol_error", f"A line is longer than {LINE_LIMIT} octets.", retryable=False)
        return line

    def _limit(self, sock: socket.socket) -> None:
        """Let the socket wait as long as the budget says. This costs a call to the system, so 0.1 s is let go."""
        left = self._budget.left()
        if abs((sock.gettimeout() or 0.0) - left) > SLACK_SECONDS or left < SLACK_SECONDS:
            sock.settimeout(left)

    def _receive(self) -> bytes:
        if self.sock is None:
            raise StageFault("smtp_connection_lost", "The connection is closed.")
        self._limit(self.sock)
        try:
            data = self.sock.recv(4096)
        except socket.timeout:
            self._budget.left()
            raise StageFault("smtp_timeout", "No whole answer in time.") from None
        except OSError as error:
            raise _lost(error) from None
        if not data:
            raise StageFault("smtp_connection_lost", "The server closed the connection.")
        return data


def _reply(pair: tuple[int, bytes]) -> Reply:
    return Reply(pair[0], pair[1].decode("utf-8", "replace"))


def _lost(error: OSError) -> StageFault:
    if isinstance(error, socket.timeout):
        return StageFault("smtp_timeout", "Sending was not done in time.")
    return StageFault("smtp_connection_lost", f"The connection was lost: {error.strerror or error}.")
