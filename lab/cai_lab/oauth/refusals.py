# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusals with the codes and bodies of the Microsoft identity platform, as its public pages show them."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from authlib.oauth2.rfc6749 import OAuth2Error

AADSTS: dict[int, tuple[str, str]] = {
    50034: ("invalid_grant", "The user account does not exist in the directory."),
    50057: ("invalid_grant", "The user account is disabled."),
    50076: ("interaction_required", "You must use multi-factor authentication to access the resource."),
    50126: ("invalid_grant", "Error validating credentials due to invalid username or password."),
    50158: ("interaction_required", "External security challenge not satisfied."),
    50173: ("invalid_grant", "The provided grant has expired due to it being revoked, a fresh auth token is needed."),
    54005: ("invalid_grant", "OAuth2 Authorization code was already redeemed, please retry with a new valid code."),
    65001: ("invalid_grant", "The user or administrator has not consented to use the application."),
    65004: ("access_denied", "User declined to consent to access the app."),
    70000: ("invalid_grant", "The provided value for the input parameter is not valid."),
    70008: ("invalid_grant", "The provided authorization code or refresh token has expired due to inactivity."),
    70011: ("invalid_scope", "The provided value for the input parameter scope is not valid."),
    70016: ("authorization_pending", "OAuth 2.0 device flow error. Authorization is pending. Continue polling."),
    70020: ("expired_token", "The provided value for the input parameter device_code is not valid. It has expired."),
    501481: ("invalid_grant", "The code_verifier does not match the code_challenge of the authorization request."),
    700016: ("unauthorized_client", "Application with this identifier was not found in the directory."),
    700027: ("invalid_client", "The certificate with identifier used to sign the client assertion is not registered."),
    700082: ("invalid_grant", "The refresh token has expired due to inactivity."),
    700084: ("invalid_grant", "The refresh token was issued to a single page app (SPA), and has a fixed lifetime."),
    7000215: ("invalid_client", "Invalid client secret provided."),
    7000222: ("invalid_client", "The provided client secret keys are expired."),
}
USUAL = {
    "invalid_grant": 70000,
    "invalid_client": 7000215,
    "invalid_scope": 70011,
    "access_denied": 65004,
    "authorization_pending": 70016,
    "expired_token": 70020,
}


class Refusal(OAuth2Error):
    """A refusal with an AADSTS code; ``error`` is OAuth's own word for it."""

    def __init__(self, code: int, redirect_uri: str | None = None) -> None:
        word, text = AADSTS[code]
        super().__init__(description=text.replace('"', ""), error=word, redirect_uri=redirect_uri)
        self.aadsts = code
        self.status_code = 401 if word == "invalid_client" else 400


def body_of(error: OAuth2Error) -> dict[str, Any]:
    """The JSON body of a refusal."""
    code = getattr(error, "aadsts", None) or USUAL.get(str(error.error))
    own = error.description and "cannot authenticate with methods" not in error.description
    text = error.description if own or not code else AADSTS[code][1]
    trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
    stamp = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    if code:
        text = f"AADSTS{code}: {text} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {stamp}"
    return {
        "error": error.error,
        "error_description": text,
        "error_codes": [code] if code else [],
        "timestamp": stamp,
        "trace_id": trace,
        "correlation_id": correlation,
    }
