# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Authlib's authorization server over plain requests and answers; no web framework in here."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationServer, OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc9207.parameter import IssuerParameter
from joserfc import jwt
from joserfc.jwk import ECKey

from cai_lab.oauth import grants
from cai_lab.oauth.ledger import Ledger, Token
from cai_lab.oauth.refusals import AADSTS, Refusal, body_of
from cai_lab.oauth.registry import APP, OIDC_SCOPES, SCOPES, TENANT, Client
from cai_lab.state import State
from cai_lab.switches import NOBODY

TOKEN_BYTES = 1100
"""Real access tokens have 1.5 to 3 kB; clients must cope with such lengths in SMTP."""


@dataclass
class Asked:
    """A request as the web application read it."""

    method: str
    url: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    headers: Mapping[str, str]


class Question(OAuth2Request):
    """The same as Authlib wants it; the grants leave their notes on it."""

    def __init__(self, asked: Asked) -> None:
        super().__init__(asked.method, asked.url, headers=asked.headers)
        self._query, self._form = asked.query, asked.form
        self.payload = BasicOAuth2Payload({**asked.query, **asked.form})
        self.lab_grant: str | None = None
        self.lab_nonce: str | None = None
        self.lab_refresh: str | None = None
        self.lab_device: str | None = None

    @property
    def args(self) -> Mapping[str, str]:
        """The query."""
        return self._query

    @property
    def form(self) -> Mapping[str, str]:
        """The body."""
        return self._form


