# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the pages share: who visits, which target, the frame around the content, and the doors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from aiohttp import web

from cai_lab.fleet import CLOUD, Target
from cai_lab.page.desk import Desk, Visit
from cai_lab.page.forms import Form
from cai_lab.page.guard import HEADERS, SESSION, VISITOR, Guard, form_of
from cai_lab.page.look import Look
from cai_lab.page.targets import Targets

if TYPE_CHECKING:
    from cai_lab.console.core import Console

ROOT = "/console"
SIGN_IN = f"{ROOT}/sign-in"
SERVICES = f"{ROOT}/services"
PATHLESS = ("/", ROOT, f"{ROOT}/")
STALE = "This form is no longer valid. Go back, reload the page, and try again."
MISSING = "Your organisation has no such execution target."

Door = Callable[[web.Request], Awaitable[web.StreamResponse]]
Inside = Callable[[Visit, Target, Form], Awaitable[web.StreamResponse]]


class Shell:
    """The frame of every page."""

    def __init__(self, console: Console, desk: Desk) -> None:
        self.console = console
        self.desk = desk
        self.guard = Guard(console)
        self.look = Look()
        self._targets = Targets(console.fleet)

    def inside(self, handler: Inside) -> Door:
        """The door of a page for people who are signed in; a form (POST) must carry their token."""

        async def door(request: web.Request) -> web.StreamResponse:
            session = self.guard.session(request)
            if session is None:
                return redirect(SIGN_IN, **({"ended": "1"} if SESSION in request.cookies else {}))
            form = await form_of(request) if request.method == "POST" else request.query
            if request.method == "POST" and not self.guard.accepts(form, session.id):
                return self.refusal(403, STALE)
            target = self._targets.find(session.user.org, form.get("target", CLOUD))
            if target is None:
                return self.refusal(404, MISSING)
            return await handler(Visit(request, session), target, form)

        return sealed(door)

    def outside(self, handler: Callable[[web.Request, str], Awaitable[web.StreamResponse]]) -> Door:
        """The door of a page for people who are not signed in; the handler gets what tells the visitor from others."""

        async def door(request: web.Request) -> web.StreamResponse:
            visitor = self.guard.visitor(request)
            response = await handler(request, visitor)
            if VISITOR not in request.cookies:
                self.guard.remember(response, VISITOR, visitor)
            return response

        return sealed(door)

    def page(self, visit: Visit, target: Target, view: str, status: int = 200, **context: Any) -> web.Response:
        """A page about a target; ``view`` is the template's name, and which tab is open."""
        user = visit.session.user
        return self.look.page(
            f"{view}.html",
            status,
            view=view,
            user=user,
            target=target,
            writable=target.org is user.org,
            options=self._targets.options(user.org, target.id),
            token=self.guard.token(visit.session.id),
            **context,
        )

    def refusal(self, status: int, message: str) -> web.Response:
        """A page that says no."""
        return self.look.page("refusal.html", status, text=message)


def sealed(door: Door) -> Door:
    """A door whose answers carry the protecting headers; a page may have a policy of its own."""

    async def closed(request: web.Request) -> web.StreamResponse:
        response = await door(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return closed


def redirect(path: str, **query: str) -> web.Response:
    """See another page."""
    location = f"{path}?{urlencode(query)}" if query else path
    return web.Response(status=303, headers={"Location": location, "Cache-Control": "no-store"})
