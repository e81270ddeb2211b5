# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Consent in two steps, or in one: what is refused, and that nothing secret is between the steps."""

from __future__ import annotations

import dataclasses
import threading
import time
import webbrowser
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import requests

from .conftest import KEY, REDIRECT, SCOPE, Tasks


def changed_query(url: str, **changes: str | None) -> str:
    query = {**dict(parse_qsl(urlsplit(url).query)), **changes}
    return f"{url.partition('?')[0]}?{urlencode({k: v for k, v in query.items() if v is not None})}"


def code_of(result: dict[str, Any]) -> str:
    assert result["failed"], result
    return str(result["error"]["code"])


def test_two_steps(tasks: Tasks) -> None:
    begun = tasks.begin()
    assert begun["changed"] is False
    assert "_ansible_no_log" not in begun
    got = tasks.complete(tasks.come_back(begun))
    assert got["changed"] is True
    assert got["_ansible_no_log"] is True
    assert (got["mailbox"], got["token_type"]) == ("alerts@lab.test", "Bearer")
    assert got["refresh_token"]
    assert tasks.lab.oauth_events(event="token")[-1]["user"] == "alerts@lab.test"


def test_the_first_step_tells_no_secret_and_writes_no_file(tasks: Tasks) -> None:
    from ansible_collections.cai.console.plugins.plugin_utils._oauth import state

    begun = tasks.begin()
    shown = repr(begun)
    for secret in (KEY, state.verifier(begun["state"], KEY), "mail-client-Secret-1"):
        assert secret not in shown
    assert list(tasks.folder.iterdir()) == []


def test_the_first_step_runs_in_check_mode_and_the_second_spends_nothing_there(tasks: Tasks) -> None:
    begun = tasks.run(grant="authorization_code", step="begin", check_mode=True)
    url = tasks.come_back(begun)
    checked = tasks.complete(url, check_mode=True)
    assert (checked["would_spend"], checked["changed"]) == (True, True)
    assert "access_token" not in checked
    assert tasks.complete(url)["access_token"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"target": "agent-b"}, "state_mismatch"),
        ({"client_id": "jwt-client"}, "state_mismatch"),
        ({"token_url": "https://other.test/token"}, "state_mismatch"),
        ({"consent_key": "another-key-" + "x" * 30}, "state_invalid"),
        ({"redirect_uri": "https://localhost:8400/other"}, "redirect_mismatch"),
        ({"redirect_uri": "https://elsewhere.test/callback"}, "redirect_mismatch"),
        ({"issuer": "https://other.test/v2.0"}, "issuer_mismatch"),
    ],
)
def test_what_was_begun_otherwise_is_refused_by_name(tasks: Tasks, changes: dict[str, Any], code: str) -> None:
    url = tasks.come_back(tasks.begin())
    before = len(tasks.lab.operations(operation="oauth_token_authorization_code"))
    assert code_of(tasks.complete(url, **changes)) == code
    assert len(tasks.lab.operations(operation="oauth_token_authorization_code")) == before
    assert tasks.complete(url)["access_token"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"state": "tampered"}, "state_invalid"),
        ({"state": None}, "state_invalid"),
        ({"iss": None}, "issuer_mismatch"),
        ({"iss": "https://evil.test"}, "issuer_mismatch"),
        ({"code": None}, "state_invalid"),
        ({"code": "junk"}, "code_already_used"),
        ({"error": "access_denied"}, "consent_declined"),
    ],
)
def test_a_changed_url_is_refused(tasks: Tasks, changes: dict[str, str | None], code: str) -> None:
    url = changed_query(tasks.come_back(tasks.begin()), **changes)
    assert code_of(tasks.complete(url)) == code


def test_an_old_link_is_refused(tasks: Tasks) -> None:
    assert code_of(tasks.complete(tasks.come_back(tasks.begin(consent_lifetime=-1)))) == "consent_expired"


def test_the_same_url_twice(tasks: Tasks) -> None:
    url = tasks.come_back(tasks.begin())
    assert tasks.complete(url)["access_token"]
    again = tasks.complete(url)
    assert code_of(again) == "code_already_used"
    assert again["provider_error"]["error"] == "invalid_grant"


def test_the_wrong_verifier_is_refused_by_the_provider(tasks: Tasks) -> None:
    """Another link's code with this link's state: the derived verifier does not fit."""
    one, two = tasks.come_back(tasks.begin()), tasks.begin()
    crossed = changed_query(one, state=two["state"])
    assert tasks.complete(crossed)["provider_error"]["error"] == "invalid_grant"


def test_a_standard_provider_is_asked_for_a_consent_that_lasts(tasks: Tasks) -> None:
    """Without ``prompt=consent`` it would ignore ``offline_access``; what the address says itself is kept."""

    def prompt(**changes: Any) -> list[str]:
        query = parse_qsl(urlsplit(tasks.begin(**changes)["authorization_url"]).query)
        return [value for name, value in query if name == "prompt"]

    assert prompt() == ["consent"]
    assert prompt(scope=["offline_access", "https://outlook.office.com/SMTP.Send"]) == []
    given = f"{tasks.lab.addresses['oauth']['authorization_url']}?prompt=login"
    assert prompt(authorization_url=given) == ["login"]
    assert prompt(provider="microsoft", tenant="t") == []


