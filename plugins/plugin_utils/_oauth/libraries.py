# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The third-party libraries of the token exchange, in one place: without them, a task says which are missing."""

from __future__ import annotations

import typing as t

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError

MISSING: ImportError | None = None

try:
    import requests
    from cryptography.fernet import Fernet, InvalidToken
    from oauthlib.oauth2 import BackendApplicationClient, DeviceClient, OAuth2Error, WebApplicationClient
    from requests.auth import HTTPBasicAuth
    from requests_oauthlib import OAuth2Session
except ImportError as error:
    MISSING = error
    absent: t.Any = object
    requests = absent
    Fernet = BackendApplicationClient = DeviceClient = WebApplicationClient = absent  # type: ignore[misc]
    HTTPBasicAuth = OAuth2Session = absent  # type: ignore[misc]
    InvalidToken = OAuth2Error = Exception  # type: ignore[misc,assignment]

__all__ = [
    "BackendApplicationClient",
    "DeviceClient",
    "Fernet",
    "HTTPBasicAuth",
    "InvalidToken",
    "OAuth2Error",
    "OAuth2Session",
    "WebApplicationClient",
    "requests",
    "require_libraries",
]


def require_libraries() -> None:
    """Raise ``library_missing`` unless all are there."""
    if MISSING is not None:
        raise ConsoleError(
            "library_missing",
            f"The token exchange cannot import {MISSING.name}.",
            stage="options",
            remedy="Install requests, requests-oauthlib and cryptography into Ansible's own Python.",
        )
