# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A policy server as Postfix asks it at RCPT: greylisting."""

from __future__ import annotations

import socketserver
import threading
import time
from collections.abc import Iterable, Iterator

from .processes import HOST

Request = dict[str, str]
Triplet = tuple[str, str, str]
PUT_OFF = "DEFER_IF_PERMIT 4.2.0 Greylisted, try again later"


class Greylist:
    """Puts a client, sender and recipient off until ``delay`` seconds after they were first seen together."""

    def __init__(self, port: int, delay: float = 1.0) -> None:
        self.delay = delay
        self._first: dict[Triplet, float] = {}
        self._lock = threading.Lock()
        greylist = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                for request in requests(self.rfile):
                    self.wfile.write(f"action={greylist.decide(request)}\n\n".encode())

        self._server = Server((HOST, port), Handler)

    def start(self) -> None:
        """Serve in a thread of its own."""
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="greylist", daemon=True).start()

    def stop(self) -> None:
        """Stop serving; connections that Postfix still holds end with it."""
        self._server.shutdown()
        self._server.server_close()

    def forget(self) -> None:
        """Make everybody a stranger again."""
        with self._lock:
            self._first.clear()

    def decide(self, request: Request) -> str:
        """Return Postfix's action for a request."""
        triplet = (request.get("client_address", ""), request.get("sender", ""), request.get("recipient", ""))
        now = time.monotonic()
        with self._lock:
            known = self._first.setdefault(triplet, now)
        return "DUNNO" if known < now and now - known >= self.delay else PUT_OFF


class Server(socketserver.ThreadingTCPServer):
    """A thread per connection, as Postfix keeps several open."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False


def requests(stream: Iterable[bytes]) -> Iterator[Request]:
    """Yield the requests of a connection: lines of name=value, an empty one at the end of each."""
    request: Request = {}
    for line in stream:
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        if text:
            name, _unused, value = text.partition("=")
            request[name] = value
        else:
            yield request
            request = {}
