# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The grants, each as Authlib asks for it, over the ledger."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from authlib.oauth2.rfc8628 import DeviceAuthorizationEndpoint, DeviceCodeGrant, DeviceCredentialDict
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from joserfc.jws import JWSRegistry

from cai_lab.oauth.ledger import Token, described
from cai_lab.oauth.refusals import Refusal

if TYPE_CHECKING:
    from authlib.oauth2.rfc6749 import OAuth2Request

    from cai_lab.oauth.registry import Client
    from cai_lab.oauth.server import OAuthServer


class _LongHeaders(JWSRegistry):
    """A header may hold a certificate chain (``x5c``), as MSAL's does."""

    max_header_length = 16_384


LONG_HEADERS = _LongHeaders(algorithms=["RS256", "PS256"])
METHODS = ["private_key_jwt", "client_secret_post", "client_secret_basic", "none"]


class Code(dict[str, Any]):
    """An authorization code as stored."""

    @property
    def code_challenge(self) -> str | None:
        """The PKCE challenge of the authorization request."""
        return None if self["challenge"] is None else str(self["challenge"])

    @property
    def code_challenge_method(self) -> str | None:
        """How the challenge was made."""
        return None if self["challenge"] is None else str(self["challenge_method"] or "plain")

    def get_redirect_uri(self) -> str:
        """The redirect URI of the authorization request."""
        return str(self["redirect_uri"])

    def get_scope(self) -> str:
        """What was consented to."""
        return str(self["scope"])


class Challenge(CodeChallenge):
    """PKCE; a public client cannot do without."""

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        """Refuse a public client without a challenge already at the authorization endpoint."""
        super().validate_code_challenge(grant, redirect_uri)
        public = grant.request.client.registration.methods == ("none",)
        if public and not grant.request.payload.data.get("code_challenge"):
            raise Refusal(501481, redirect_uri)


class CodeGrant(grants.AuthorizationCodeGrant):
    """Authorization code with PKCE. A code that comes twice ends the consent that it gave."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    server: OAuthServer

    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        """Store a code, and the consent."""
        ledger, data = self.server.ledger, request.payload.data
        scope = request.scope or ""
        grant = ledger.open_grant(request.client.client_id, request.user, scope)
        ledger.put(
            "code",
            code,
            ledger.setting("code_lifetime_s"),
            client=request.client.client_id,
            user=request.user,
            scope=scope,
            grant=grant,
            redirect_uri=request.payload.redirect_uri,
            nonce=data.get("nonce"),
            challenge=data.get("code_challenge"),
            challenge_method=data.get("code_challenge_method"),
        )
        ledger.note("consent", grant, self.server.agent)

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        """The code, unless it is unknown, another client's, used or over."""
        ledger = self.server.ledger
        found = ledger.get("code", code)
        if found is None or found["client"] != client.client_id:
            return None
        if found["used"]:
            ledger.revoke_grant(found["grant"], "code_replayed", self.server.agent)
            raise Refusal(54005)
        if ledger.clock.now() > found["expires"]:
            raise Refusal(70008)
        return Code({**found, "code": code})

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """Keep it, as used, to know a replay."""
        self.server.ledger.mark("code", authorization_code["code"], used=True)

    def authenticate_user(self, authorization_code: Code) -> str:
        """Who consented; the consent goes with the request, for the tokens."""
        self.request.lab_grant = authorization_code["grant"]
        self.request.lab_nonce = authorization_code["nonce"]
        return str(authorization_code["user"])


class RefreshGrant(grants.RefreshTokenGrant):
    """Refresh with rotation; the switch ``refresh_rotation`` says what the old token is then worth."""

    INCLUDE_NEW_REFRESH_TOKEN = True
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    server: OAuthServer

    def authenticate_refresh_token(self, refresh_token: str) -> Token:
        """The token, if it is good for anything."""
        ledger = self.server.ledger
        token = ledger.token("refresh", refresh_token)
        if token is None:
            raise Refusal(70000)
        record = token.record
        self.request.lab_grant = record["grant"]
        self.request.lab_refresh = refresh_token
        if record["used"] and ledger.switches["refresh_rotation"] == "revokes_old":
            ledger.revoke_grant(record["grant"], "reuse_detected", self.server.agent)
            raise Refusal(50173)
        if token.revoked or ledger.is_disabled(record["user"]):
            raise Refusal(50057 if ledger.is_disabled(record["user"]) else 50173)
        if token.expired:
            raise Refusal(700082)
        return token

    def authenticate_user(self, refresh_token: Token) -> str:
        """Whose it is."""
        return str(refresh_token.record["user"])

    def revoke_old_credential(self, refresh_token: Token) -> None:
        """Note the use; only with reuse detection it matters later."""
        self.server.ledger.mark("refresh", self.request.lab_refresh, used=True)