def test_code_and_state_in_place_of_the_url(tasks: Tasks) -> None:
    query = dict(parse_qsl(urlsplit(tasks.come_back(tasks.begin())).query))
    got = tasks.run(grant="authorization_code", step="complete", code=query["code"], consent_state=query["state"])
    assert got["access_token"]
    assert code_of(tasks.run(grant="authorization_code", step="complete")) == "invalid_option"


@pytest.mark.parametrize(
    ("switches", "code"),
    [
        ({"granted_scope": "wider"}, "scope_wider"),
        ({"granted_scope": "narrower"}, "scope_missing"),
        ({"offline_access": "withheld"}, "no_refresh_token"),
        ({"authorization_iss": "another"}, "issuer_mismatch"),
        ({"authorization_iss": "omitted"}, "issuer_mismatch"),
    ],
)
def test_surprises(tasks: Tasks, switches: dict[str, str], code: str) -> None:
    tasks.lab.set_switches(**switches)
    result = tasks.complete(tasks.come_back(tasks.begin()))
    assert code_of(result) == code
    assert "access_token" not in result


def test_somebody_else_consents(tasks: Tasks) -> None:
    begun = tasks.begin()
    tasks.person = dataclasses.replace(tasks.person, login="reports@lab.test", password="reports-Mail-pw1")
    result = tasks.complete(tasks.come_back(begun))
    assert code_of(result) == "mailbox_mismatch"
    assert "reports@lab.test" in result["msg"]


def test_who_declines(tasks: Tasks) -> None:
    begun = tasks.begin()
    tasks.person = dataclasses.replace(tasks.person, accepts=False)
    assert code_of(tasks.complete(tasks.come_back(begun))) == "consent_declined"


@pytest.mark.parametrize("option", ["token_url", "authorization_url", "redirect_uri", "discovery_url"])
def test_no_secret_over_http(tasks: Tasks, option: str) -> None:
    result = tasks.begin(**{option: "http://id.example/x"})
    assert code_of(result) == "cleartext_refused"
    assert option in result["msg"]


def interactive(tasks: Tasks, then: Any, **changes: Any) -> tuple[dict[str, Any], list[Any]]:
    """Run the interactive step; ``then`` gets the link in a thread of its own."""
    answers: list[Any] = []

    def browser() -> None:
        deadline = time.monotonic() + 20
        while not tasks.said and time.monotonic() < deadline:
            time.sleep(0.02)
        answers.append(then(tasks.said[0].partition(" open ")[2]))

    thread = threading.Thread(target=browser)
    thread.start()
    try:
        options = {"redirect_uri": None, "consent_key": None, "wait": 20, **changes}
        result = tasks.run(grant="authorization_code", step="interactive", **options)
    finally:
        thread.join()
    return result, answers


def test_interactive(tasks: Tasks) -> None:
    def consent(url: str) -> requests.Response:
        place = tasks.person.consent(url, "http://127.0.0.1")
        assert requests.get(place.partition("?")[0] + "?state=wrong", timeout=5).status_code == 400
        assert requests.get(place.replace("/callback", "/other"), timeout=5).status_code == 404
        return requests.get(place, timeout=5)

    result, (page,) = interactive(tasks, consent)
    assert result["mailbox"] == "alerts@lab.test", result
    assert "Thank you" in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("problem", [None, webbrowser.Error("none"), OSError("none")])
def test_interactive_opens_a_browser_where_there_is_one(
    tasks: Tasks, monkeypatch: pytest.MonkeyPatch, problem: Exception | None
) -> None:
    opened: list[str] = []

    def opens(url: str) -> bool:
        opened.append(url)
        if problem:
            raise problem
        return True

    monkeypatch.setattr(webbrowser, "open", opens)

    def consent(url: str) -> None:
        requests.get(tasks.person.consent(url, "http://127.0.0.1"), timeout=5)

    result, _unused = interactive(tasks, consent, open_browser=True)
    assert result["mailbox"] == "alerts@lab.test", result
    assert opened == [tasks.said[0].partition(" open ")[2]]


def test_interactive_waits_for_a_limited_time(tasks: Tasks) -> None:
    result, _unused = interactive(tasks, lambda url: None, wait=0.3)
    assert code_of(result) == "listener_timeout"


def test_interactive_listens_on_loopback_only(tasks: Tasks) -> None:
    result = tasks.run(grant="authorization_code", step="interactive", redirect_uri=REDIRECT)
    assert code_of(result) == "invalid_option"


def test_a_public_client_without_discovery(tasks: Tasks) -> None:
    urls = tasks.lab.addresses["oauth"]
    public = {
        "discovery_url": None,
        "authorization_url": urls["authorization_url"],
        "token_url": urls["token_url"],
        "client_id": "public-client",
        "client_secret": None,
        "redirect_uri": "http://127.0.0.1:18400/callback",
    }
    begun = tasks.begin(**public)
    url = tasks.come_back(begun, "http://127.0.0.1:18400/")
    assert tasks.complete(url, **public)["scope"] == [word for word in SCOPE if word != "offline_access"]
