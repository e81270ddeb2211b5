# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes the calls of a custom service: an address on this host that listens while the task waits, and no longer."""

from __future__ import annotations

import http.server
import threading
import typing as t

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._smtp._found import FETCH_OCTETS, Found

MOST_CALLS = 1000
SECONDS = 10.0


class Listener:
    """Takes POST and PUT at any path, and answers 200. It is read as a mailbox is."""

    def __init__(self, address: str, port: int) -> None:
        self._place = (address, port)
        self._calls: list[Found] = []
        self._taken = 0
        self._lock = threading.Lock()
        self._server: http.server.ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None

    def open(self) -> None:
        """Listen; an ``alert_place_unreadable`` where that address is not to be had."""
        listener = self

        class Handler(_Handler):
            take = staticmethod(listener._take)

        try:
            self._server = _Server(self._place, Handler)
        except OSError as error:
            where = "{}:{}".format(*self._place)
            raise ConsoleError(
                "alert_place_unreadable",
                f"arrival.listener: {where} cannot be listened on: {error.strerror}.",
                stage="arrival",
            ) from None
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
        self._thread.start()

    def fresh(self) -> list[Found]:
        """Return the calls that came."""
        with self._lock:
            return list(self._calls)

    def remove(self, found: Found) -> bool:
        """A call leaves nothing behind."""
        return False

    def close(self) -> None:
        """Listen no longer."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def _take(self, path: str, body: bytes) -> None:
        with self._lock:
            self._taken += 1
            if len(self._calls) < MOST_CALLS:
                self._calls.append(Found(f"call of {path}", str(self._taken), body, False))


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True


class _Handler(http.server.BaseHTTPRequestHandler):
    timeout = SECONDS
    take: t.Callable[[str, bytes], None]

    def do_POST(self) -> None:
        """Take a call of bounded size."""
        length = self.headers.get("Content-Length", "")
        if not length.isdigit():
            self._answer(411)
        elif int(length) > FETCH_OCTETS:
            self._answer(413)
        else:
            self.take(self.path[:200], self.rfile.read(int(length)))
            self._answer(200)

    do_PUT = do_POST

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

    def log_request(self, code: t.Any = "-", size: t.Any = "-") -> None:
        """A worker of Ansible must not write to the screen."""

    def log_error(self, *_words: t.Any) -> None:
        """Likewise."""
