# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The provider: each grant, and each refusal, as a certified server answers it."""

from __future__ import annotations

from typing import Any

import pytest

from . import forms
from .forms import ALICE, Person, RefusedError
from .provider import CALLBACK, DEVICE_GRANT, TIMEOUT, RealProvider

ELSEWHERE = "https://localhost:8400/other"


def begin(provider: RealProvider) -> tuple[str, str]:
    """Return an authorization code and its verifier."""
    verifier, hashed = forms.challenge()
    return Person(provider).authorize(code_challenge=hashed, code_challenge_method="S256")["code"], verifier


def ask(provider: RealProvider, **query: str) -> tuple[int, str]:
    """Ask for authorization without a session; return the status and the redirect."""
    usual = {"client_id": "mail-client", "response_type": "code", "redirect_uri": CALLBACK, "scope": "openid"}
    with provider.session() as session:
        url = provider.endpoint("authorize")
        answer = session.get(url, params={**usual, **query}, allow_redirects=False, timeout=TIMEOUT)
    return answer.status_code, answer.headers.get("location", "")


def refusal(answer: Any) -> tuple[int, str]:
    """Return the status and the error of a refusal of the token endpoint."""
    return answer.status_code, answer.json()["error"]


def test_discovery_is_where_clients_look_for_it(provider: RealProvider) -> None:
    with provider.session() as session:
        found = session.get(provider.endpoint("discovery"), timeout=TIMEOUT).json()
        plain = session.get(f"{provider.issuer}/.well-known/openid-configuration", timeout=TIMEOUT).json()
    assert found == plain
    assert found["issuer"] == provider.issuer
    wanted = {"authorization": "authorize", "token": "token", "device_authorization": "devicecode"}
    wanted |= {"introspection": "introspect", "revocation": "revoke"}
    assert {name: found[f"{name}_endpoint"] for name in wanted} == {
        name: provider.endpoint(short) for name, short in wanted.items()
    }
    assert found["authorization_response_iss_parameter_supported"] is True


def test_a_code_comes_with_state_and_issuer_and_is_worth_tokens_once(provider: RealProvider) -> None:
    verifier, hashed = forms.challenge()
    answer = Person(provider).authorize(code_challenge=hashed, code_challenge_method="S256", state="xyz")
    assert (set(answer), answer["state"], answer["iss"]) == ({"code", "state", "iss"}, "xyz", provider.issuer)
    first = forms.exchange(provider, answer["code"], code_verifier=verifier)
    assert first.status_code == 200
    token = first.json()["access_token"]
    about = provider.introspect(token)
    assert (about["active"], about["username"]) == (True, ALICE)
    assert refusal(forms.exchange(provider, answer["code"], code_verifier=verifier)) == (400, "invalid_grant")
    # A code that came twice was stolen by somebody.
    assert provider.introspect(token) == {"active": False}


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"code_verifier": "x" * 43}, 400, "invalid_grant"),
        ({"code_verifier": ""}, 400, "invalid_grant"),
        ({"redirect_uri": ELSEWHERE}, 400, "invalid_grant"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
    ],
)
def test_an_exchange_that_differs_is_refused(
    provider: RealProvider, change: dict[str, str], status: int, error: str
) -> None:
    code, verifier = begin(provider)
    assert refusal(forms.exchange(provider, code, **{"code_verifier": verifier, **change})) == (status, error)


def test_authorization_errors_go_back_only_where_the_client_is_known(provider: RealProvider) -> None:
    assert ask(provider, redirect_uri="https://evil.test/cb") == (400, "")
    assert ask(provider, client_id="nobody") == (400, "")
    status, target = ask(provider, prompt="none")
    assert status == 303
    assert target.startswith(f"{CALLBACK}?error=login_required")
    _unused, target = ask(provider, client_id="public-client", redirect_uri="http://127.0.0.1/callback")
    assert "error=invalid_request" in target


def test_a_person_can_fail_and_can_refuse(provider: RealProvider) -> None:
    with pytest.raises(RefusedError, match="wrong name or password"):
        Person(provider, password="wrong").authorize()
    provider.set_user(ALICE, disabled=True)
    try:
        with pytest.raises(RefusedError, match="wrong name or password"):
            Person(provider).authorize()
    finally:
        provider.set_user(ALICE, disabled=False)
    assert Person(provider).refuse()["error"] == "access_denied"


def test_a_refresh_rotates_and_the_old_token_stays_as_microsofts_does(provider: RealProvider) -> None:
    first = forms.user_tokens(provider)["refresh_token"]
    second = forms.refresh(provider, first).json()["refresh_token"]
    assert second != first
    assert forms.refresh(provider, first).status_code == 200
    assert forms.refresh(provider, second).status_code == 200
    assert provider.events("grant.revoked") == []


