# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may ask the OAuth server for tokens: the registered clients, the scopes there are, and how long things live."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from authlib.oauth2.rfc6749 import ClientMixin

TENANT = "lab-tenant"
SMTP_SEND = "https://outlook.office.com/SMTP.Send"
OIDC_SCOPES = ("openid", "profile", "email", "offline_access")
APP_SCOPES = ("https://outlook.office.com/.default", "https://outlook.office365.com/.default")
MAIL_SCOPES = (SMTP_SEND, "https://outlook.office.com/IMAP.AccessAsUser.All", "https://mail.google.com/")
SCOPES = (*OIDC_SCOPES, *MAIL_SCOPES, *APP_SCOPES)
CODE, REFRESH, APP = "authorization_code", "refresh_token", "client_credentials"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
DAY_S = 24 * 3600
SETTINGS = {
    "access_lifetime_s": 3600,
    "refresh_idle_s": 90 * DAY_S,
    "code_lifetime_s": 600,
    "device_lifetime_s": 900,
    "device_interval_s": 5,
}
"""Settings of the server that ``/_lab/oauth/settings`` changes; all in seconds."""


@dataclass(frozen=True)
class Registration:
    """A client as it is registered; ``mailbox`` is whose mail an app-only token is for."""

    client_id: str
    secrets: tuple[str, ...] = ()
    methods: tuple[str, ...] = ("client_secret_post", "client_secret_basic")
    grants: tuple[str, ...] = (CODE, REFRESH)
    redirect_uris: tuple[str, ...] = ()
    mailbox: str | None = None
    certificate: str | None = None


REGISTRATIONS = (
    Registration("console-client", ("console-client-Secret-1", "console-client-Secret-2")),
    Registration(
        "mail-client",
        ("mail-client-Secret-1",),
        redirect_uris=("https://localhost:8400/callback", "http://127.0.0.1/callback"),
    ),
    Registration(
        "public-client",
        methods=("none",),
        grants=(CODE, REFRESH, DEVICE),
        redirect_uris=("http://127.0.0.1/callback", "http://localhost/callback", "http://localhost"),
    ),
    Registration("daemon", ("daemon-Secret-1",), grants=(APP,), mailbox="reports@lab.test"),
    Registration(
        "jwt-client",
        methods=("private_key_jwt",),
        grants=(CODE, REFRESH, APP),
        redirect_uris=("http://127.0.0.1/callback",),
        mailbox="reports@lab.test",
    ),
    Registration("mail-server", ("mail-server-Secret-1",), grants=()),
)


class Client(ClientMixin):
    """A registration as Authlib asks for it."""

    def __init__(self, registration: Registration) -> None:
        self.registration = registration
        self.client_id = registration.client_id

    def get_client_id(self) -> str:
        """The id."""
        return self.client_id

    def get_default_redirect_uri(self) -> str | None:
        """The first redirect URI."""
        return next(iter(self.registration.redirect_uris), None)

    def get_allowed_scope(self, scope: str | None) -> str:
        """What of a scope may be granted."""
        return " ".join(word for word in (scope or "").split() if word in SCOPES)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Exactly a registered one; on loopback over http, with any port (RFC 8252)."""
        return any(_fits(redirect_uri, registered) for registered in self.registration.redirect_uris)

    def check_client_secret(self, client_secret: str) -> bool:
        """Whether it is one of the client's secrets."""
        given = client_secret.encode()
        return any(secrets.compare_digest(given, known.encode()) for known in self.registration.secrets)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Whether the client authenticates so."""
        return method in self.registration.methods

    def check_response_type(self, response_type: str) -> bool:
        """Only codes are given at the authorization endpoint."""
        return response_type == "code" and CODE in self.registration.grants

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether the client may use the grant."""
        return grant_type in self.registration.grants


def _fits(given: str, registered: str) -> bool:
    if given == registered:
        return True
    one, other = urlsplit(given), urlsplit(registered)
    loopback = other.scheme == "http" and other.hostname in ("127.0.0.1", "localhost") and other.port is None
    return loopback and (one.scheme, one.hostname, one.path) == (other.scheme, other.hostname, other.path)


def public(registrations: Collection[Registration]) -> list[dict[str, object]]:
    """The clients for the ready file; their secrets are the lab's only, and public."""
    return [
        {
            "client_id": item.client_id,
            "secrets": list(item.secrets),
            "grants": list(item.grants),
            "methods": list(item.methods),
            "redirect_uris": list(item.redirect_uris),
        }
        for item in registrations
    ]
