# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page's way to the console: it asks for the interface's operations, through the interface's own handlers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import ETag, web

from cai_lab.console.bodies import JSON, ConsoleError
from cai_lab.console.gate import Call, Gate, Route
from cai_lab.console.operations import member_paths
from cai_lab.fleet import CLOUD, Target

if TYPE_CHECKING:
    from cai_lab.console.core import Console
    from cai_lab.console.sessions import Session


@dataclass(frozen=True)
class Ask:
    """One operation by its name in the log, with what a request would carry; ``body`` is a JSON value."""

    operation: str
    body: Any = None
    query: Mapping[str, str] = field(default_factory=dict)
    match_info: Mapping[str, str] = field(default_factory=dict)
    if_match: tuple[ETag, ...] | None = None
    content_type: str = JSON

    @property
    def body_exists(self) -> bool:
        """Whether there is a body."""
        return self.body is not None


@dataclass(frozen=True)
class Answer:
    """What the interface answers: the JSON value (None for an empty body), and the version (ETag) if it tells one."""

    document: Any
    version: str | None


@dataclass(frozen=True)
class Visit:
    """A request for a page by somebody who is signed in."""

    request: web.Request
    session: Session


class Desk:
    """Carries operations out. They stand in the log with the interface's method and path, and the listener ``page``."""

    def __init__(
        self, console: Console, sessions: Iterable[Route], cloud: Iterable[Route], through_cloud: Iterable[Route]
    ) -> None:
        self._gate = Gate(console, "page")
        self._sessions = _by_operation(sessions)
        self._cloud = _by_operation(cloud)
        self._through_cloud = _by_operation(through_cloud)

    async def sign_in(self, request: web.Request, user: str, password: str) -> str:
        """Sign somebody in: the session's id; ConsoleError when it is refused."""
        ask = Ask("sign_in", {"username": user, "password": password})
        answer = await self._carry(request, self._sessions[ask.operation], ask, None, None)
        return str(answer.document["userInfo"]["sessionId"])

    async def sign_out(self, visit: Visit) -> None:
        """End the visitor's session."""
        ask = Ask("sign_out")
        await self._carry(visit.request, self._sessions[ask.operation], ask, visit.session, None)

    async def at(self, visit: Visit, target: Target, ask: Ask) -> Answer:
        """Carry out an operation of a target; ConsoleError when it is refused."""
        routes = self._cloud if target.id == CLOUD else self._through_cloud
        return await self._carry(visit.request, routes[ask.operation], ask, visit.session, target)

    async def _carry(
        self, request: web.Request, route: Route, ask: Ask, session: Session | None, target: Target | None
    ) -> Answer:
        path = route.path.format(node=target.id if target else "", **ask.match_info)
        entry = self._gate.begin(route, route.method, path)
        entry.members = list(member_paths(ask.body))
        entry.user = session.user.name if session else None
        call = Call(ask, entry, ask.body, session)

        async def carry() -> web.StreamResponse:
            if target is not None:
                self._gate.admit(route, call, target)
            return await route.handler(call)

        return _answer(await self._gate.run(entry, request, carry))


def _by_operation(routes: Iterable[Route]) -> dict[str, Route]:
    """Routes by operation; of several, the first."""
    found: dict[str, Route] = {}
    for route in routes:
        found.setdefault(route.operation, route)
    return found


def _answer(response: web.StreamResponse) -> Answer:
    if response.status >= 300:
        raise ConsoleError(502, "CAI_502", "The connection to the server was lost.")
    body = response.body if isinstance(response, web.Response) else None
    version = response.headers.get("ETag")
    if not isinstance(body, bytes) or not body:
        return Answer(None, version)
    try:
        return Answer(json.loads(body), version)
    except ValueError:
        raise ConsoleError(502, "CAI_502", "The server's answer could not be read.") from None
