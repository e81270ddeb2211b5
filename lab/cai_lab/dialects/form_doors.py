# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dialect of pages with forms: a token that is good for one form, and a password that is entered twice."""

from __future__ import annotations

import secrets
from html import escape

from aiohttp import web

from cai_lab.console.bodies import ConsoleError
from cai_lab.dialects import pages
from cai_lab.dialects.doors import Doors
from cai_lab.dialects.store import Mistake, Wire
from cai_lab.dialects.tongues import CONTROLS, FORM
from cai_lab.fleet import Target
from cai_lab.page.desk import Visit
from cai_lab.page.guard import form_of
from cai_lab.page.shell import redirect

TOKENS_KEPT = 1000


class Forms:
    """The session is a cookie. A secret that is left empty is kept."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self._tokens: dict[str, str] = {}

    async def show(self, request: web.Request, visit: Visit, target: Target) -> web.StreamResponse:
        """The page with the three forms."""
        return await self._page(visit, target)

    async def send(self, request: web.Request, visit: Visit, target: Target) -> web.StreamResponse:
        """Save a form, or test the email service with it."""
        service = request.match_info["service"]
        form = await form_of(request)
        try:
            wire = self._checked(service, form, visit)
            if form.get("action") == "test" and service == "email":
                result = await self._doors.store.test(visit, target, FORM, wire, None)
                verdict = "succeeded" if result["ok"] else "failed"
                return await self._page(
                    visit, target, f'<p id="result">The test {verdict}. {escape(result["message"])}</p>'
                )
            await self._doors.store.write(visit, target, FORM, service, wire)
        except (Mistake, ConsoleError) as error:
            said = error.message if isinstance(error, ConsoleError) else str(error)
            return await self._page(visit, target, f'<p class="error" role="alert">{escape(said)}</p>')
        return redirect(f"/dialects/form/{target.id}/services", saved=service)

    def _checked(self, service: str, form: dict[str, str], visit: Visit) -> Wire:
        if service not in CONTROLS or self._tokens.pop(form.get("formToken", ""), None) != visit.session.id:
            raise Mistake("The form is no longer valid")
        if service == "email" and form.get("smtpPassword", "") != form.get("smtpPasswordAgain", ""):
            raise Mistake("The passwords differ")
        wire: Wire = {}
        for option, control in CONTROLS[service].items():
            place = FORM.places[service][option]
            if control.kind == "secret":
                wire.update({place: form[place]} if form.get(place) else {})
            elif control.kind == "tick":
                wire[place] = form.get(place)
            elif place not in form:
                raise Mistake(f"{control.label} is missing")
            else:
                wire[place] = form[place]
        return wire

    async def _page(self, visit: Visit, target: Target, said: str = "") -> web.Response:
        sections = ""
        for service in CONTROLS:
            token = secrets.token_hex(16)
            while len(self._tokens) >= TOKENS_KEPT:
                del self._tokens[next(iter(self._tokens))]
            self._tokens[token] = visit.session.id
            hidden = (
                f'<input type="hidden" name="formToken" value="{token}"><input type="hidden" name="layout" value="2">'
            )
            attributes = f'method="post" action="/dialects/form/{target.id}/{service}"'
            values = await self._doors.store.read(visit, target, FORM, service)
            sections += pages.section(service, attributes, "", FORM, values, hidden)
        text = pages.page(FORM, target, said + sections)
        return web.Response(text=text, content_type="text/html", headers={"Cache-Control": "no-store"})
