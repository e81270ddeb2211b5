# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The OAuth server's web application: the endpoints, and the pages of sign-in and consent."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from authlib.oauth2.rfc6749 import OAuth2Error

from cai_lab.console import faults
from cai_lab.console.bodies import ConsoleError, error_reply
from cai_lab.console.core import Console
from cai_lab.console.operations import Entry, member_paths
from cai_lab.oauth import pages
from cai_lab.oauth.refusals import body_of
from cai_lab.oauth.registry import SCOPES, TENANT
from cai_lab.oauth.server import Answer, Asked, OAuthServer

Handler = Callable[[web.Request, Asked, Entry], Awaitable[web.StreamResponse]]
TICKETS_KEPT = 1000


class Application:
    """Makes the listener's application. Tickets of sign-ins under way live in memory."""

    def __init__(self, console: Console, server: OAuthServer) -> None:
        self._console = console
        self._server = server
        self._tickets: dict[str, dict[str, Any]] = {}

    def make(self) -> web.Application:
        """The application with all routes."""
        application = web.Application()
        tenant = f"/{TENANT}"
        table: list[tuple[str, str, str, bool, Handler]] = [
            ("GET", "/v2.0/.well-known/openid-configuration", "discovery", False, self._discovery),
            ("GET", "/.well-known/openid-configuration", "discovery", False, self._discovery),
            ("GET", "/discovery/v2.0/keys", "keys", False, self._keys),
            ("GET", "/oauth2/v2.0/authorize", "authorize", False, self._authorize),
            ("POST", "/login", "login", True, self._login),
            ("POST", "/consent", "consent", True, self._consent),
            ("POST", "/decline", "decline", True, self._decline),
            ("POST", "/oauth2/v2.0/token", "token", True, self._token),
            ("POST", "/oauth2/v2.0/devicecode", "devicecode", True, self._endpoint("device_authorization")),
            ("GET", "/oauth2/deviceauth", "device_page", False, self._device_page),
            ("POST", "/oauth2/deviceauth", "device_answer", True, self._device_code),
            ("POST", "/introspect", "introspect", False, self._endpoint("introspection")),
            ("POST", "/revoke", "revoke", True, self._endpoint("revocation")),
        ]
        for method, path, name, mutates, handler in table:
            application.router.add_route(method, tenant + path, self._door(name, mutates, handler))
        return application

    def _door(self, name: str, mutates: bool, handler: Handler) -> Callable[[web.Request], Awaitable[Any]]:
        async def door(request: web.Request) -> web.StreamResponse:
            console = self._console
            entry = console.operations.begin(
                console.clock.now(), "oauth", request.method, request.path, f"oauth_{name}", mutates
            )
            form = dict(await request.post()) if request.can_read_body else {}
            fields = {key: str(value) for key, value in form.items()}
            entry.members = list(member_paths(fields))
            url = f"{self._server.base}{request.path_qs}"
            asked = Asked(request.method, url, dict(request.query), fields, request.headers)

            async def carry() -> web.StreamResponse:
                self._server.agent = request.headers.get("User-Agent")
                return await handler(request, asked, entry)

            fault = console.faults.take("oauth", request.method, request.path)
            try:
                if fault is None:
                    response = await carry()
                else:
                    entry.fault = fault.action
                    response = await faults.strike(fault, request, carry)
            except ConsoleError as error:
                response = error_reply(error, "html")
            if entry.fault not in ("reset", "drop_reply"):
                entry.status = response.status
            return response

        return door

    async def _discovery(self, request: web.Request, asked: Asked, entry: Entry) -> web.Response:
        base = self._server.base
        return web.json_response(
            {
                "issuer": self._server.issuer,
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
                "introspection_endpoint": f"{base}/introspect",
                "revocation_endpoint": f"{base}/revoke",
                "jwks_uri": f"{base}/discovery/v2.0/keys",
                "response_types_supported": ["code"],
                "scopes_supported": list(SCOPES),
                "code_challenge_methods_supported": ["plain", "S256"],
                "id_token_signing_alg_values_supported": ["ES256"],
                "subject_types_supported": ["public"],
                "authorization_response_iss_parameter_supported": True,
                "token_endpoint_auth_methods_supported": [
                    "client_secret_post",
                    "client_secret_basic",
                    "private_key_jwt",
                ],
            }
        )

    async def _keys(self, request: web.Request, asked: Asked, entry: Entry) -> web.Response:
        return web.json_response(self._server.jwks())

    async def _authorize(self, request: web.Request, asked: Asked, entry: Entry) -> web.Response:
        entry.user = asked.query.get("client_id")
        try:
            grant = self._server.get_consent_grant(asked, end_user=None)
        except OAuth2Error as error:
            return self._refused(error)
        if asked.query.get("prompt") == "none":
            silent = OAuth2Error(error="interaction_required", redirect_uri=grant.request.payload.redirect_uri)
            silent.state = asked.query.get("state")
            return self._refused(silent)
        return _html(pages.sign_in(f"/{TENANT}/login", self._ticket(query=asked.query, url=asked.url)))

    def _refused(self, error: OAuth2Error) -> web.Response:
        if error.redirect_uri:
            answer = self._server.handle_error_response(None, error)
            return web.Response(status=302, headers={"Location": str(answer.location)})
        body = body_of(error)
        return _html(pages.page("This cannot be done", f"<p>{body['error']}: {body['error_description']}</p>"), 400)

    def _ticket(self, **content: Any) -> str:
        while len(self._tickets) >= TICKETS_KEPT:
            del self._tickets[next(iter(self._tickets))]
        ticket = secrets.token_hex(16)
        self._tickets[ticket] = content
        return ticket

    async def _login(self, request: web.Request, asked: Asked, entry: Entry) -> web.Response:
        ticket = self._tickets.pop(asked.form.get("ticket", ""), None)
        if ticket is None:
            return _html(pages.page("Start again", "<p>This sign-in is over.</p>"), 400)
        user = self._server.ledger.person(asked.form.get("login", ""), asked.form.get("password", ""))
        if user is None:
            again = pages.sign_in(f"/{TENANT}/login", self._ticket(**ticket), "Wrong account or password.")
            return _html(again, 401)
        known = self._ticket(**ticket, user=user)
        scopes = str(ticket["query"].get("scope", "")).split()
        accept, decline = f"/{TENANT}/consent", f"/{TENANT}/decline"
        return _html(pages.consent(accept, decline, known, str(ticket["query"].get("client_id")), user, scopes))

    async def _consent(self, request: web.Request, asked: Asked, entry: Entry) -> web.Response:
        return self._decided(asked, accepted=True)

    async def _decline(self, request: web.Request, asked: Asked, entry: Entry) -> web.Response:
        return self._decided(asked, accepted=False)

    def _decided(self, asked: Asked, *, accepted: bool) -> web.Response:
        ticket = self._tickets.pop(asked.form.get("ticket", ""), None)
        if ticket is None or "user" not in ticket:
            return _html(pages.page("Start again", "<p>This sign-in is over.</p>"), 400)
        if "device" in ticket:
            answer = {"user": ticket["user"], "approved": accepted}
            self._server.ledger.mark_key("device", ticket["device"], answer=answer)
            return _html(pages.page("Done" if accepted else "Cancelled", "<p>You may close this window.</p>"))
        question = Asked("GET", ticket["url"], ticket["query"], {}, {})
        try:
            grant = self._server.get_consent_grant(question, end_user=ticket["user"])
        except OAuth2Error as error:
            return self._refused(error)
        answer = self._server.create_authorization_response(
            grant.request, grant_user=ticket["user"] if accepted else None, grant=grant
        )
        return web.Response(status=302, headers={"Location": str(answer.location)})

    async def _token(self, request: web.Request, asked: Asked, entry: Entry) -> web.Response:
        entry.operation = f"oauth_token_{asked.form.get('grant_type', '').rpartition(':')[2]}"
        entry.user = asked.form.get("client_id")
        return _json(self._server.create_token_response(asked))

    def _endpoint(self, name: str) -> Handler:
        async def handler(request: web.Request, asked: Asked, entry: Entry) -> web.Response:
            entry.user = asked.form.get("client_id")
            return _json(self._server.create_endpoint_response(name, asked))

        return handler

    async def _device_page(self, request: web.Request, asked: Asked, entry: Entry) -> web.Response:
        code = asked.query.get("user_code", "")
        return _html(pages.device(f"/{TENANT}/oauth2/deviceauth", self._ticket(device_page=True), code))

    async def _device_code(self, request: web.Request, asked: Asked, entry: Entry) -> web.Response:
        wanted = asked.form.get("user_code", "").strip().upper()
        found = self._find_device(wanted)
        if found is None:
            page = pages.device(f"/{TENANT}/oauth2/deviceauth", self._ticket(), wanted, "There is no such code.")
            return _html(page, 400)
        query = {"client_id": found[1]["client"], "scope": found[1]["scope"]}
        return _html(pages.sign_in(f"/{TENANT}/login", self._ticket(query=query, device=found[0], url=asked.url)))

    def _find_device(self, user_code: str) -> tuple[str, dict[str, Any]] | None:
        ledger = self._server.ledger
        for key, item in ledger.all("device").items():
            if item["user_code"] == user_code and not item["used"] and ledger.clock.now() <= item["expires"]:
                return key, item
        return None


def _json(answer: Answer) -> web.Response:
    kept = {name: value for name, value in answer.headers.items() if name.lower() != "content-type"}
    return web.json_response(answer.body, status=answer.status, headers=kept)


def _html(text: str, status: int = 200) -> web.Response:
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    return web.Response(
        text=text,
        status=status,
        content_type="text/html",
        headers={"Cache-Control": "no-store", "Content-Security-Policy": policy, "Referrer-Policy": "no-referrer"},
    )
