# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every grant of ``oauth_token`` at a certified provider, a person in Chromium, and mail sent by what it brings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.cai.console.plugins.plugin_utils._oauth import exchange
from page_support.places import missing
from page_support.visitor import Visitor, visiting

from .bed import Bed
from .client import ALICE, BOB, Talk
from .mail import RealMail
from .provider import CALLBACK, USERS, RealProvider

ROOT = Path(__file__).resolve().parents[2]
KEY = "key-of-the-consent-" + "k" * 30
SCOPE = ["openid", "offline_access", "https://outlook.office.com/SMTP.Send"]
PUBLIC = {"client_id": "public-client", "client_secret": None}
ROBOT = "robot@lab.test"
DAEMON = {
    "grant": "client_credentials",
    "client_id": "daemon",
    "client_secret": "daemon-secret",
    "scope": ["https://outlook.office.com/.default"],
    "user": None,
}
CODE = "authorization_code"


class Exchanges:
    """Runs the task with a client's options; ``said`` is what it showed to the person."""

    def __init__(self, provider: RealProvider, visitor: Visitor, folder: Path) -> None:
        self.provider = provider
        self.visitor = visitor
        self.folder = folder
        self.said: list[str] = []

    def options(self, **changes: Any) -> dict[str, Any]:
        """What a playbook would give."""
        given = {
            "discovery_url": self.provider.endpoint("discovery"),
            "client_id": "mail-client",
            "client_secret": "mail-secret",
            "scope": SCOPE,
            "ca_path": str(self.provider.ca),
            "redirect_uri": CALLBACK,
            "consent_key": KEY,
            "state_dir": str(self.folder / "state"),
            "target": "agent-a",
            "user": ALICE,
            "timeout": 10,
            **changes,
        }
        return {name: value for name, value in given.items() if value is not None}

    def run(self, **changes: Any) -> dict[str, Any]:
        """The task's result."""
        valid = ArgumentSpecValidator(exchange.SPEC).validate(self.options(**changes))
        assert valid.error_messages == []
        return exchange.run(valid.validated_parameters, check_mode=False, environ=os.environ, say=self.said.append)

    def good(self, **changes: Any) -> dict[str, Any]:
        """The same, which must not fail."""
        result = self.run(**changes)
        assert "failed" not in result, result
        return result

    def come_back(self, begun: dict[str, Any], until: str = CALLBACK, user: str = ALICE) -> str:
        """The person consents; what then stands in the browser's address bar."""
        return self.visitor.consent(begun["authorization_url"], until, user, USERS[user])

    def consent(self, **changes: Any) -> dict[str, Any]:
        """Both steps; the tokens."""
        url = self.come_back(self.good(grant=CODE, step="begin", **changes))
        return self.good(grant=CODE, step="complete", redirect_response=url, **changes)

    def with_person(self, person: Callable[[str], None], **changes: Any) -> dict[str, Any]:
        """Run a step that waits for a person, who gets what was said in a thread of their own."""

        def come() -> None:
            deadline = time.monotonic() + 30
            while not self.said and time.monotonic() < deadline:
                time.sleep(0.05)
            person(self.said[0].partition(" open ")[2])

        thread = threading.Thread(target=come)
        thread.start()
        try:
            return self.good(wait=60, **changes)
        finally:
            thread.join()


