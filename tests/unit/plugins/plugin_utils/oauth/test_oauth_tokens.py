# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a provider gave is judged: scope, refresh token, mailbox."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.plugin_utils._oauth import provider, tokens

SMTP = "https://outlook.office.com/SMTP.Send"
ASKED = (SMTP, "offline_access")


def id_token(**claims: str) -> str:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"e30.{body}.sig"


def got(**more: Any) -> tokens.Tokens:
    answer = {"access_token": "at", "refresh_token": "rt", "token_type": "Bearer", "expires_in": 3600, "scope": SMTP}
    return tokens.read({**answer, **more}, ASKED, 1000.0)


def test_what_is_read() -> None:
    found = got(id_token=id_token(preferred_username="a@lab.test"))
    assert (found.expires_at, found.scope, found.mailbox) == ("1970-01-01T01:16:40Z", (SMTP,), "a@lab.test")
    assert tokens.seconds(str(found.expires_at)) == 4600


@pytest.mark.parametrize("value", [None, "", "junk", "a.b.c", "a.W10.c"])
def test_an_unreadable_id_token_tells_nothing(value: str | None) -> None:
    assert got(id_token=value).mailbox is None


def test_without_a_scope_it_is_the_one_that_was_asked_for() -> None:
    assert got(scope=None).scope == ASKED


@pytest.mark.parametrize("lifetime", [None, "soon", [1]])
def test_an_unknown_lifetime(lifetime: object) -> None:
    assert got(expires_in=lifetime).expires_at is None


@pytest.mark.parametrize(
    ("changes", "user", "code"),
    [
        ({"scope": f"{SMTP} https://graph.example/Mail.Read"}, None, "scope_wider"),
        ({"scope": "https://graph.example/Mail.Read"}, None, "scope_wider"),
        ({"scope": "openid"}, None, "scope_missing"),
        ({"refresh_token": None}, None, "no_refresh_token"),
        ({"id_token": id_token(email="b@lab.test")}, "a@lab.test", "mailbox_mismatch"),
    ],
)
def test_surprises_are_refused(changes: dict[str, Any], user: str | None, code: str) -> None:
    with pytest.raises(ConsoleError) as refused:
        tokens.judge(got(**changes), ASKED, user, lasts="It wants offline_access.")
    assert refused.value.code == code


def judged(*args: Any, **kwargs: Any) -> ConsoleError | None:
    """Return what the judgement refuses with, or None where it lets the tokens through."""
    try:
        tokens.judge(*args, **kwargs)
    except ConsoleError as error:
        return error
    return None


@pytest.mark.parametrize(
    ("changes", "asked", "user"),
    [
        ({}, ASKED, None),
        ({"scope": f"{SMTP} openid profile"}, ASKED, "a@lab.test"),
        ({"id_token": id_token(upn="A@Lab.test")}, ASKED, "a@lab.test"),
        ({"scope": "https://outlook.office365.com/SMTP.SendAsApp"}, ("https://outlook.office365.com/.default",), None),
        (
            {"scope": "https://www.googleapis.com/auth/userinfo.email https://mail.google.com/"},
            ("https://mail.google.com/", "email"),
            None,
        ),
    ],
)
def test_what_is_no_surprise(changes: dict[str, Any], asked: tuple[str, ...], user: str | None) -> None:
    assert judged(got(**changes), asked, user, lasts="It wants offline_access.") is None


def test_a_refresh_may_bring_no_new_refresh_token() -> None:
    assert judged(got(refresh_token=None), ASKED, None) is None


@pytest.mark.parametrize(
    ("name", "scope", "extra", "reason"),
    [
        ("microsoft", ("https://outlook.office.com/SMTP.Send", "offline_access"), {}, "granted offline_access"),
        ("google", ("https://mail.google.com/",), {"access_type": "offline"}, "access_type=offline"),
        ("generic", ("openid", "offline_access"), {}, "prompt=consent"),
    ],
)
def test_a_refresh_token_that_is_missed_is_missed_with_the_providers_reason(
    name: str, scope: tuple[str, ...], extra: dict[str, str], reason: str
) -> None:
    lasts = provider.Provider(name, scope=scope, extra=extra).lasts
    refused = judged(got(refresh_token=None), ASKED, None, lasts=lasts)
    assert refused is not None
    assert reason in refused.message


def test_no_refresh_token_is_missed_where_none_was_asked_for() -> None:
    assert provider.Provider("google", scope=("https://mail.google.com/",)).lasts is None
