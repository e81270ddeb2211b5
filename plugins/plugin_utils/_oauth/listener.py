# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A listener on loopback for one answer of one browser: the end of a consent at a terminal."""

from __future__ import annotations

import contextlib
import hmac
import http.server
import queue
import threading
import typing as t
import webbrowser
from urllib.parse import parse_qsl, urlsplit

from ansible_collections.cai.console.plugins.module_utils._connection import is_loopback
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError

PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
    '<body style="font:16px system-ui;margin:10vh auto;max-width:26rem;color-scheme:light dark">'
    "<h1>{title}</h1><p>{text}</p></body></html>"
)
DEFAULT_URI = "http://127.0.0.1/callback"


class Listener:
    """Waits at ``redirect_uri`` (loopback, http). A port in it is kept; else ``port``, 0 for a free one (RFC 8252)."""

    def __init__(self, redirect_uri: str | None, port: int) -> None:
        parts = urlsplit(redirect_uri or DEFAULT_URI)
        host = parts.hostname or ""
        if parts.scheme != "http" or not is_loopback(host):
            raise ConsoleError(
                "invalid_option",
                f"step=interactive listens on loopback over http, but redirect_uri is {redirect_uri}.",
                stage="options",
                remedy="Register http://127.0.0.1/callback for the client, or use step=begin and step=complete.",
            )
        self._path = parts.path or "/"
        self._answers: queue.Queue[dict[str, str]] = queue.Queue()
        self._state: str | None = None
        try:
            self._server = http.server.ThreadingHTTPServer(("127.0.0.1", parts.port or port), self._handler())
        except OSError as error:
            message = f"Port {parts.port or port} cannot be listened at: {error.strerror}."
            raise ConsoleError("invalid_option", message, stage="options", remedy="Set another listen_port.") from None
        self._server.daemon_threads = True
        self.redirect_uri = f"http://{host}:{self._server.server_address[1]}{self._path}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)

    def __enter__(self) -> Listener:
        self._thread.start()
        return self

    def __exit__(self, *_unused: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def wait(self, state: str, seconds: float) -> dict[str, str]:
        """Return the query of the browser that came back with this state."""
        self._state = state
        try:
            return self._answers.get(timeout=seconds)
        except queue.Empty:
            raise ConsoleError("listener_timeout", f"No answer within {seconds:.0f} s.", stage="consent") from None

    def take(self, path: str) -> tuple[int, str, str]:
        """Judge a request: status, title and text of the page. Only the right state ends the waiting."""
        came = urlsplit(path)
        query = dict(parse_qsl(came.query))
        if came.path != self._path:
            return 404, "Not here", "There is nothing at this address."
        if self._state is None or not hmac.compare_digest(query.get("state", "").encode(), self._state.encode()):
            return 400, "Not this one", "This answer belongs to another consent. Open the link that was printed last."
        self._answers.put(query)
        if "error" in query:
            return 200, "Not authorized", "The provider refused. The terminal says why. You may close this window."
        return (
            200,
            "Thank you",
            "The answer was taken; the terminal says whether it is good. You may close this window.",
        )

    def _handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        take = self.take

        class Handler(http.server.BaseHTTPRequestHandler):
            timeout = 10

            def do_GET(self) -> None:
                """Answer the browser with a plain page."""
                status, title, text = take(self.path)
                body = PAGE.format(title=title, text=text).encode()
                self.send_response(status)
                for name, value in (
                    ("Content-Type", "text/html; charset=utf-8"),
                    ("Content-Length", str(len(body))),
                    ("Cache-Control", "no-store"),
                    ("Referrer-Policy", "no-referrer"),
                    ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"),
                ):
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *unused: t.Any) -> None:
                """The path holds the code: nothing is logged."""

        return Handler


def open_browser(url: str) -> None:
    """Open a browser where there is one; the link was printed anyway."""
    with contextlib.suppress(webbrowser.Error, OSError):
        webbrowser.open(url)