@pytest.fixture(scope="module")
def chrome(bed: Bed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    if reason := missing():
        pytest.skip(reason)
    with visiting(tmp_path_factory.mktemp("profile"), bed.provider.base) as visitor:
        yield visitor


@pytest.fixture
def exchanges(provider: RealProvider, chrome: Visitor, tmp_path: Path) -> Exchanges:
    provider.reset()
    chrome.leave()
    return Exchanges(provider, chrome, tmp_path)


def sends(mail: RealMail, user: str, token: str, recipient: str = BOB) -> bool:
    """Whether a mail leaves with the token, and arrives."""
    before = len(mail.messages(recipient))
    with Talk(mail) as talk:
        if talk.auth("XOAUTH2", user, token).code != 235:
            return False
        assert talk.send(recipient, user).code == 250
    mail.settle()
    return len(mail.messages(recipient)) == before + 1


def refused(result: dict[str, Any]) -> str:
    assert result["failed"], result
    return str(result["error"]["code"])


def changed_query(url: str, **changes: str) -> str:
    query = {**dict(parse_qsl(urlsplit(url).query)), **changes}
    return f"{url.partition('?')[0]}?{urlencode(query)}"


def test_a_consent_in_two_steps_and_mail_with_it(exchanges: Exchanges, mail: RealMail) -> None:
    got = exchanges.consent()
    assert got["refresh_token"]
    assert set(got["scope"]) >= {"https://outlook.office.com/SMTP.Send"}
    assert sends(mail, ALICE, got["access_token"])
    assert not sends(mail, BOB, got["access_token"])


def test_what_does_not_belong_together_is_refused(exchanges: Exchanges) -> None:
    url = exchanges.come_back(exchanges.good(grant=CODE, step="begin"))
    complete: dict[str, Any] = {"grant": CODE, "step": "complete"}
    for changes, code in (
        ({"redirect_response": url, "target": "agent-b"}, "state_mismatch"),
        ({"redirect_response": changed_query(url, iss="https://evil.test")}, "issuer_mismatch"),
        ({"redirect_response": changed_query(url, state="x.y")}, "state_invalid"),
    ):
        assert refused(exchanges.run(**complete, **changes)) == code
    assert exchanges.provider.token_requests() == {}
    exchanges.good(**complete, redirect_response=url)
    assert refused(exchanges.run(**complete, redirect_response=url)) == "code_already_used"


def test_another_links_verifier_is_refused_by_the_provider(exchanges: Exchanges) -> None:
    url = exchanges.come_back(exchanges.good(grant=CODE, step="begin"))
    other = exchanges.good(grant=CODE, step="begin")["state"]
    result = exchanges.run(grant=CODE, step="complete", redirect_response=changed_query(url, state=other))
    assert refused(result) == "code_already_used"
    assert exchanges.provider.events("grant.error")[-1]["error"] == "invalid_grant"


def test_a_consent_at_a_terminal(exchanges: Exchanges, mail: RealMail) -> None:
    pages: list[str] = []

    def person(url: str) -> None:
        exchanges.visitor.consent(url, "http://127.0.0.1", ALICE, USERS[ALICE])
        pages.append(exchanges.visitor.text())

    changes = {**PUBLIC, "redirect_uri": None, "consent_key": None}
    got = exchanges.with_person(person, grant=CODE, step="interactive", **changes)
    assert "Thank you" in pages[0]
    assert sends(mail, ALICE, got["access_token"])


def test_a_device(exchanges: Exchanges, mail: RealMail) -> None:
    def person(said: str) -> None:
        place, _unused, code = said.partition(" and enter ")
        exchanges.visitor.approve_device(place, code, ALICE, USERS[ALICE])

    got = exchanges.with_person(person, grant="device_code", **PUBLIC)
    assert got["refresh_token"]
    assert sends(mail, ALICE, got["access_token"])


def test_a_client_for_itself(exchanges: Exchanges, mail: RealMail) -> None:
    got = exchanges.good(**DAEMON)
    assert got["refresh_token"] is None
    assert sends(mail, ROBOT, got["access_token"])
    assert refused(exchanges.run(**{**DAEMON, "client_secret": "wrong"})) == "client_refused"


@pytest.mark.parametrize("knobs", [{"revokeOnReuse": True}, {"revokeOnReuse": False}, {"rotate": False}])
def test_three_refreshes_in_a_row(exchanges: Exchanges, mail: RealMail, knobs: dict[str, bool]) -> None:
    exchanges.provider.set_knobs(**knobs)
    token = first = exchanges.consent()["refresh_token"]
    for _run in range(3):
        got = exchanges.good(refresh_token=token, force_refresh=True)
        token = got["refresh_token"]
    assert (token == first) is (knobs.get("rotate") is False)
    assert sends(mail, ALICE, got["access_token"])
    # The oldest token leads to the newest by the journal: nothing that was used is sent again.
    assert exchanges.good(refresh_token=first, force_refresh=True)["refreshed"]
    assert exchanges.provider.events("grant.revoked") == []


def test_a_reuse_elsewhere_is_named(exchanges: Exchanges, mail: RealMail) -> None:
    exchanges.provider.set_knobs(revokeOnReuse=True)
    first = exchanges.consent()["refresh_token"]
    got = exchanges.good(refresh_token=first)
    elsewhere = exchanges.run(refresh_token=first, state_dir=str(exchanges.folder / "other"))
    assert refused(elsewhere) == "consent_needed"
    assert "reuse" in elsewhere["msg"]
    assert elsewhere["authorization_url"].startswith(exchanges.provider.endpoint("authorize"))
    assert not sends(mail, ALICE, got["access_token"])


def test_ninety_days(exchanges: Exchanges) -> None:
    idle = exchanges.consent()["refresh_token"]
    exchanges.visitor.leave()
    alive = exchanges.consent(target="agent-b")["refresh_token"]
    exchanges.provider.move_clock(days=80)
    # Another consent of the same mailbox has a journal of its own.
    alive = exchanges.good(refresh_token=alive, force_refresh=True, user=None, target="agent-b")["refresh_token"]
    exchanges.provider.move_clock(days=91)
    over = exchanges.run(refresh_token=idle, user=None)
    assert refused(over) == "consent_needed"
    assert "authorization_url" in over
    assert exchanges.good(refresh_token=alive, force_refresh=True, user=None, target="agent-b")["refreshed"]


def test_revoked(exchanges: Exchanges, mail: RealMail) -> None:
    got = exchanges.consent()
    assert exchanges.good(state="absent", refresh_token=got["refresh_token"]) == {"changed": True, "revoked": True}
    assert refused(exchanges.run(refresh_token=got["refresh_token"])) == "consent_needed"
    assert not sends(mail, ALICE, got["access_token"])


def test_a_refresh_token_that_is_not_granted_is_missed(exchanges: Exchanges) -> None:
    """A standard provider gives no refresh token unless the person was asked again."""
    changes = {"authorization_url": f"{exchanges.provider.endpoint('authorize')}?prompt=login"}
    url = exchanges.come_back(exchanges.good(grant=CODE, step="begin", **changes))
    result = exchanges.run(grant=CODE, step="complete", redirect_response=url, **changes)
    assert refused(result) == "no_refresh_token"


@pytest.mark.parametrize(
    ("knobs", "code"),
    [
        ({"tokenStatus": 429, "retryAfter": "7"}, "token_endpoint_busy"),
        ({"tokenStatus": 503, "tokenBody": "<html>busy</html>"}, "token_endpoint_busy"),
        ({"tokenStatus": 400, "tokenBody": ""}, "token_endpoint_error"),
        ({"interactionRequired": True}, "second_factor_needed"),
        ({"tokenDelayMs": 3000}, "token_endpoint_timeout"),
    ],
)
def test_a_token_endpoint_that_misbehaves(exchanges: Exchanges, knobs: dict[str, Any], code: str) -> None:
    exchanges.provider.set_knobs(**knobs)
    result = exchanges.run(**DAEMON, timeout=1)
    assert refused(result) == code
    assert ("Try again after 7 s" in result["msg"]) is (knobs.get("retryAfter") == "7")


def key_pair() -> tuple[str, dict[str, Any]]:
    """A private key in PEM, and its public half as a JSON web key."""
    from joserfc.jwk import RSAKey

    key = RSAKey.generate_key(2048)
    return key.as_pem(private=True).decode(), dict(key.as_dict(private=False))


@pytest.mark.parametrize("method", ["basic", "private_key_jwt"])
def test_other_ways_of_a_client_to_say_who_it_is(bed: Bed, chrome: Visitor, tmp_path: Path, method: str) -> None:
    pem, public = key_pair()
    common = {"grant_types": ["client_credentials"], "redirect_uris": [], "response_types": []}
    # What is no letter of a form has to be encoded before it is joined to the header.
    awkward = "se cret:+%/"
    clients = [
        {**common, "client_id": "a:b", "client_secret": awkward, "token_endpoint_auth_method": "client_secret_basic"},
        {
            **common,
            "client_id": "jwt-client",
            "token_endpoint_auth_method": "private_key_jwt",
            "token_endpoint_auth_signing_alg": "RS256",
            "jwks": {"keys": [public]},
        },
    ]
    basic = {"client_id": "a:b", "client_secret": awkward, "client_authentication": "basic"}
    signed = {"client_id": "jwt-client", "client_secret": None, "private_key": pem}
    with RealProvider(bed.pki, clients=clients) as provider:
        got = Exchanges(provider, chrome, tmp_path).good(**{**DAEMON, **(basic if method == "basic" else signed)})
    assert got["access_token"]


PLAY = """
- hosts: all
  connection: local
  gather_facts: false
  tasks:
    - cai.console.oauth_token: "{{ exchange }}"
      register: alerts
    - cai.console.smtp_test:
        host: "{{ mail.host }}"
        port: "{{ mail.port }}"
        security: tls
        authentication: oauth
        username: alice@lab.test
        recipient: bob@lab.test
        ca_path: "{{ mail.ca }}"
        token: "{{ alerts.access_token }}"
        token_info:
          expires_at: "{{ alerts.expires_at }}"
          scope: "{{ alerts.scope }}"
          mailbox: "{{ alerts.mailbox }}"
"""


def test_a_play_hands_the_token_to_smtp_test(exchanges: Exchanges, mail: RealMail) -> None:
    token = exchanges.consent()["refresh_token"]
    (exchanges.folder / "play.yml").write_text(PLAY)
    variables = {
        "exchange": exchanges.options(refresh_token=token, force_refresh=True),
        "mail": {"host": mail.host, "port": mail.port("submission"), "ca": str(mail.ca)},
    }
    (exchanges.folder / "vars.json").write_text(json.dumps(variables))
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "CAI_"))}
    environment |= {
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "build" / "collections"),
        "ANSIBLE_HOME": str(exchanges.folder / "home"),
    }
    command = [Path(sys.executable).parent / "ansible-playbook", "-i", "one,", exchanges.folder / "play.yml"]
    done = subprocess.run(
        [*command, "-vvv", "-e", f"@{exchanges.folder / 'vars.json'}"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert token not in done.stdout + done.stderr
    mail.settle()
    assert len(mail.messages(BOB)) == 1
