# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An IMAP server that follows a script, for what a real one does not do on demand."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from .script import PASSWORD, USER

Answers = Mapping[str, str]


class Hush(Exception):
    """The session ends here, without another word."""


@dataclass
class Mailbox:
    """What the server holds: messages by UID, those marked as deleted, and what each client said.

    ``answers``: what is said to a command in place of the usual answer, with ``{line}`` for what the client said; an
    empty text closes. ``silent``: commands that are never answered, ``GREETING`` among them.
    """

    messages: dict[int, bytes] = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)
    lines: list[str] = field(default_factory=list)
    answers: Answers = field(default_factory=dict)
    silent: tuple[str, ...] = ()
    capabilities: str = "IMAP4rev1 UIDPLUS AUTH=PLAIN"
    folders: tuple[str, ...] = (r'(\HasNoChildren) "." INBOX',)


class ImapServer:
    """Listens on a free port of the loopback address, under TLS from the first byte."""

    def __init__(self, box: Mailbox, context: ssl.SSLContext) -> None:
        self.box = box
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> ImapServer:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        """One client after another: a probe has one connection."""
        while True:
            try:
                sock, _address = self._listener.accept()
            except OSError:
                return
            with contextlib.suppress(OSError, Hush), self._context.wrap_socket(sock, server_side=True) as wrapped:
                self._talk(wrapped)

    def _talk(self, sock: ssl.SSLSocket) -> None:
        self._say(sock, "GREETING", "* OK ready")
        with sock.makefile("rb") as stream:
            for raw in stream:
                line = raw.decode("utf-8", "replace").strip()
                self.box.lines.append(line)
                tag, _space, rest = line.partition(" ")
                verb = rest.upper().removeprefix("UID ").split(" ")[0]
                told = self.box.answers.get(verb)
                text = (
                    f"{tag} {told.format(line=rest)}" if told else "" if told == "" else self._answer(tag, verb, rest)
                )
                self._say(sock, verb, text)
                if verb == "LOGOUT":
                    return

    def _say(self, sock: ssl.SSLSocket, point: str, text: str) -> None:
        if point in self.box.silent:
            self._over.wait(20)
        if point in self.box.silent or not text:
            raise Hush
        sock.sendall(f"{text}\r\n".encode())

    def _answer(self, tag: str, verb: str, rest: str) -> str:
        box, done = self.box, f"{tag} OK done"
        if verb == "CAPABILITY":
            return f"* CAPABILITY {box.capabilities}\r\n{done}"
        if verb == "LOGIN":
            return done if rest == f'LOGIN {USER} "{PASSWORD}"' else f"{tag} NO [AUTHENTICATIONFAILED] no"
        if verb == "LIST":
            return "\r\n".join([*(f"* LIST {folder}" for folder in box.folders), done])
        if verb == "STATUS":
            return f"* STATUS INBOX (UIDNEXT {max(box.messages, default=0) + 1})\r\n{done}"
        if verb == "FETCH":
            return "\r\n".join([*self._fetched(int(rest.split(" ")[2].partition(":")[0])), done])
        if verb == "STORE":
            box.deleted.add(int(rest.split(" ")[2]))
        if verb == "EXPUNGE":
            box.messages.pop(int(rest.split(" ")[2]))
        return done

    def _fetched(self, first: int) -> list[str]:
        """The messages from a UID on; of a range ``n:*`` the last one is always a part (RFC 3501)."""
        last = max(self.box.messages, default=0)
        found = [(uid, raw.decode()) for uid, raw in self.box.messages.items() if uid >= first or uid == last]
        return [f"* {uid} FETCH (UID {uid} BODY[]<0> {{{len(raw)}}}\r\n{raw})" for uid, raw in found]
