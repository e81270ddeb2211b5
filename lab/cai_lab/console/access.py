# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Authorize Access: start it, see its status, forget it, hand tokens over, and the browser's way back."""

from __future__ import annotations

from html import escape
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from cai_lab.console import authorization, oauth_client
from cai_lab.console.bodies import ConsoleError, reply, text_of
from cai_lab.console.core import Console
from cai_lab.console.documents import EMAIL, Stored
from cai_lab.console.front import Call, Route
from cai_lab.fleet import ORGANISATIONS, Target
from cai_lab.oauth.pages import page


class Access:
    """The handlers of the authorization."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def routes(self, base: str) -> list[Route]:
        """Below a restadmin base."""
        path = f"{base}/server/services/email/authorization"
        return [
            Route("GET", path, "read_authorization", self._read, scope="restadmin"),
            Route("POST", path, "start_authorization", self._start, scope="restadmin", mutates=True),
            Route("DELETE", path, "forget_authorization", self._forget, scope="restadmin", mutates=True),
            Route("PUT", f"{path}/tokens", "hand_over_tokens", self._tokens, scope="restadmin", mutates=True),
        ]

    def callback_routes(self) -> list[Route]:
        """Where the provider sends the browser."""
        return [Route("GET", "/oauthcallback", "oauth_callback", self._callback, session=None, mutates=True)]

    async def _read(self, call: Call) -> web.Response:
        return reply(authorization.read(self._console, call.target))

    async def _start(self, call: Call) -> web.Response:
        # The switch is about programs: the page has its button in any case (documented).
        if self._console.switches["authorization_start"] == "none" and call.entry.listener != "page":
            raise ConsoleError(404, "CAI_404", "The requested resource was not found.")
        service = self._service(call.target)
        return reply(oauth_client.start(self._console, call.target, service, call.session.user.name))

    async def _forget(self, call: Call) -> web.Response:
        authorization.drop(self._console, call.target)
        self._console.log(call.target, "Email", "The authorization was forgotten.", source="User")
        return web.Response(status=204)

    async def _tokens(self, call: Call) -> web.Response:
        if self._console.switches["authorization_tokens"] == "refused":
            raise ConsoleError(404, "CAI_404", "The requested resource was not found.")
        token = text_of(call.document, "refreshToken")
        authorization.keep(self._console, call.target, token, call.session.user.name)
        return reply(authorization.read(self._console, call.target))

    async def _callback(self, call: Call) -> web.Response:
        query = dict(call.request.query)
        begun = oauth_client.begun(self._console, query)
        target = begun["target"] if begun else None
        try:
            said = await oauth_client.complete(self._console, query, self._target, self._service)
        except ConsoleError as error:
            return _html("Not authorized", error.message, target, error.status)
        return _html("Authorized", said, target)

    def _service(self, target: Target) -> Stored:
        return Stored.of(EMAIL, self._console.state.get(EMAIL.name, target.owner))

    def _target(self, pending: dict[str, Any]) -> Target:
        return self._console.fleet.named(ORGANISATIONS[pending["owner"][0]], pending["target"])


def _html(title: str, said: str, target: str | None, status: int = 200) -> web.Response:
    """What the person reads; back leads a link, since a redirect from another site would lack the session's cookie."""
    headers = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
    address = "/console/services" + (f"?{urlencode({'target': target})}" if target else "")
    back = f'<p><a href="{escape(address)}">Back to System Services</a></p>'
    text = page(title, f"<p>{escape(said)}</p>{back}")
    return web.Response(text=text, status=status, content_type="text/html", headers=headers)
