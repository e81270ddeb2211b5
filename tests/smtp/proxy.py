# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A proxy that stands between a probe and any mail server and spoils what passes: it strips, injects, cuts, stalls."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable

Spoil = Callable[[bytes], bytes | None]


def strip_starttls(line: bytes) -> bytes | None:
    """Leave STARTTLS out of the list of extensions."""
    return None if line.rstrip().upper().endswith(b"STARTTLS") and line.startswith(b"250-") else line


def garble_starttls(line: bytes) -> bytes | None:
    """Write over STARTTLS, as some firewalls do."""
    return line.upper().replace(b"STARTTLS", b"XXXXXXXA") if line.startswith(b"250") else line


def inject(text: bytes) -> Spoil:
    """Put text behind the answer to STARTTLS, in the same packet."""
    return lambda line: line + text if line.startswith(b"220 2.0.0 Ready") or line.startswith(b"220 Ready") else line


def cut_at(beginning: bytes) -> Spoil:
    """Close both sides when a line of the server begins so."""

    def spoil(line: bytes) -> bytes | None:
        if line.startswith(beginning):
            raise ConnectionAbortedError
        return line

    return spoil


class FaultProxy:
    """Listens on a free port of the loopback address; each line of the server goes through ``spoil`` until TLS."""

    def __init__(self, target: tuple[str, int], spoil: Spoil) -> None:
        self._target = target
        self._spoil = spoil
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._socks: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> FaultProxy:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in self._socks:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                client, _address = self._listener.accept()
                server = socket.create_connection(self._target)
            except OSError:
                return
            self._socks += [client, server]
            for source, sink, spoil in ((client, server, None), (server, client, self._spoil)):
                threading.Thread(target=_pump, args=(source, sink, spoil), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket, spoil: Spoil | None) -> None:
    """Pass on what comes; through ``spoil`` line by line as long as it is lines of text."""
    try:
        while data := source.recv(65536):
            if spoil is not None and data[:1].isdigit():
                lines = [spoil(line) for line in data.splitlines(keepends=True)]
                data = b"".join(line for line in lines if line is not None)
            sink.sendall(data)
    except OSError:
        pass
    for sock in (source, sink):
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
