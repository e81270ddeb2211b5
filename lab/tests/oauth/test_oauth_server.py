# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The OAuth server: codes, rotation, devices, introspection, refusals, and what survives a kill."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import requests
from cai_lab.browserless import NotConsented, Person
from cai_lab.control_client import LabControl

REDIRECT = "https://localhost:8400/callback"
SCOPE = "openid offline_access https://outlook.office.com/SMTP.Send"
CLIENT = {"client_id": "mail-client", "client_secret": "mail-client-Secret-1"}
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
DAY_S = 24 * 3600


def link(lab: LabControl, **changes: str) -> str:
    query = {
        "response_type": "code",
        "client_id": "mail-client",
        "redirect_uri": REDIRECT,
        "scope": SCOPE,
        "state": "st4te",
    }
    return f"{lab.addresses['oauth']['authorization_url']}?{urlencode({**query, **changes})}"


def consent(lab: LabControl, person: Person, **changes: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(person.consent(link(lab, **changes), REDIRECT)).query))


def exchange(lab: LabControl, http: requests.Session, code: str, **more: str) -> requests.Response:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, **CLIENT, **more}
    return http.post(lab.addresses["oauth"]["token_url"], data=form)


def refresh(lab: LabControl, http: requests.Session, token: str, **more: str) -> requests.Response:
    form = {"grant_type": "refresh_token", "refresh_token": token, **CLIENT, **more}
    return http.post(lab.addresses["oauth"]["token_url"], data=form)


def active(lab: LabControl, http: requests.Session, token: str) -> dict[str, Any]:
    url = lab.addresses["oauth"]["introspection_url"]
    return dict(http.post(url, auth=("mail-server", "mail-server-Secret-1"), data={"token": token}).json())


@pytest.fixture
def tokens(lab: LabControl, http: requests.Session, person: Person) -> dict[str, Any]:
    return dict(exchange(lab, http, consent(lab, person)["code"]).json())


def test_a_code_gives_tokens_once(lab: LabControl, http: requests.Session, person: Person) -> None:
    came = consent(lab, person)
    assert (came["state"], came["iss"]) == ("st4te", lab.addresses["oauth"]["issuer"])
    first = exchange(lab, http, came["code"])
    assert first.status_code == 200
    assert "offline_access" not in first.json()["scope"].split()
    assert active(lab, http, first.json()["access_token"])["username"] == "alerts@lab.test"
    again = exchange(lab, http, came["code"])
    assert (again.status_code, again.json()["error"], again.json()["error_codes"]) == (400, "invalid_grant", [54005])
    assert active(lab, http, first.json()["access_token"]) == {"active": False}


def test_pkce_is_checked(lab: LabControl, http: requests.Session, person: Person) -> None:
    from authlib.oauth2.rfc7636 import create_s256_code_challenge

    verifier = "v" * 60
    asked = {"code_challenge": create_s256_code_challenge(verifier), "code_challenge_method": "S256"}
    assert exchange(lab, http, consent(lab, person, **asked)["code"], code_verifier=verifier).ok
    wrong = exchange(lab, http, consent(lab, person, **asked)["code"], code_verifier="w" * 60)
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_grant")
    assert exchange(lab, http, consent(lab, person, **asked)["code"]).status_code == 400


def test_another_redirect_uri_and_a_wrong_secret_are_refused(
    lab: LabControl, http: requests.Session, person: Person
) -> None:
    code = consent(lab, person)["code"]
    assert exchange(lab, http, code, redirect_uri="https://localhost:8400/other").status_code == 400
    refused = exchange(lab, http, code, client_secret="wrong")
    assert (refused.status_code, refused.json()["error_codes"]) == (401, [7000215])
    unknown = exchange(lab, http, code, client_id="nobody")
    assert unknown.json()["error_codes"] == [700016]
    assert exchange(lab, http, code).ok


@pytest.mark.parametrize(
    "changes", [{"client_id": "nobody"}, {"redirect_uri": "https://evil.test/cb"}, {"redirect_uri": f"{REDIRECT}/x"}]
)
def test_a_wrong_client_is_not_redirected(lab: LabControl, http: requests.Session, changes: dict[str, str]) -> None:
    assert http.get(link(lab, **changes), allow_redirects=False).status_code == 400


def test_who_declines_or_has_no_account(lab: LabControl, person: Person) -> None:
    declined = consent(lab, dataclasses.replace(person, accepts=False))
    assert declined["error"] == "access_denied"
    with pytest.raises(NotConsented, match="Wrong account or password"):
        consent(lab, dataclasses.replace(person, password="wrong"))
    lab.oauth_person("alerts@lab.test", disabled=True)
    try:
        with pytest.raises(NotConsented, match="Wrong account or password"):
            consent(lab, person)
    finally:
        lab.oauth_person("alerts@lab.test")