@dataclass
class Answer:
    """An answer: a JSON object, or a redirect when ``location`` is set."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def location(self) -> str | None:
        """Where it redirects to."""
        return self.headers.get("Location")

    @location.setter
    def location(self, place: str) -> None:
        self.headers["Location"] = place


class OAuthServer(AuthorizationServer):
    """The OAuth server. ``base`` is its address with the tenant; ``agent`` names the client program at work."""

    def __init__(self, state: State, ledger: Ledger) -> None:
        super().__init__()
        self.ledger = ledger
        self.base = ""
        self.agent: str | None = None
        self.forced: list[int] = []
        self._key = _signing_key(state)
        self.register_token_generator("default", self._token)
        self.register_client_auth_method("private_key_jwt", grants.Assertion(self))
        self.register_grant(grants.CodeGrant, [grants.Challenge(required=True)])
        for grant in (grants.RefreshGrant, grants.AppGrant, grants.DeviceGrant):
            self.register_grant(grant)
        for endpoint in (grants.DeviceEndpoint, grants.Introspection, grants.Revocation):
            self.register_endpoint(endpoint)
        self.register_extension(lambda server: _Issuer(server)(server))

    @property
    def issuer(self) -> str:
        """The issuer's name, as in the discovery document."""
        return f"{self.base}/v2.0"

    def jwks(self) -> dict[str, Any]:
        """The key of id tokens."""
        return {"keys": [{**self._key.as_dict(private=False), "use": "sig", "kid": "lab"}]}

    def force(self, code: int, times: int) -> None:
        """Let the next token requests be refused with an AADSTS code."""
        if code not in AADSTS:
            raise ValueError(f"there is no AADSTS{code} here; known: {', '.join(map(str, AADSTS))}")
        self.forced = [code] * times

    def find(self, secret: str) -> Token | None:
        """A token of either kind."""
        return self.ledger.token("access", secret) or self.ledger.token("refresh", secret)

    def query_client(self, client_id: str | None) -> Client:
        """A registered client; an unknown one is refused with its own code."""
        client = self.ledger.client(client_id)
        if client is None:
            raise Refusal(700016)
        return client

    def create_oauth2_request(self, request: Any) -> Question:
        """Authlib's request."""
        return request if isinstance(request, Question) else Question(request)

    def handle_response(self, status: int, body: Any, headers: Any) -> Answer:
        """Our answer."""
        return Answer(status, body, dict(headers))

    def handle_error_response(self, request: Any, error: OAuth2Error) -> Answer:
        """A redirect where the client is known to be right, else the JSON body."""
        if error.redirect_uri:
            status, body, headers = error(None)
            return Answer(status, body, dict(headers))
        return Answer(error.status_code, body_of(error), {"Cache-Control": "no-store"})

    def validate_requested_scope(self, scope: str | None) -> None:
        """Refuse a scope of which nothing is known here."""
        if scope and not set(scope.split()) & set(SCOPES):
            raise Refusal(70011)

    def send_signal(self, name: str, *args: Any, **more: Any) -> None:
        """Nobody listens."""

    def create_token_response(self, request: Any = None) -> Answer:
        """The token endpoint; refused without a look while a refusal is forced."""
        if self.forced:
            return self.handle_error_response(request, Refusal(self.forced.pop(0)))
        try:
            answer: Answer = super().create_token_response(request)
            return answer
        except Refusal as refusal:
            return self.handle_error_response(request, refusal)

    def create_endpoint_response(self, name: str, request: Any = None) -> Answer:
        """Another endpoint."""
        try:
            answer: Answer = super().create_endpoint_response(name, request)
            return answer
        except Refusal as refusal:
            return self.handle_error_response(request, refusal)

    def save_token(self, token: dict[str, Any], request: Question) -> None:
        """Store what was made; the answer keeps what Microsoft's shows."""
        ledger, client = self.ledger, request.client
        user, scope = str(request.user or client.registration.mailbox), token.pop("_scope")
        if request.lab_grant is None:
            request.lab_grant = ledger.open_grant(client.client_id, user, scope)
        common = {"client": client.client_id, "user": user, "scope": scope, "grant": request.lab_grant}
        ledger.put("access", token["access_token"], token["expires_in"], **common)
        if "refresh_token" in token:
            ledger.put("refresh", token["refresh_token"], ledger.setting("refresh_idle_s"), **common)
        token["ext_expires_in"] = token["expires_in"]
        if "openid" in scope.split():
            token["id_token"] = self._id_token(user, client.client_id, request.lab_nonce)
        grant_type = str(request.payload.grant_type).rpartition(":")[2]
        ledger.note("token", request.lab_grant, self.agent, grant_type=grant_type)

    def _token(
        self,
        grant_type: str,
        client: Client,
        user: str | None = None,
        scope: str | None = None,
        expires_in: int | None = None,
        include_refresh_token: bool = True,
    ) -> dict[str, Any]:
        self.validate_requested_scope(scope)
        allowed = client.get_allowed_scope(scope)
        shown = {
            "as_asked": [word for word in allowed.split() if word != "offline_access"],
            "wider": [
                *(word for word in allowed.split() if word != "offline_access"),
                "https://graph.example/Mail.Read",
            ],
            "narrower": [word for word in allowed.split() if word in OIDC_SCOPES[:3]] or ["openid"],
        }[self.ledger.switches["granted_scope"]]
        token = {
            "token_type": "Bearer",
            "scope": " ".join(shown),
            "expires_in": self.ledger.setting("access_lifetime_s"),
            "access_token": secrets.token_urlsafe(TOKEN_BYTES),
            "_scope": allowed,
        }
        offline = "offline_access" in allowed.split() and self.ledger.switches["offline_access"] == "granted"
        if include_refresh_token and offline and grant_type != APP:
            token["refresh_token"] = f"0.{secrets.token_urlsafe(96)}"
        return token

    def _id_token(self, user: str, client_id: str, nonce: str | None) -> str:
        now = int(self.ledger.clock.now())
        claims = {
            "iss": self.issuer,
            "aud": client_id,
            "sub": user,
            "iat": now,
            "nbf": now,
            "exp": now + 3600,
            "preferred_username": user,
            "email": user,
            "tid": TENANT,
        }
        if nonce:
            claims["nonce"] = nonce
        return jwt.encode({"alg": "ES256", "kid": "lab"}, claims, self._key)


class _Issuer(IssuerParameter):
    """RFC 9207: the answer names the issuer, unless the switch ``authorization_iss`` says otherwise."""

    def __init__(self, server: OAuthServer) -> None:
        self._server = server

    def get_issuer(self) -> str | None:
        """Whom the answer claims to come from."""
        kind = self._server.ledger.switches["authorization_iss"]
        return {"sent": self._server.issuer, "omitted": None, "another": "https://issuer.example/v2.0"}[kind]


def _signing_key(state: State) -> ECKey:
    """The key of id tokens, the same as long as the state lives."""
    kept = state.get("oauth_key", NOBODY, "signing")
    if kept is None:
        kept = ECKey.generate_key("P-256").as_dict(private=True)
        state.put("oauth_key", NOBODY, "signing", kept)
    return ECKey.import_key(kept)
