# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The door of a listener: bodies, session headers, which target an address means, and the answers of refusals."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from aiohttp import BasicAuth, web

from cai_lab.console.bodies import ConsoleError, bad_request, error_reply, forbidden, not_found
from cai_lab.console.gate import Call, Gate, Route
from cai_lab.console.operations import member_paths
from cai_lab.console.sessions import Session
from cai_lab.fleet import USERS, Agent, Fleet, Target

if TYPE_CHECKING:
    from cai_lab.console.core import Console

SESSION_HEADERS = {
    "v2": "icSessionId",
    "v3": "INFA-SESSION-ID",
    "cai": "IDS-SESSION-ID",
    "engine": "IDS-SESSION-ID",
}


class Front:
    """The door of one listener (``console``, ``pod`` or ``agent``; an agent's has the agent)."""

    def __init__(self, console: Console, listener: str, agent: Agent | None = None) -> None:
        self._console = console
        self._gate = Gate(console, listener)
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
        call = Call(request, self._gate.begin(route, request.method, request.path))

        async def carry() -> web.StreamResponse:
            return await self._carry(route, call, request)

        try:
            return await self._gate.run(call.entry, request, carry)
        except ConsoleError as error:
            return error_reply(error, self._kind(route, request))

    def _kind(self, route: Route, request: web.Request) -> str:
        if route.operation == "unknown":
            return "v2" if "/api/v2/" in request.path else "v3"
        return self._console.switches["error_body"] if route.api == "cai" else route.api

    async def _carry(self, route: Route, call: Call, request: web.Request) -> web.StreamResponse:
        if request.can_read_body:
            await _read(call, request)
        if route.session is not None:
            self._check_session(route.session, call, request)
        if route.scope is not None:
            self._gate.admit(route, call, self._target(call))
        return await route.handler(call)

    def _check_session(self, kind: str, call: Call, request: web.Request) -> None:
        if kind == "cookie":
            identifier = request.cookies.get("USER_SESSION")
        else:
            identifier = request.headers.get(SESSION_HEADERS[kind])
        call.found = self._console.sessions.find(identifier) if identifier else None
        if call.found is None and kind == "engine":
            call.found = self._by_basic(request.headers.get("Authorization", ""))
        if call.found is None:
            raise ConsoleError(401, "AUTH_01", "The session is missing, not valid here, or has ended.")
        call.entry.user = call.found.user.name
        if kind == "cookie":
            token = request.cookies.get("XSRF_TOKEN")
            if not token or token != request.headers.get("XSRF_TOKEN"):
                raise forbidden("The XSRF token is missing, or cookie and header differ.")

    def _by_basic(self, header: str) -> Session | None:
        """For one request, a session of the user that HTTP Basic names."""
        try:
            given = BasicAuth.decode(header, encoding="utf-8")
        except ValueError:
            return None
        user = USERS.get(given.login)
        if user is None or user.password != given.password:
            return None
        return Session("", user, self._console.clock.now(), fixed=True)

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


async def _read(call: Call, request: web.Request) -> None:
    try:
        data = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise ConsoleError(413, "CAI_413", "The body is too large.") from None
    if not data:
        return
    try:
        call.body = json.loads(data)
    except ValueError:
        if request.content_type == "application/json":
            raise bad_request("The body is not JSON.") from None
        return
    call.entry.members = list(member_paths(call.body))


async def _nothing(call: Call) -> web.StreamResponse:
    raise not_found()
