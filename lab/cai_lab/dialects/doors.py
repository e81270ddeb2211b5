# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the doors of all dialects share: who asks, about which target, and how a refusal is answered."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from cai_lab.console.bodies import ConsoleError
from cai_lab.dialects.store import Mistake, Store
from cai_lab.fleet import CLOUD, Target
from cai_lab.page.desk import Desk, Visit
from cai_lab.page.shell import SIGN_IN, redirect

if TYPE_CHECKING:
    from cai_lab.console.core import Console
    from cai_lab.console.sessions import Session

COOKIE = "USER_SESSION"
HEADER = "IDS-SESSION-ID"
Handler = Callable[[web.Request, Visit, Target], Awaitable[web.StreamResponse]]
Door = Callable[[web.Request], Awaitable[web.StreamResponse]]
Refusal = Callable[[int, str], web.Response]


@dataclass(frozen=True)
class Way:
    """How a dialect is entered: what carries the session, what is asked for besides, and how it says no."""

    header: bool
    refusal: Refusal
    check: Callable[[web.Request], str | None] = lambda request: None


class Doors:
    """Makes the doors."""

    def __init__(self, console: Console, desk: Desk) -> None:
        self._console = console
        self.store = Store(console, desk)
        self._key = secrets.token_bytes(16)

    def token(self, session: Session) -> str:
        """The anti-forgery token of a session's pages."""
        return hmac.digest(self._key, session.id.encode(), "sha256").hex()

    def page(self, handler: Handler) -> Door:
        """The door of a page: whoever is not signed in is sent to where one signs in."""

        async def door(request: web.Request) -> web.StreamResponse:
            session = self._session(request.cookies.get(COOKIE))
            target = self.target(session, request) if session is not None else None
            if session is None or target is None:
                return redirect(SIGN_IN)
            try:
                return await handler(request, Visit(request, session), target)
            except ConsoleError as error:
                return web.Response(status=error.status, text=error.message)

        return door

    def call(self, way: Way, handler: Handler) -> Door:
        """The door of a request that a script, or a client, makes."""

        async def door(request: web.Request) -> web.StreamResponse:
            session = self._session(request.headers.get(HEADER) if way.header else request.cookies.get(COOKIE))
            if session is None:
                return way.refusal(401, "The session is missing or has ended.")
            if problem := way.check(request):
                return way.refusal(403, problem)
            target = self.target(session, request)
            if target is None:
                return way.refusal(404, "There is no such node.")
            try:
                return await handler(request, Visit(request, session), target)
            except ConsoleError as error:
                return way.refusal(error.status, error.message)
            except (Mistake, ValueError, KeyError, TypeError) as error:
                return way.refusal(400, str(error) if isinstance(error, Mistake) else "That was not understood.")

        return door

    def target(self, session: Session, request: web.Request, named: str | None = None) -> Target | None:
        """The target that a request is about."""
        node = named or request.match_info.get("node") or request.query.get("node") or CLOUD
        org = session.user.org
        return self._console.fleet.cloud(org) if node == CLOUD else self._console.fleet.find(org, node)

    def _session(self, identifier: str | None) -> Session | None:
        return self._console.sessions.find(identifier) if identifier else None