@pytest.mark.parametrize(("rotation", "status"), [("keeps_old", 200), ("revokes_old", 400)])
def test_rotation(lab: LabControl, http: requests.Session, tokens: dict[str, Any], rotation: str, status: int) -> None:
    lab.set_switches(refresh_rotation=rotation)
    first = refresh(lab, http, tokens["refresh_token"]).json()
    assert first["refresh_token"] != tokens["refresh_token"]
    assert refresh(lab, http, tokens["refresh_token"]).status_code == status
    assert refresh(lab, http, first["refresh_token"]).status_code == status
    grant = lab.oauth_events(event="consent")[-1]["grant"]
    assert next(item["revoked"] for item in lab.oauth_grants() if item["grant"] == grant) is (status == 400)


def test_ninety_idle_days_and_each_use_counts_anew(
    lab: LabControl, http: requests.Session, tokens: dict[str, Any]
) -> None:
    lab.set_clock(80 * DAY_S)
    renewed = refresh(lab, http, tokens["refresh_token"]).json()["refresh_token"]
    lab.set_clock(95 * DAY_S)
    over = refresh(lab, http, tokens["refresh_token"])
    assert (over.status_code, over.json()["error_codes"]) == (400, [700082])
    assert refresh(lab, http, renewed).ok


def test_a_new_password_revokes_and_revocation_does(
    lab: LabControl, http: requests.Session, tokens: dict[str, Any], person: Person
) -> None:
    lab.oauth_person("alerts@lab.test", revoke=True)
    assert refresh(lab, http, tokens["refresh_token"]).json()["error_codes"] == [50173]
    new = exchange(lab, http, consent(lab, person)["code"]).json()
    form = {"token": new["refresh_token"], **CLIENT}
    assert http.post(lab.addresses["oauth"]["revocation_url"], data=form).status_code == 200
    assert active(lab, http, new["access_token"]) == {"active": False}
    assert lab.oauth_events(event="revoked")[-1]["user"] == "alerts@lab.test"


def test_device_flow(lab: LabControl, http: requests.Session, person: Person) -> None:
    urls = lab.addresses["oauth"]
    form = {"client_id": "public-client", "scope": SCOPE}
    begun = http.post(urls["device_url"], data=form).json()
    poll = {"grant_type": DEVICE, "device_code": begun["device_code"], "client_id": "public-client"}
    answers = [http.post(urls["token_url"], data=poll).json()["error"] for _ in range(2)]
    assert answers == ["authorization_pending", "slow_down"]
    person.approve_device(begun["verification_uri"], begun["user_code"])
    assert "refresh_token" in http.post(urls["token_url"], data=poll).json()
    assert http.post(urls["token_url"], data=poll).json()["error"] == "invalid_grant"
    lab.set_switches(device_interval="omitted")
    late = http.post(urls["device_url"], data=form).json()
    assert "interval" not in late
    lab.set_clock(901)
    over = http.post(urls["token_url"], data={**poll, "device_code": late["device_code"]})
    assert over.json()["error"] == "expired_token"


def test_faults_and_forced_refusals(lab: LabControl, http: requests.Session, tokens: dict[str, Any]) -> None:
    lab.set_faults({"listener": "oauth", "path": "token$", "status": 429, "body": "html", "retry_after": 7})
    busy = refresh(lab, http, tokens["refresh_token"])
    assert (busy.status_code, busy.headers["Retry-After"], busy.text[:6]) == (429, "7", "<html>")
    lab.set_faults({"listener": "oauth", "path": "token$", "status": 400, "body": "empty"})
    assert refresh(lab, http, tokens["refresh_token"]).content == b""
    lab.oauth_refuse(50076)
    assert refresh(lab, http, tokens["refresh_token"]).json()["error"] == "interaction_required"
    assert refresh(lab, http, tokens["refresh_token"]).ok


def test_what_was_given_out_survives_a_kill(tmp_path: Path, lab: LabControl) -> None:
    first = LabControl.start(tmp_path)
    try:
        person = Person("alerts@lab.test", "alerts-Mail-pw1", first.addresses["ca"])
        with requests.Session() as http:
            http.trust_env, http.verify = False, first.addresses["ca"]
            tokens = exchange(first, http, consent(first, person)["code"]).json()
            first.kill()
            with LabControl.start(tmp_path) as second:
                assert refresh(second, http, tokens["refresh_token"]).ok
                assert active(second, http, tokens["access_token"])["active"] is True
    finally:
        first.stop()


def test_the_state_holds_no_token(lab: LabControl, http: requests.Session, tokens: dict[str, Any]) -> None:
    seen = str([lab.state(), lab.oauth_events(), lab.oauth_grants(), lab.operations()])
    assert tokens["refresh_token"] not in seen
    assert tokens["access_token"] not in seen
