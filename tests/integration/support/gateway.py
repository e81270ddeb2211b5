# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A gateway before a lab that records what passes, and can answer, delay or change it: what the lab cannot do wrong."""

from __future__ import annotations

import http.server
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import requests
from cai_lab.control_client import LabControl

NAMES = ("console", "pod")
HOP_BY_HOP = ("connection", "content-length", "date", "keep-alive", "server", "transfer-encoding")


@dataclass(frozen=True)
class Answer:
    """What goes back to the client; ``endless``: the body is sent again and again until the client goes."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    endless: bool = False


@dataclass(frozen=True)
class Request:
    """What came from the client. ``server`` is the origin that it is for; ``proxied``: it came as to a proxy."""

    method: str
    server: str
    path: str
    headers: dict[str, str]
    body: bytes
    proxied: bool = False

    @property
    def url(self) -> str:
        """The address at the lab."""
        return self.server + self.path

    def forward(self) -> Answer:
        """Let the lab answer."""
        with requests.Session() as http:
            http.trust_env = False
            headers = {name: value for name, value in self.headers.items() if name.lower() not in (*HOP_BY_HOP, "host")}
            reply = http.request(
                self.method, self.url, headers=headers, data=self.body, allow_redirects=False, timeout=60
            )
            kept = {name: value for name, value in reply.headers.items() if name.lower() not in HOP_BY_HOP}
            return Answer(reply.status_code, reply.content, kept)


Rule = Callable[[Request], Answer | None]


class Gateway:
    """Two addresses, ``console`` and ``pod``, before those of a lab; it also serves as an HTTP proxy.

    Each request goes through ``rule``, which answers it, or returns None to let the lab do so. ``seen`` holds all
    requests with their answers, in order.
    """

    def __init__(self, lab: LabControl) -> None:
        self._lab = lab
        self.rule: Rule = lambda request: None
        self.seen: list[tuple[Request, Answer]] = []
        self._servers = [self._serve(lab.addresses[name]) for name in NAMES]
        self.console, self.pod = (f"http://127.0.0.1:{server.server_port}" for server in self._servers)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def follow(self, lab: LabControl) -> None:
        """Stand before another lab from now on, or before the same one at new addresses."""
        self._lab = lab
        for name, server in zip(NAMES, self._servers, strict=True):
            server.RequestHandlerClass.behind = lab.addresses[name]  # type: ignore[attr-defined]

    def requests(self, method: str, ending: str) -> list[Request]:
        """The requests that came with a method, and a path that ends so."""
        return [request for request, _answer in self.seen if request.method == method and request.path.endswith(ending)]

    def answer(self, request: Request) -> Answer:
        """Answer one request and note both."""
        answer = self.rule(request) or request.forward()
        if not request.proxied:
            pod = self._lab.addresses["pod"].encode()
            answer = replace(answer, body=answer.body.replace(pod, self.pod.encode()))
        self.seen.append((request, answer))
        return answer

    def _serve(self, server: str) -> http.server.ThreadingHTTPServer:
        handler = type("Handler", (_Handler,), {"gateway": self, "behind": server})
        made = _Server(("127.0.0.1", 0), handler)
        threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return made


class _Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that was killed."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(http.server.BaseHTTPRequestHandler):
    gateway: Gateway
    behind: str
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        there = urlsplit(self.path)
        server = f"{there.scheme}://{there.netloc}" if there.netloc else self.behind
        path = self.path[len(server) :] if there.netloc else self.path
        proxied = bool(there.netloc)
        answer = self.gateway.answer(Request(self.command, server, path, dict(self.headers), body, proxied))
        self.send_response(answer.status)
        length = {"Connection": "close"} if answer.endless else {"Content-Length": str(len(answer.body))}
        for name, value in {**answer.headers, **length}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)
        while answer.endless:
            self.wfile.write(answer.body)

    do_GET = do_PUT = do_POST = do_PATCH = _answer

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Be quiet."""


def json_answer(body: bytes, status: int = 200) -> Answer:
    """An answer in JSON."""
    return Answer(status, body, {"Content-Type": "application/json"})
