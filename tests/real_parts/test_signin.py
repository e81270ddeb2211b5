# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AUTH is answered: passwords and tokens, right and wrong, at Postfix and at Dovecot's own submission service."""

from __future__ import annotations

from typing import Any

import pytest

from . import forms
from .client import ALICE, BOB, Talk
from .mail import RealMail
from .processes import wait_until
from .provider import RealProvider

REFUSED = "5.7.8 Error: authentication failed: (reason unavailable)"
CHALLENGE = {
    "XOAUTH2": '{"status":"401","schemes":"bearer","scope":"mail"}',
    "OAUTHBEARER": '{"status":"invalid_token"}',
}
BOTH = pytest.mark.parametrize("mechanism", list(CHALLENGE))


def test_a_password_is_taken_and_a_wrong_one_refused_at_once(mail: RealMail) -> None:
    with Talk(mail) as talk:
        refused = talk.auth("PLAIN", ALICE, "wrong")
        assert (refused.code, refused.text, refused.challenge) == (535, REFUSED, None)
        taken = talk.auth("PLAIN", ALICE, "alice-pw")
        assert (taken.code, taken.text) == (235, "2.7.0 Authentication successful")
        assert (again := talk.auth("PLAIN", ALICE, "alice-pw")).code == 503
        assert again.text == "5.5.1 Error: already authenticated"


@BOTH
@pytest.mark.parametrize("variant", ["submission", "submissions", "oauth-only", "dovecot", "dovecot-tls"])
def test_a_good_token_is_taken(mail: RealMail, tokens: dict[str, Any], mechanism: str, variant: str) -> None:
    with Talk(mail, variant) as talk:
        reply = talk.auth(mechanism, ALICE, tokens["access_token"])
    words = "Logged in." if variant.startswith("dovecot") else "Authentication successful"
    assert (reply.code, reply.text, reply.challenge) == (235, f"2.7.0 {words}", None)


@BOTH
@pytest.mark.parametrize(("variant", "text"), [("submission", REFUSED), ("dovecot", "5.7.8 Authentication failed.")])
def test_junk_is_refused_after_a_challenge(mail: RealMail, mechanism: str, variant: str, text: str) -> None:
    with Talk(mail, variant) as talk:
        reply = talk.auth(mechanism, ALICE, "junk")
    assert (reply.code, reply.text, reply.challenge) == (535, text, CHALLENGE[mechanism])


@BOTH
def test_a_token_of_another_user_is_as_junk(mail: RealMail, tokens: dict[str, Any], mechanism: str) -> None:
    with Talk(mail) as talk:
        reply = talk.auth(mechanism, BOB, tokens["access_token"])
    assert (reply.code, reply.text, reply.challenge) == (535, REFUSED, CHALLENGE[mechanism])


def test_an_expired_and_a_revoked_token_are_as_junk(mail: RealMail, provider: RealProvider) -> None:
    token = forms.user_tokens(provider)["access_token"]
    with Talk(mail) as talk:
        provider.move_clock(3700)
        assert talk.auth("XOAUTH2", ALICE, token).challenge == CHALLENGE["XOAUTH2"]
    provider.move_clock(0)
    fresh = forms.user_tokens(provider)["access_token"]
    form = {"token": fresh, "client_id": "mail-client", "client_secret": "mail-secret"}
    with provider.session() as session, Talk(mail) as talk:
        assert session.post(provider.endpoint("revoke"), data=form, timeout=10).status_code == 200
        assert talk.auth("XOAUTH2", ALICE, fresh).code == 535


def test_a_disabled_users_token_works_while_it_lives(mail: RealMail, provider: RealProvider) -> None:
    token = forms.user_tokens(provider)["access_token"]
    provider.set_user(ALICE, disabled=True)
    try:
        with Talk(mail) as talk:
            assert talk.auth("XOAUTH2", ALICE, token).code == 235
    finally:
        provider.set_user(ALICE, disabled=False)


def test_a_service_without_a_person_signs_in_to_its_mailbox(mail: RealMail, provider: RealProvider) -> None:
    with Talk(mail) as talk:
        assert talk.auth("XOAUTH2", "robot@lab.test", forms.daemon_token(provider)).code == 235


def test_the_port_for_oauth_offers_nothing_else_and_takes_it(mail: RealMail) -> None:
    with Talk(mail, "oauth-only") as talk:
        assert talk.offers()["auth"] == "XOAUTH2 OAUTHBEARER"
        # Postfix's filter bears on the offer alone.
        assert talk.auth("PLAIN", ALICE, "alice-pw").code == 235


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("AUTH FOO", "Invalid authentication mechanism"),
        ("AUTH PLAIN !!!", "Invalid base64 data in initial response"),
    ],
)
def test_nonsense_is_refused_with_a_reason(mail: RealMail, line: str, reason: str) -> None:
    with Talk(mail) as talk:
        reply = talk.say(line)
    assert (reply.code, reply.text) == (535, f"5.7.8 Error: authentication failed: {reason}")


def test_dovecot_takes_auth_in_clear_text_from_this_host(mail: RealMail) -> None:
    with Talk(mail, "dovecot", tls=False) as talk:
        assert "auth" in talk.offers()
        assert talk.auth("PLAIN", ALICE, "wrong").code == 535


@pytest.mark.parametrize(
    ("variant", "initial", "code"),
    [
        ("submission", True, 235),
        ("submission", False, 235),
        ("stock-lines", True, 535),
        ("stock-lines", False, 235),
        ("dovecot", True, 500),
        ("dovecot", False, 235),
    ],
)
def test_a_token_of_4000_characters(
    mail: RealMail, provider: RealProvider, variant: str, initial: bool, code: int
) -> None:
    provider.set_knobs(tokenLength=4000)
    token = forms.user_tokens(provider)["access_token"]
    assert len(token) == 4000
    with Talk(mail, variant) as talk:
        reply = talk.auth("XOAUTH2", ALICE, token, initial=initial)
    assert reply.code == code
    if code == 535:
        assert reply.text.endswith("Invalid base64 data in initial response")


def test_there_is_a_longest_response(mail: RealMail) -> None:
    with Talk(mail) as talk:
        reply = talk.auth("XOAUTH2", ALICE, "x" * 12000, initial=False)
    assert (reply.code, reply.text) == (500, "5.5.6 SASL response limit exceeded")


def test_a_provider_that_is_down_looks_like_a_refusal_without_a_challenge(mail_without_provider: RealMail) -> None:
    with Talk(mail_without_provider) as talk:
        reply = talk.auth("XOAUTH2", ALICE, "x")
    assert (reply.code, reply.text, reply.challenge) == (535, REFUSED, None)


def test_without_dovecot_nobody_signs_in_and_after_it_everybody_does(mail: RealMail) -> None:
    def signs_in() -> bool:
        try:
            with Talk(mail) as talk:
                return talk.auth("PLAIN", ALICE, "alice-pw").code == 235
        except OSError:
            # A new smtpd cannot begin without Dovecot, and Postfix waits before it starts another.
            return False

    mail.dovecot.stop()
    try:
        assert not signs_in()
    finally:
        mail.dovecot.start()
    wait_until(signs_in, "a sign-in after Dovecot's return")
