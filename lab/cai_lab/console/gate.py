# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every operation passes, by the interface or by the page: log of operations, planned faults, rights."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from aiohttp import ETag, web

from cai_lab.clock import stamp
from cai_lab.console import faults
from cai_lab.console.bodies import ConsoleError, bad_request, forbidden, not_found
from cai_lab.console.operations import Entry
from cai_lab.console.sessions import Session
from cai_lab.fleet import Target

if TYPE_CHECKING:
    from cai_lab.console.core import Console


class Asked(Protocol):
    """What a handler sees of a request: aiohttp's own has it, and so has what the page asks for."""

    @property
    def content_type(self) -> str:
        """Media type of the body."""

    @property
    def body_exists(self) -> bool:
        """Whether there is a body."""

    @property
    def query(self) -> Mapping[str, str]:
        """The query's parameters."""

    @property
    def match_info(self) -> Mapping[str, str]:
        """The path's parameters."""

    @property
    def if_match(self) -> tuple[ETag, ...] | None:
        """The versions that may be overwritten; None for any."""


@dataclass(slots=True)
class Call:
    """One request on its way: the checked session and target, and the JSON body (None without one)."""

    request: Asked
    entry: Entry
    body: Any = None
    found: Session | None = None
    reached: Target | None = None

    @property
    def session(self) -> Session:
        """The session of a route that demands one."""
        if self.found is None:
            raise ConsoleError(401, "AUTH_01", "A session is needed.")
        return self.found

    @property
    def target(self) -> Target:
        """The execution target of a restadmin or rt route."""
        if self.reached is None:
            raise not_found()
        return self.reached

    @property
    def document(self) -> dict[str, Any]:
        """The body, which must be a JSON object; 415 or 400 otherwise."""
        if self.request.content_type != "application/json":
            raise ConsoleError(415, "CAI_415", "The body must be application/json.")
        if not isinstance(self.body, dict):
            raise bad_request("The body must be a JSON object.")
        return self.body


Handler = Callable[[Call], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Route:
    """A resource's method: its name in the log, whether it may change something, and what it demands.

    ``api`` chooses the error body (v2, v3, cai); ``session`` is the API whose session header is demanded, ``cookie``
    for the console's own scheme, ``engine`` for a session or HTTP Basic, None for none; ``scope`` is ``restadmin`` or
    ``rt`` when the route is about a target.
    """

    method: str
    path: str
    operation: str
    handler: Handler
    api: str = "cai"
    session: str | None = "cai"
    scope: str | None = None
    mutates: bool = False


class Gate:
    """The gate of one way in: ``console``, ``pod``, ``agent`` or ``page``."""

    def __init__(self, console: Console, listener: str) -> None:
        self._console = console
        self._listener = listener

    def begin(self, route: Route, method: str, path: str) -> Entry:
        """Note an operation at its arrival."""
        now = self._console.clock.now()
        return self._console.operations.begin(now, self._listener, method, path, route.operation, route.mutates)

    async def run(self, entry: Entry, request: web.Request, carry: faults.Carry) -> web.StreamResponse:
        """Carry an operation out, with the fault that is planned for it; a refusal is noted, and raised."""
        entry.peer = _peer(request)
        fault = self._console.faults.take(self._listener, entry.method, entry.path)
        try:
            if fault is None:
                response = await carry()
            else:
                entry.fault = fault.action
                response = await faults.strike(fault, request, carry)
        except ConsoleError as error:
            self._end(entry, error.status)
            raise
        self._end(entry, response.status)
        return response

    def _end(self, entry: Entry, status: int) -> None:
        if entry.fault not in ("reset", "drop_reply"):
            entry.status = status
        if self._console.access_log:
            _print(entry)

    @staticmethod
    def admit(route: Route, call: Call, target: Target) -> None:
        """Let a call reach a target, or refuse it: the target must answer, and the user must have the right."""
        user = call.session.user
        call.reached = target
        call.entry.target = target.id
        if target.engine is None:
            raise not_found("There is no process server.")
        if target.engine != "RUNNING":
            raise ConsoleError(503, "CAI_503", "The process server is not running.")
        if not target.reachable:
            raise ConsoleError(504, "CAI_504", "The agent did not answer.", kind="html")
        if route.scope == "restadmin" and not user.administers:
            raise forbidden("The privilege Console Administration is needed.")
        if route.scope == "restadmin" and route.mutates and target.org is not user.org:
            raise forbidden("A shared group is changed by its owner only.")


def _print(entry: Entry) -> None:
    status = "-" if entry.status is None else entry.status
    line = f"{stamp(entry.time)} {entry.listener} {entry.method} {entry.path} {status} {entry.operation}"
    print(line, entry.user or "-", file=sys.stderr, flush=True)


def _peer(request: web.Request) -> int | None:
    peer = request.transport.get_extra_info("peername") if request.transport else None
    return int(peer[1]) if peer else None
