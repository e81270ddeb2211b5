# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""requests-oauthlib over the collection's own transport: its TLS, proxies and limits, and errors without secrets."""

from __future__ import annotations

import contextlib
import logging
import os
import typing as t
from urllib.parse import urlencode, urlsplit

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError, LostReply
from ansible_collections.cai.console.plugins.module_utils._transport import Reply, Transport
from ansible_collections.cai.console.plugins.plugin_utils._oauth.explain import refusal
from ansible_collections.cai.console.plugins.plugin_utils._oauth.libraries import OAuth2Error, OAuth2Session, requests

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.plugin_utils._oauth.client_auth import Client

# Both libraries write requests and answers, tokens included, to their loggers; Ansible may have a log file.
for _name in ("requests_oauthlib", "requests_oauthlib.oauth2_session", "oauthlib"):
    logging.getLogger(_name).disabled = True
    logging.getLogger(_name).propagate = False

JSON_FORM = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
CODES = {"console_unreachable": "token_endpoint_unreachable", "console_timeout": "token_endpoint_timeout"}
REMEDIES = {
    "tls_failed": "Set ca_path to the certificate of the CA that signed the provider's.",
    "redirect_refused": "Set the provider's addresses to where it really answers.",
}


@contextlib.contextmanager
def translated(stage: str) -> t.Iterator[None]:
    """Give the transport's errors the provider's names: nobody shall look for a fault at the console."""
    try:
        yield
    except ConsoleError as error:
        kind = LostReply if isinstance(error, LostReply) else ConsoleError
        if error.code in CODES:
            raise kind(CODES[error.code], error.message, stage=stage) from None
        if error.code in REMEDIES:
            raise kind(error.code, error.message, stage=stage, remedy=REMEDIES[error.code]) from None
        raise


class TokenSession(OAuth2Session):
    """An OAuth 2 session whose requests go through a Transport. Only what this collection asks for gets through."""

    def __init__(self, transport: Transport, stage: str, **more: t.Any) -> None:
        super().__init__(**more)
        self._transport = transport
        self._stage = stage

    def request(  # type: ignore[override]
        self, method: str, url: str, data: t.Any = None, headers: t.Any = None, auth: t.Any = None, **unused: t.Any
    ) -> requests.Response:
        """Send a form; the answer is a Response that knows nothing of what was sent."""
        body = urlencode(dict(data or {})).encode()
        # With the body, since its length becomes one of the headers.
        asked = requests.Request(method, url, headers={**JSON_FORM, **(headers or {})}, data=body, auth=auth).prepare()
        with translated(self._stage):
            reply = self._transport.send(method, url, stage=self._stage, headers=dict(asked.headers), body=body)
        return _response(reply, method, url)


def _response(reply: Reply, method: str, url: str) -> requests.Response:
    response = requests.Response()
    response.status_code = reply.status
    response.headers.update(reply.headers)
    response._content = reply.body
    response.encoding = "utf-8"
    response.url = url
    response.request = requests.Request(method, url).prepare()
    return response


def as_reply(response: requests.Response) -> Reply:
    """Return a Response in the collection's own form."""
    return Reply(
        response.status_code, {name.lower(): text for name, text in response.headers.items()}, response.content
    )


class Exchange:
    """Asks a token endpoint as a client; ``secrets`` are what no message may repeat."""

    def __init__(self, transport: Transport, client: Client, token_url: str, scope: t.Sequence[str]) -> None:
        self.transport = transport
        self.client = client
        self.token_url = token_url
        self.scope = list(scope)

    def fetch(
        self,
        oauth_client: t.Any,
        stage: str,
        *,
        secrets: t.Sequence[str] = (),
        redirect_uri: str | None = None,
        **fields: t.Any,
    ) -> dict[str, t.Any]:
        """Ask for a token by the grant of oauthlib's ``oauth_client``; return the provider's object."""
        session = self._session(oauth_client, stage, "access_token_response", secrets, redirect_uri)
        proof = self.client.proof(self.token_url)
        fields = {**{name: value for name, value in proof.fields.items() if name != "client_id"}, **fields}
        return self._got(
            lambda: session.fetch_token(
                self.token_url, auth=proof.auth, include_client_id=proof.auth is None, **fields
            ),
            stage,
        )

    def refresh(self, oauth_client: t.Any, refresh_token: str) -> dict[str, t.Any]:
        """Spend a refresh token; return the provider's object. Without a new one, the old one goes on."""
        session = self._session(oauth_client, "refresh", "refresh_token_response", [refresh_token], None)
        proof = self.client.proof(self.token_url)
        got = self._got(
            lambda: session.refresh_token(
                self.token_url, refresh_token=refresh_token, auth=proof.auth, headers=JSON_FORM, **proof.fields
            ),
            "refresh",
        )
        return {"refresh_token": refresh_token, **got}

    def _session(
        self, oauth_client: t.Any, stage: str, hook: str, secrets: t.Sequence[str], redirect_uri: str | None
    ) -> TokenSession:
        # A client that is handed in keeps its own scope, and oauthlib sends that one.
        oauth_client.scope = self.scope or None
        session = TokenSession(self.transport, stage, client=oauth_client, redirect_uri=redirect_uri)
        hidden = [*self.client.secrets(), *secrets]

        def judge(response: requests.Response) -> requests.Response:
            try:
                good = response.status_code == 200 and isinstance(response.json().get("access_token"), str)
            except (ValueError, AttributeError):
                good = False
            if not good:
                raise refusal(as_reply(response), stage=stage, secrets=hidden)
            return response

        session.register_compliance_hook(hook, judge)
        return session

    def _got(self, ask: t.Callable[[], t.Any], stage: str) -> dict[str, t.Any]:
        try:
            with _loopback_http(self.token_url):
                return dict(ask())
        except Warning as changed:
            # oauthlib raises a Warning where the scope differs; what that means is judged in surprises.py.
            return dict(changed.token)  # type: ignore[attr-defined]
        except OAuth2Error as error:
            message = f"The answer of the token endpoint is not valid: {type(error).__name__}."
            raise ConsoleError("token_endpoint_error", message, stage=stage) from None


@contextlib.contextmanager
def _loopback_http(url: str) -> t.Iterator[None]:
    """oauthlib refuses http even on loopback, which was checked before; it is let through for this one call."""
    name = "OAUTHLIB_INSECURE_TRANSPORT"
    if urlsplit(url).scheme == "https" or name in os.environ:
        yield
        return
    os.environ[name] = "1"
    try:
        yield
    finally:
        del os.environ[name]
