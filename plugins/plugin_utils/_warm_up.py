# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prepares once, in the parent, what each forked worker would prepare for itself at its first template and request."""

from __future__ import annotations

import socket
import typing as t

from ansible import template
from ansible_collections.cai.console.plugins.module_utils._http import Http, tls_context

try:
    from urllib3 import HTTPConnectionPool
    from urllib3.connection import HTTPConnection
except ImportError:  # a task says so, as its failure
    HTTPConnectionPool = HTTPConnection = None  # type: ignore[assignment,misc]

# ansible-core before 2.19 trusts every text.
TRUST = getattr(template, "trust_as_template", str)
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


def warm_up() -> None:
    """Load the system's CA bundle, template a text with a filter and a test, and rehearse a request.

    Ansible then holds Jinja's lexer, and the list of all filters and tests; the HTTP libraries have compiled their
    expressions and met their classes. That costs a worker as much as all else that this collection does in it.
    """
    context = tls_context(None, True)
    template.Templar(None, {}).template(TRUST("{{ 1 | default(2) is defined }}"))
    if HTTPConnection is not None:
        http = _rehearsing()(context, 1)
        http.send("GET", "http://localhost/", headers={}, body=None, timeout=1, proxy=None, most=len(ANSWER))
        http.close()


def _rehearsing() -> type[Http]:
    """Return an ``Http`` that sends nothing: the other end of each of its connections is in this process."""

    class Connection(HTTPConnection):
        def connect(self) -> None:
            self.sock, self._server = socket.socketpair()
            self._server.sendall(ANSWER)

        def close(self) -> None:
            super().close()
            self._server.close()

    class Pool(HTTPConnectionPool):
        ConnectionCls = Connection

    class Rehearsal(Http):
        def _new_way(self, pinned: str | None, proxy: str | None) -> t.Any:
            way = super()._new_way(pinned, proxy)
            way.pool_classes_by_scheme = {"http": Pool}
            return way

    return Rehearsal
