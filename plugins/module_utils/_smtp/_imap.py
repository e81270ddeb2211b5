# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mailbox by IMAP under TLS. One sign-in, never a second; own messages are removed and no others."""

from __future__ import annotations

import contextlib
import imaplib
import re
import socket
import ssl
import typing as t

from ansible_collections.cai.console.plugins.module_utils._smtp import _sasl
from ansible_collections.cai.console.plugins.module_utils._smtp._found import FETCH_OCTETS, Found, is_junk, unreadable
from ansible_collections.cai.console.plugins.module_utils._smtp._mask import without
from ansible_collections.cai.console.plugins.module_utils._smtp._model import Settings, readable

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._smtp._model import Imap

SECONDS = 20.0
_LIST = re.compile(rb'\((?P<flags>[^)]*)\) (?:"[^"]*"|NIL) (?P<name>.+)$')
_UID = re.compile(rb"UID (\d+)")
_NEXT = re.compile(rb"UIDNEXT (\d+)")


class _Plain(imaplib.IMAP4):
    """With a time limit on every Python: the ``timeout`` argument came with 3.9."""

    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        return socket.create_connection((self.host, self.port), SECONDS)


class _Tls(_Plain):
    def __init__(self, host: str, port: int, context: ssl.SSLContext) -> None:
        self._tls_context = context
        super().__init__(host, port)

    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        return self._tls_context.wrap_socket(super()._create_socket(), server_hostname=self.host)


class ImapBox:
    """Watches INBOX, the folder for junk, and those that are named."""

    def __init__(self, settings: Imap) -> None:
        self._settings = settings
        self._server: imaplib.IMAP4 | None = None
        self._next: dict[str, int] = {}
        self._junk: set[str] = set()
        self._can_expunge_one = False
        # A server can repeat what it was sent.
        kind, secret = ("oauth", settings.token) if settings.token else ("password", settings.password)
        self._who = Settings(settings.host, settings.port, "ssl", kind, settings.username, secret)
        self._hidden = _sasl.forms(self._who)

    def open(self) -> None:
        """Connect, sign in, and remember where each folder ends."""
        try:
            self._server = self._connect()
        except (OSError, ssl.SSLError, imaplib.IMAP4.error) as error:
            raise unreadable(f"{self._settings.host}: {readable(str(error))}.") from None
        with self._faults():
            self._sign_in(self._server)
        with self._faults():
            # What a server can do is often told only after the sign-in.
            self._can_expunge_one = b"UIDPLUS" in self._ask("capability")[0].upper().split()
            for folder in self._folders():
                found = _NEXT.search(self._ask("status", folder, "(UIDNEXT)")[0])
                if found:
                    self._next[folder] = int(found.group(1))

    def fresh(self) -> list[Found]:
        """Return the messages that came since ``open``."""
        found: list[Found] = []
        with self._faults():
            for folder in self._folders():
                # A folder that was not there before was made for a message that came since, often the one for junk.
                first = self._next.setdefault(folder, 1)
                self._ask("select", folder, True)
                parts = self._ask("uid", "fetch", f"{first}:*", f"(UID BODY.PEEK[]<0.{FETCH_OCTETS}>)")
                for part in parts:
                    if not isinstance(part, tuple):
                        continue
                    uid = _UID.search(part[0])
                    if uid and int(uid.group(1)) >= first:
                        found.append(Found(folder, uid.group(1).decode(), part[1], folder in self._junk))
        return found

    def remove(self, found: Found) -> bool:
        """Delete one message, and only that; without UIDPLUS it stays marked as deleted."""
        server = t.cast(imaplib.IMAP4, self._server)
        try:
            server.select(found.folder)
            server.uid("store", found.key, "+FLAGS.SILENT", r"(\Deleted)")
            if not self._can_expunge_one:
                return False
            return bool(server.uid("expunge", found.key)[0] == "OK")
        except (OSError, imaplib.IMAP4.error):
            return False

    def close(self) -> None:
        """Sign out."""
        if self._server is not None:
            with contextlib.suppress(OSError, imaplib.IMAP4.error):
                self._server.logout()
            self._server = None

    def _connect(self) -> imaplib.IMAP4:
        wanted = self._settings
        context = ssl.create_default_context(cadata=wanted.ca_pem)
        if wanted.security == "ssl":
            return _Tls(wanted.host, wanted.port, context)
        server = _Plain(wanted.host, wanted.port)
        server.starttls(context)
        return server

    def _sign_in(self, server: imaplib.IMAP4) -> None:
        wanted = self._settings
        try:
            if wanted.token is None:
                server.login(wanted.username, t.cast(str, wanted.password))
                return
            offered = (name for name in _sasl.BY_KIND["oauth"] if f"AUTH={name}" in server.capabilities)
            mechanism = next(offered, "XOAUTH2")
            todo = _sasl.responses(mechanism, self._who)
            last = b"\x01" if mechanism == "OAUTHBEARER" else b""
            server.authenticate(mechanism, lambda _challenge: todo.pop(0) if todo else last)
        except imaplib.IMAP4.abort:
            # The connection is gone, and nobody has refused anything.
            raise
        except imaplib.IMAP4.error as error:
            raise unreadable(f"The sign-in is refused: {self._shown(error)}.", refused=True) from None

    def _folders(self) -> list[str]:
        names = ["INBOX"]
        for line in self._ask("list"):
            found = _LIST.match(line) if isinstance(line, bytes) else None
            if not found:
                continue
            name = found.group("name").decode("ascii", "replace")
            if b"\\junk" in found.group("flags").lower() or is_junk(name.strip('"')):
                self._junk.add(name)
                names.append(name)
        names += [_quoted(name) for name in self._settings.folders]
        return list(dict.fromkeys(names))

    def _ask(self, command: str, *arguments: t.Any) -> list[t.Any]:
        status, answer = getattr(self._server, command)(*arguments)
        if status != "OK":
            raise imaplib.IMAP4.error(f"{command}: {self._shown(answer)}")
        return t.cast("list[t.Any]", answer)

    @contextlib.contextmanager
    def _faults(self) -> t.Iterator[None]:
        try:
            yield
        except (OSError, imaplib.IMAP4.error) as error:
            raise unreadable(f"{self._settings.host}: {self._shown(error)}.") from None

    def _shown(self, error: t.Any) -> str:
        return readable(without(_said(error), self._hidden))


def _quoted(name: str) -> str:
    return (
        name if name.startswith('"') or name == "INBOX" else '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    )


def _said(error: t.Any) -> str:
    first = (error.args[0] if isinstance(error, Exception) and error.args else error) or ""
    if isinstance(first, list):
        first = first[0] if first else ""
    return first.decode("utf-8", "replace") if isinstance(first, bytes) else str(first)
