# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An SMTP server that follows a script: at every point of a session it can answer, stall, drip, babble or cut."""

from __future__ import annotations

import base64
import contextlib
import json
import socket
import ssl
import threading
import time
from collections.abc import Mapping

from .script import USER, Action, Cut, Script, Session, cut, say

LINE_LIMIT = 65536


class ScriptedServer:
    """Listens on a free port of the loopback address; ``sessions`` is what happened."""

    def __init__(self, script: Script, contexts: Mapping[str, ssl.SSLContext], host: str = "127.0.0.1") -> None:
        self.script = script
        self.contexts = contexts
        self.sessions: list[Session] = []
        self._host = host
        self._listener = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        self.port = int(self._listener.getsockname()[1])
        self._threads: list[threading.Thread] = []
        self._knocks: dict[int, threading.Event] = {}
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> ScriptedServer:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)
        for sock in self._open:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    def settle(self) -> None:
        """Wait until every session has ended, so that what happened is complete.

        One may not have been accepted yet. They are accepted in order, so that a connection of our own comes after it.
        """
        with socket.socket(self._listener.family) as knock:
            knock.bind((self._host, 0))
            arrived = self._knocks[knock.getsockname()[1]] = threading.Event()
            knock.connect((self._host, self.port))
            arrived.wait(10)
        for thread in list(self._threads):
            thread.join(10)

    def _serve(self) -> None:
        while True:
            try:
                sock, address = self._listener.accept()
            except OSError:
                return
            if (arrived := self._knocks.pop(address[1], None)) is not None:
                sock.close()
                arrived.set()
                continue
            session = Session()
            self.sessions.append(session)
            self._open.append(sock)
            thread = threading.Thread(target=self._talk, args=(sock, session), daemon=True)
            thread.start()
            self._threads.append(thread)

    def _talk(self, sock: socket.socket, session: Session) -> None:
        peer = Peer(sock, session, self)
        try:
            peer.run()
        except (Cut, OSError):
            pass
        finally:
            with contextlib.suppress(OSError):
                peer.sock.close()


