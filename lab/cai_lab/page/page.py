# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page put together: its addresses, sign-in and sign-out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from cai_lab.console.bodies import ConsoleError
from cai_lab.fleet import USERS, Target
from cai_lab.page.desk import Desk, Visit
from cai_lab.page.forms import SERVICES as SECTIONS
from cai_lab.page.forms import Form
from cai_lab.page.guard import SESSION, form_of
from cai_lab.page.services import ServicesPage
from cai_lab.page.shell import PATHLESS, ROOT, SERVICES, SIGN_IN, STALE, Shell, redirect, sealed
from cai_lab.page.views import PROCESSES, Views

if TYPE_CHECKING:
    from cai_lab.console.core import Console


class Page:
    """The page's handlers; ``desk`` is its way to the console."""

    def __init__(self, console: Console, desk: Desk) -> None:
        self._shell = Shell(console, desk)

    def add_to(self, application: web.Application) -> None:
        """Add the addresses."""
        router, inside = application.router, self._shell.inside
        services, views = ServicesPage(self._shell), Views(self._shell)
        for path in PATHLESS:
            router.add_get(path, sealed(_start))
        router.add_get(f"{ROOT}/static/{{name}}", sealed(self._shell.look.file))
        router.add_get(SIGN_IN, self._shell.outside(self._sign_in_form))
        router.add_post(SIGN_IN, self._shell.outside(self._sign_in))
        router.add_post(f"{ROOT}/sign-out", inside(self._sign_out))
        router.add_get(SERVICES, inside(services.show))
        for name, section in SECTIONS.items():
            router.add_post(f"{SERVICES}/{name}", inside(services.saver(section)))
        router.add_post(f"{SERVICES}/email/test", inside(services.test))
        router.add_post(f"{SERVICES}/email/authorize", inside(services.authorize))
        router.add_get(f"{ROOT}/log", inside(views.log))
        router.add_get(PROCESSES, inside(views.processes))
        router.add_post(f"{PROCESSES}/run", inside(views.run))
        router.add_post(f"{PROCESSES}/terminate", inside(views.terminate))
        router.add_get(f"{ROOT}/mailbox", inside(views.mailbox))

    async def _sign_in_form(self, request: web.Request, visitor: str) -> web.StreamResponse:
        if self._shell.guard.session(request) is not None:
            return redirect(SERVICES)
        message = "Your session has ended. Sign in again." if "ended" in request.query else ""
        return self._form(visitor, message)

    async def _sign_in(self, request: web.Request, visitor: str) -> web.StreamResponse:
        form = await form_of(request)
        if not self._shell.guard.accepts(form, visitor):
            return self._form(visitor, STALE, 403)
        name = form.get("username", "").strip()
        try:
            session = await self._shell.desk.sign_in(request, name, form.get("password", ""))
        except ConsoleError as error:
            return self._form(visitor, error.message, error.status, name)
        response = redirect(SERVICES)
        self._shell.guard.remember(response, SESSION, session)
        return response

    def _form(self, visitor: str, message: str, status: int = 200, name: str = "") -> web.Response:
        token = self._shell.guard.token(visitor)
        return self._shell.look.page("sign_in.html", status, token=token, message_text=message, name=name, users=USERS)

    async def _sign_out(self, visit: Visit, target: Target, form: Form) -> web.StreamResponse:
        try:
            await self._shell.desk.sign_out(visit)
        except ConsoleError as error:
            return self._shell.refusal(error.status, error.message)
        response = redirect(SIGN_IN)
        self._shell.guard.forget(response)
        return response


async def _start(request: web.Request) -> web.StreamResponse:
    return redirect(SERVICES)