def test_with_reuse_detection_a_used_token_revokes_all(provider: RealProvider) -> None:
    provider.set_knobs(revokeOnReuse=True)
    first = forms.user_tokens(provider)["refresh_token"]
    second = forms.refresh(provider, first).json()
    assert refusal(forms.refresh(provider, first)) == (400, "invalid_grant")
    assert refusal(forms.refresh(provider, second["refresh_token"])) == (400, "invalid_grant")
    assert provider.introspect(second["access_token"]) == {"active": False}
    assert [row["client"] for row in provider.events("grant.revoked")] == ["mail-client"]
    assert provider.events("grant.error")[0]["detail"] == "refresh token already used"


def test_without_rotation_the_token_stays_the_same(provider: RealProvider) -> None:
    provider.set_knobs(rotate=False)
    first = forms.user_tokens(provider)["refresh_token"]
    assert forms.refresh(provider, first).json()["refresh_token"] == first


def test_ninety_idle_days_end_it_and_a_renewal_begins_them_anew(provider: RealProvider) -> None:
    idle = forms.user_tokens(provider)["refresh_token"]
    renewed = forms.user_tokens(provider)["refresh_token"]
    provider.move_clock(days=89)
    renewed = forms.refresh(provider, renewed).json()["refresh_token"]
    provider.move_clock(days=91)
    assert refusal(forms.refresh(provider, idle)) == (400, "invalid_grant")
    assert forms.refresh(provider, renewed).status_code == 200


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"refresh_token": "junk"}, "invalid_grant"),
        ({"client_id": "public-client", "client_secret": ""}, "invalid_grant"),
        ({"scope": "openid https://graph.microsoft.com/Mail.Send"}, "invalid_scope"),
    ],
)
def test_a_refresh_that_asks_for_what_is_not_its_own(
    provider: RealProvider, change: dict[str, str], error: str
) -> None:
    token = forms.user_tokens(provider)["refresh_token"]
    assert refusal(forms.refresh(provider, **{"token": token, **change})) == (400, error)


def test_a_device_waits_is_approved_and_served_once(provider: RealProvider) -> None:
    started = forms.start_device(provider)
    assert "interval" not in started
    assert started["expires_in"] == 900
    # This server never asks to slow down.
    for _turn in range(2):
        assert refusal(forms.poll_device(provider, started["device_code"])) == (400, "authorization_pending")
    Person(provider).approve(started["verification_uri_complete"])
    assert "refresh_token" in forms.poll_device(provider, started["device_code"]).json()
    assert refusal(forms.poll_device(provider, started["device_code"])) == (400, "invalid_grant")


def test_client_credentials_stand_for_a_mailbox(provider: RealProvider) -> None:
    assert provider.introspect(forms.daemon_token(provider))["username"] == "robot@lab.test"
    wrong = {"client_id": "daemon", "client_secret": "x", "grant_type": "client_credentials"}
    assert refusal(provider.token_request(**wrong)) == (401, "invalid_client")
    foreign = {"client_id": "mail-client", "client_secret": "mail-secret", "grant_type": "client_credentials"}
    assert refusal(provider.token_request(**foreign)) == (400, "invalid_request")
    assert refusal(provider.token_request(**{**foreign, "grant_type": "password"})) == (400, "unsupported_grant_type")


def test_introspection_knows_its_client_and_no_junk(provider: RealProvider) -> None:
    assert provider.introspect("junk") == {"active": False}
    with provider.session() as session:
        answer = session.post(
            provider.endpoint("introspect"), data={"token": "junk"}, auth=("dovecot", "no"), timeout=TIMEOUT
        )
    assert refusal(answer) == (401, "invalid_client")


def test_the_token_endpoint_can_be_out_of_order(provider: RealProvider) -> None:
    token = forms.user_tokens(provider)["refresh_token"]
    provider.set_knobs(tokenStatus=429, retryAfter="7")
    busy = forms.refresh(provider, token)
    assert (busy.status_code, busy.headers["retry-after"], busy.text) == (429, "7", "busy")
    provider.set_knobs(tokenStatus=None, interactionRequired=True)
    wanted = forms.refresh(provider, token)
    assert refusal(wanted) == (400, "interaction_required")
    assert wanted.json()["error_codes"] == [50076]
    provider.set_knobs(interactionRequired=False)
    assert forms.refresh(provider, token).status_code == 200


def test_token_requests_are_counted_by_grant(provider: RealProvider) -> None:
    provider.reset()
    token = forms.user_tokens(provider)["refresh_token"]
    forms.refresh(provider, token)
    forms.refresh(provider, "junk")
    forms.poll_device(provider, "junk")
    assert provider.token_requests() == {"authorization_code": 1, "refresh_token": 2, DEVICE_GRANT: 1}
    good = [row["grant_type"] for row in provider.events("grant.success")]
    assert good == ["authorization_code", "refresh_token"]