class Peer:
    """The server's side of one session."""

    def __init__(self, sock: socket.socket, session: Session, server: ScriptedServer) -> None:
        self.sock = sock
        self.session = session
        self._script = server.script
        self._contexts = server.contexts
        self._buffer = b""

    @property
    def tls(self) -> bool:
        """Whether the session is under TLS."""
        return isinstance(self.sock, ssl.SSLSocket)

    def send(self, text: str) -> None:
        """Send lines, each ended as SMTP wants it."""
        self.sock.sendall(text.encode("utf-8").replace(b"\n", b"\r\n") + b"\r\n")

    def run(self) -> None:
        """Serve until the client leaves."""
        if self._script.implicit_tls:
            self._secure()
        self._do("BANNER", say("220 mail.lab.test ESMTP scripted"))
        while True:
            line = self._read()
            self.session.lines.append((line, self.tls))
            verb = line.split(" ")[0].upper()
            if verb == "QUIT":
                self._do("QUIT", say("221 2.0.0 Bye"))
                return
            handler = getattr(self, f"_{verb.lower()}", None)
            if verb == "*":
                self.send("501 5.7.0 Authentication aborted")
            elif handler is None:
                self.send("502 5.5.1 Error: command not recognized")
            else:
                handler(line)

    def _do(self, point: str, usual: Action) -> None:
        self._script.at.get(point, usual)(self)

    def _ehlo(self, _line: str) -> None:
        words = self._script.extensions_tls if self.tls else self._script.extensions
        lines = ["mail.lab.test", *words]
        text = "\n".join(f"250{'-' if number < len(lines) - 1 else ' '}{word}" for number, word in enumerate(lines))
        self._do("EHLO_TLS" if self.tls and not self._script.implicit_tls else "EHLO", say(text))

    def _starttls(self, _line: str) -> None:
        if "STARTTLS" not in self._script.extensions and "STARTTLS" not in self._script.at:
            self.send("502 5.5.1 Error: command not implemented")
            return
        self._do("STARTTLS", say("220 2.0.0 Ready to start TLS"))
        if "STARTTLS" not in self._script.at:
            self._secure()

    def _secure(self) -> None:
        try:
            self.sock = self._contexts[self._script.certificate].wrap_socket(self.sock, server_side=True)
        except (ssl.SSLError, OSError) as error:
            self.session.handshake = str(error)
            raise Cut from error

    def _auth(self, line: str) -> None:
        _verb, mechanism, *initial = line.split(" ")
        if "AUTH" in self._script.at:
            self._do("AUTH", cut)
            return
        answers = list(initial)
        challenges = {"LOGIN": ["VXNlcm5hbWU6", "UGFzc3dvcmQ6"]}.get(mechanism, [""])
        for challenge in challenges[len(answers) :]:
            self.send(f"334 {challenge}")
            answers.append(self._answer())
            if "AUTH_DATA" in self._script.at:
                self._do("AUTH_DATA", cut)
                return
        if self._is_right(mechanism, answers):
            self._do("AUTH_END", say("235 2.7.0 Authentication successful"))
            return
        self._refuse(mechanism)

    def _refuse(self, mechanism: str) -> None:
        told = {
            "XOAUTH2": {"status": "401", "schemes": "bearer", "scope": "mail"},
            "OAUTHBEARER": {"status": "invalid_token"},
        }.get(mechanism)
        if told:
            self.send("334 " + base64.b64encode(json.dumps(told).encode()).decode())
            self._answer()
        self._do("AUTH_END", say("535 5.7.8 Error: authentication failed: (reason unavailable)"))

    def _answer(self) -> str:
        line = self._read()
        self.session.lines.append((line, self.tls))
        return line

    def _is_right(self, mechanism: str, answers: list[str]) -> bool:
        said = [base64.b64decode(answer) for answer in answers]
        if mechanism == "LOGIN":
            return said == [USER.encode(), self._script.password.encode()]
        if mechanism == "PLAIN":
            return said == [f"\0{USER}\0{self._script.password}".encode()]
        return USER.encode() in said[0] and f"auth=Bearer {self._script.token}\x01\x01".encode() in said[0]

    def _mail(self, _line: str) -> None:
        self._do("MAIL", say("250 2.1.0 Ok"))

    def _rcpt(self, _line: str) -> None:
        self._do("RCPT", say("250 2.1.5 Ok"))

    def _data(self, _line: str) -> None:
        self._do("DATA", say("354 End data with <CR><LF>.<CR><LF>"))
        if "DATA" in self._script.at:
            return
        lines = []
        while (line := self._read()) != ".":
            lines.append(line.removeprefix("."))
        content = "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n"
        self.session.messages.append(content)
        self._deliver(content)
        self._do("DOT", say("250 2.0.0 Ok: queued as 4R2xyz"))

    def _deliver(self, content: bytes) -> None:
        how = b"Received: from probe (localhost [127.0.0.1])\r\n\tby mail.lab.test (scripted) with ESMTPSA id 1;\r\n"
        how += b"\tTue, 24 Nov 2026 10:00:00 +0000\r\n"
        for number, folder in enumerate(self._script.deliver):
            new = folder / "new"
            new.mkdir(parents=True, exist_ok=True)
            whole = self._script.returned.encode() % {b"original": content} if self._script.returned else how + content
            (new / f"{time.time_ns()}.{number}.scripted").write_bytes(whole)

    def _read(self) -> str:
        while b"\n" not in self._buffer:
            data = self.sock.recv(LINE_LIMIT)
            if not data:
                raise Cut
            self._buffer += data
        line, _end, self._buffer = self._buffer.partition(b"\n")
        return line.rstrip(b"\r").decode("utf-8", "surrogateescape")
