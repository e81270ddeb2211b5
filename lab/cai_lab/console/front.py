# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every request passes: log of operations, planned faults, session, target, rights, errors."""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import web

from cai_lab.clock import stamp
from cai_lab.console import faults
from cai_lab.console.bodies import ConsoleError, bad_request, error_reply, forbidden, not_found
from cai_lab.console.operations import Entry, member_paths
from cai_lab.console.sessions import Session
from cai_lab.fleet import Agent, Fleet, Target

if TYPE_CHECKING:
    from cai_lab.console.core import Console

SESSION_HEADERS = {"v2": "icSessionId", "v3": "INFA-SESSION-ID", "cai": "IDS-SESSION-ID"}


@dataclass(slots=True)
class Call:
    """One request on its way: the checked session and target, and the JSON body (None without one)."""

    request: web.Request
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
    for the console's own scheme, None for none; ``scope`` is ``restadmin`` or ``rt`` when the route is about a target.
    """

    method: str
    path: str
    operation: str
    handler: Handler
    api: str = "cai"
    session: str | None = "cai"
    scope: str | None = None
    mutates: bool = False


class Front:
    """The door of one listener (``console``, ``pod`` or ``agent``; an agent's has the agent)."""

    def __init__(self, console: Console, listener: str, agent: Agent | None = None) -> None:
        self._console = console
        self._listener = listener
        self._agent = agent

    def application(
        self, routes: list[Route], more: Callable[[web.Application], None] | None = None
    ) -> web.Application:
        """An aiohttp application of the routes, and of what ``more`` adds; whatever else is asked for answers 404."""
        application = web.Application()
        if more is not None:
            more(application)
        for route in routes:
            application.router.add_route(route.method, route.path, self._door(route))
        application.router.add_route("*", "/{rest:.*}", self._door(Route("*", "", "unknown", _nothing, session=None)))
        return application

    def _door(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def door(request: web.Request) -> web.StreamResponse:
            return await self._pass(route, request)

        return door

    async def _pass(self, route: Route, request: web.Request) -> web.StreamResponse:
        console = self._console
        entry = console.operations.begin(
            console.clock.now(), self._listener, request.method, request.path, route.operation, route.mutates
        )
        call = Call(request, entry)

        async def carry() -> web.StreamResponse:
            return await self._carry(route, call)

        fault = console.faults.take(self._listener, request.method, request.path)
        try:
            if fault is None:
                response = await self._carry(route, call)
            else:
                entry.fault = fault.action
                response = await faults.strike(fault, request, carry)
        except ConsoleError as error:
            response = error_reply(error, self._kind(route, request))
        if entry.fault not in ("reset", "drop_reply"):
            entry.status = response.status
        if console.access_log:
            _print(entry)
        return response

    def _kind(self, route: Route, request: web.Request) -> str:
        if route.operation == "unknown":
            return "v2" if "/api/v2/" in request.path else "v3"
        return self._console.switches["error_body"] if route.api == "cai" else route.api

    async def _carry(self, route: Route, call: Call) -> web.StreamResponse:
        if call.request.can_read_body:
            await _read(call)
        if route.session is not None:
            self._check_session(route.session, call)
        if route.scope is not None:
            self._check_target(route, call)
        return await route.handler(call)

    def _check_session(self, kind: str, call: Call) -> None:
        request = call.request
        if kind == "cookie":
            identifier = request.cookies.get("USER_SESSION")
        else:
            identifier = request.headers.get(SESSION_HEADERS[kind])
        call.found = self._console.sessions.find(identifier) if identifier else None
        if call.found is None:
            raise ConsoleError(401, "AUTH_01", "The session is missing, not valid here, or has ended.")
        call.entry.user = call.found.user.name
        if kind == "cookie":
            token = request.cookies.get("XSRF_TOKEN")
            if not token or token != request.headers.get("XSRF_TOKEN"):
                raise forbidden("The XSRF token is missing, or cookie and header differ.")

    def _check_target(self, route: Route, call: Call) -> None:
        user = call.session.user
        target = self._target(call)
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

    def _target(self, call: Call) -> Target:
        org = call.session.user.org
        if self._agent is not None:
            if not Fleet.sees(org, self._agent.group):
                raise forbidden("The agent belongs to another organisation.")
            return self._console.fleet.target(self._agent)
        node = call.request.match_info.get("node")
        if node is None:
            return self._console.fleet.cloud(org)
        target = self._console.fleet.find(org, node)
        if target is None:
            raise not_found("There is no such agent or group.")
        return target


async def _read(call: Call) -> None:
    try:
        data = await call.request.read()
    except web.HTTPRequestEntityTooLarge:
        raise ConsoleError(413, "CAI_413", "The body is too large.") from None
    if not data:
        return
    try:
        call.body = json.loads(data)
    except ValueError:
        if call.request.content_type == "application/json":
            raise bad_request("The body is not JSON.") from None
        return
    call.entry.members = list(member_paths(call.body))


async def _nothing(call: Call) -> web.StreamResponse:
    raise not_found()


def _print(entry: Entry) -> None:
    status = "-" if entry.status is None else entry.status
    line = f"{stamp(entry.time)} {entry.listener} {entry.method} {entry.path} {status} {entry.operation}"
    print(line, entry.user or "-", file=sys.stderr, flush=True)
