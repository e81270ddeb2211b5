# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Microsoft's own client library completes its flows against the server: it is not merely shaped to one client."""

from __future__ import annotations

import datetime
from typing import Any

import msal
import pytest
import requests
from cai_lab.browserless import Person
from cai_lab.control_client import LabControl
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

SCOPES = ["https://outlook.office.com/SMTP.Send"]
APP = ["https://outlook.office365.com/.default"]
REDIRECT = "https://localhost:8400/callback"


def arguments(lab: LabControl, http: requests.Session) -> dict[str, Any]:
    return {"authority": lab.addresses["oauth"]["base"], "http_client": http, "instance_discovery": False}


def test_code_and_refresh(lab: LabControl, http: requests.Session, person: Person) -> None:
    app = msal.ConfidentialClientApplication(
        "mail-client", client_credential="mail-client-Secret-1", **arguments(lab, http)
    )
    flow = app.initiate_auth_code_flow(SCOPES, redirect_uri=REDIRECT)
    came = dict(requests.compat.urlsplit(person.consent(flow["auth_uri"], REDIRECT))._asdict())["query"]
    answer = dict(part.split("=", 1) for part in requests.compat.unquote(came).split("&"))
    answer.pop("iss", None)
    got = app.acquire_token_by_auth_code_flow(flow, answer)
    assert "access_token" in got, got
    again = app.acquire_token_by_refresh_token(got["refresh_token"], SCOPES)
    assert "access_token" in again, again
    account = app.get_accounts()[0]
    assert account["username"] == "alerts@lab.test"
    forced = app.acquire_token_silent(SCOPES, account, force_refresh=True)
    assert "access_token" in (forced or {}), forced


def test_client_credentials(lab: LabControl, http: requests.Session) -> None:
    app = msal.ConfidentialClientApplication("daemon", client_credential="daemon-Secret-1", **arguments(lab, http))
    assert "access_token" in app.acquire_token_for_client(APP)
    wrong = msal.ConfidentialClientApplication("daemon", client_credential="wrong", **arguments(lab, http))
    assert wrong.acquire_token_for_client(APP)["error_codes"] == [7000215]


def test_client_credentials_by_certificate(lab: LabControl, http: requests.Session) -> None:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "jwt-client")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
        .decode()
    )
    lab.oauth_client("jwt-client", certificate=certificate)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    app = msal.ConfidentialClientApplication(
        "jwt-client", client_credential={"private_key": pem, "public_certificate": certificate}, **arguments(lab, http)
    )
    got = app.acquire_token_for_client(APP)
    assert "access_token" in got, got


def test_device_flow(lab: LabControl, http: requests.Session, person: Person) -> None:
    app = msal.PublicClientApplication("public-client", **arguments(lab, http))
    flow = app.initiate_device_flow(SCOPES)
    assert flow["interval"] == 5
    person.approve_device(flow["verification_uri"], flow["user_code"])
    got = app.acquire_token_by_device_flow(flow)
    assert "access_token" in got, got


def test_a_wrong_state_is_noticed_by_the_client(lab: LabControl, http: requests.Session) -> None:
    app = msal.ConfidentialClientApplication(
        "mail-client", client_credential="mail-client-Secret-1", **arguments(lab, http)
    )
    flow = app.initiate_auth_code_flow(SCOPES, redirect_uri=REDIRECT)
    with pytest.raises(ValueError, match="state"):
        app.acquire_token_by_auth_code_flow(flow, {"code": "x", "state": "other"})