class AppGrant(grants.ClientCredentialsGrant):
    """Client credentials."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS[:3]


class DeviceGrant(DeviceCodeGrant):
    """Device code: asks a client that polls too fast to slow down; a code is good once."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    server: OAuthServer

    def query_device_credential(self, device_code: str) -> DeviceCredentialDict:
        """What was stored for the code; its time is the lab's."""
        ledger = self.server.ledger
        found = ledger.get("device", device_code)
        if found is None or found["used"]:
            raise Refusal(70000)
        if ledger.clock.now() > found["expires"]:
            raise Refusal(70020)
        self.request.lab_device = device_code
        return DeviceCredentialDict({**found, "client_id": found["client"], "expires_at": None})

    def query_user_grant(self, user_code: str) -> tuple[str, bool] | None:
        """Whether somebody has answered."""
        found = self.server.ledger.get("device", self.request.lab_device) or {}
        answer = found.get("answer")
        if answer is None:
            return None
        if answer["approved"]:
            ledger = self.server.ledger
            ledger.mark("device", self.request.lab_device, used=True)
            self.request.lab_grant = ledger.open_grant(found["client"], answer["user"], found["scope"])
            ledger.note("consent", self.request.lab_grant, self.server.agent)
        return answer["user"], answer["approved"]

    def should_slow_down(self, credential: DeviceCredentialDict) -> bool:
        """Whether it polls faster than it may; then it may still less often."""
        ledger = self.server.ledger
        now, last = ledger.clock.now(), credential.get("last") or 0.0
        fast: bool = now - last < credential["interval"] - 0.2
        interval = credential["interval"] + (5 if fast else 0)
        ledger.mark("device", self.request.lab_device, last=now, interval=interval)
        return fast


class DeviceEndpoint(DeviceAuthorizationEndpoint):
    """The start of the device flow."""

    CLIENT_AUTH_METHODS = METHODS
    server: OAuthServer

    @property
    def EXPIRES_IN(self) -> int:
        """Lifetime of the codes, in seconds."""
        return self.server.ledger.setting("device_lifetime_s")

    @property
    def INTERVAL(self) -> int:
        """Seconds between two questions."""
        return self.server.ledger.setting("device_interval_s")

    def get_verification_uri(self) -> str:
        """Where the person goes."""
        return f"{self.server.base}/oauth2/deviceauth"

    def save_device_credential(self, client_id: str, scope: str | None, data: dict[str, Any]) -> None:
        """Store both codes; the answer loses ``interval`` where the switch says so."""
        ledger = self.server.ledger
        ledger.put(
            "device",
            data["device_code"],
            data["expires_in"],
            client=client_id,
            scope=scope or "",
            user_code=data["user_code"],
            interval=data["interval"],
            last=None,
            answer=None,
        )
        data["message"] = f"Open {data['verification_uri']} and enter the code {data['user_code']}."
        if ledger.switches["device_interval"] == "omitted":
            del data["interval"]


class Assertion(JWTBearerClientAssertion):
    """``private_key_jwt`` with a registered certificate."""

    CLIENT_AUTH_METHOD = "private_key_jwt"

    def __init__(self, server: OAuthServer) -> None:
        super().__init__()
        self._server = server
        self._seen: set[str] = set()

    def get_audiences(self) -> list[str]:
        """What an assertion may be made for."""
        return [f"{self._server.base}/oauth2/v2.0/token", self._server.issuer]

    def validate_jti(self, claims: Any, jti: str) -> bool:
        """An assertion is good once."""
        new = jti not in self._seen
        self._seen.add(jti)
        return new

    def resolve_client_public_key(self, client: Client) -> RSAKey:
        """The key of the client's certificate."""
        if not client.registration.certificate:
            raise Refusal(700027)
        return RSAKey.import_key(client.registration.certificate)

    def extract_assertion(self, assertion: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Read it, unchecked, to know whose it claims to be."""
        try:
            found = jws.extract_compact(assertion.encode(), registry=LONG_HEADERS)
            claims = json.loads(found.payload)
        except (JoseError, ValueError):
            raise Refusal(700027) from None
        return found.headers(), claims if isinstance(claims, dict) else {}

    def process_assertion_claims(self, assertion: str, resolve_key: Any) -> Any:
        """Check the signature, by RSA in either padding, and the claims."""
        try:
            token = jwt.decode(assertion, resolve_key, registry=LONG_HEADERS)
        except JoseError:
            raise Refusal(700027) from None
        self.verify_claims(token.claims)
        return token.claims


class Introspection(IntrospectionEndpoint):
    """RFC 7662; any registered confidential client may ask."""

    CLIENT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]
    server: OAuthServer

    def query_token(self, token_string: str, token_type_hint: str | None) -> Token | None:
        """Find it, as an access token first."""
        return self.server.find(token_string)

    def check_permission(self, token: Token, client: Client, request: Any) -> bool:
        """Everybody who could authenticate."""
        return True

    def introspect_token(self, token: Token) -> dict[str, Any]:
        """Its facts."""
        return {"active": True, **described(token.record)}


class Revocation(RevocationEndpoint):
    """RFC 7009; with a refresh token the whole consent ends."""

    CLIENT_AUTH_METHODS = METHODS
    server: OAuthServer

    def query_token(self, token_string: str, token_type_hint: str | None) -> Token | None:
        """Find it."""
        self._secret = token_string
        return self.server.find(token_string)

    def revoke_token(self, token: Token, request: Any) -> None:
        """End it."""
        if token.kind == "refresh":
            self.server.ledger.revoke_grant(token.record["grant"], "revoked", self.server.agent)
        else:
            self.server.ledger.mark("access", self._secret, revoked=True)
