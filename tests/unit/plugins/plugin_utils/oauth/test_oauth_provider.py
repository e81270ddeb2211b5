# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The presets: addresses, scopes and parameters of the providers that are known; and who may answer the browser."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._http import tls_context
from ansible_collections.cai.console.plugins.module_utils._transport import Transport
from ansible_collections.cai.console.plugins.plugin_utils._oauth import exchange, provider


def resolved(**options: Any) -> provider.Provider:
    """The provider of a task with these options; none of these needs a request."""
    valid = ArgumentSpecValidator(exchange.SPEC).validate({"client_id": "client", **options})
    assert valid.error_messages == []
    transport = Transport(timeout=1, context=tls_context(None, True), proxy=None, environ={})
    return provider.resolve(valid.validated_parameters, transport)


@pytest.mark.parametrize(
    ("cloud", "host", "scope", "app_scope"),
    [
        ("public", "login.microsoftonline.com", "https://outlook.office.com", "https://outlook.office365.com"),
        ("us-government", "login.microsoftonline.us", "https://outlook.office365.us", "https://outlook.office365.us"),
        ("china", "login.partner.microsoftonline.cn", "https://partner.outlook.cn", "https://partner.outlook.cn"),
    ],
)
def test_microsoft_in_each_cloud(cloud: str, host: str, scope: str, app_scope: str) -> None:
    options = {"provider": "microsoft", "tenant": "example.org", "cloud": cloud}
    found = resolved(**options)
    base = f"https://{host}/example.org/oauth2/v2.0"
    assert (found.authorization_url, found.token_url, found.device_url, found.revocation_url) == (
        f"{base}/authorize",
        f"{base}/token",
        f"{base}/devicecode",
        None,
    )
    assert found.scope == (f"{scope}/SMTP.Send", "offline_access")
    assert resolved(**options, grant="client_credentials").scope == (f"{app_scope}/.default",)


def test_microsoft_needs_a_tenant() -> None:
    with pytest.raises(ConsoleError, match="tenant") as refused:
        resolved(provider="microsoft")
    assert refused.value.code == "invalid_option"


def test_google() -> None:
    found = resolved(provider="google")
    assert (found.scope, found.extra) == (
        ("https://mail.google.com/",),
        {"access_type": "offline", "prompt": "consent"},
    )
    assert found.revocation_url == "https://oauth2.googleapis.com/revoke"


def test_what_is_given_overrules_the_preset() -> None:
    given = {"token_url": "https://id.example.org/token", "scope": ["one"]}
    found = resolved(provider="google", **given)
    assert (found.token_url, found.scope) == ("https://id.example.org/token", ("one",))
    assert found.authorization_url == provider.GOOGLE_AUTHORIZE


def test_a_generic_provider_is_known_by_what_is_given_only() -> None:
    found = resolved(token_url="https://id.example.org/token")
    with pytest.raises(ConsoleError, match="authorization_url is not known"):
        found.need("authorization_url")


@pytest.mark.parametrize("url", ["http://127.0.0.1:8/token", "http://[::1]/token", "http://localhost/token"])
def test_loopback_may_be_plain(url: str) -> None:
    assert resolved(token_url=url).token_url == url


@pytest.mark.parametrize("option", provider.ENDPOINTS)
@pytest.mark.parametrize("url", ["http://id.example.org/x", "http://127.0.0.1.example.org/x", "//id.example.org"])
def test_nothing_else_may(option: str, url: str) -> None:
    with pytest.raises(ConsoleError, match=option) as refused:
        resolved(**{option: url})
    assert refused.value.code == "cleartext_refused"


AUTHORIZE = "https://id.example.org/authorize"
TENANTS = "https://login.example.org/{tenantid}/v2.0"


@pytest.mark.parametrize(
    ("known", "said", "right"),
    [
        ({"issuer": "https://id.example.org"}, "https://id.example.org", True),
        ({"issuer": "https://id.example.org"}, "https://id.example.org/", False),
        ({"issuer": "https://id.example.org"}, "https://evil.example.org", False),
        ({"issuer": "https://id.example.org"}, None, True),
        ({"issuer": "https://id.example.org", "sends_issuer": True}, None, False),
        ({"issuer": TENANTS}, "https://login.example.org/0-1-2/v2.0", True),
        ({"issuer": TENANTS}, "https://login.evil.org/0-1-2/v2.0", False),
        ({}, "https://id.example.org/v2.0", True),
        ({}, "https://evil.example.org/v2.0", False),
        ({}, None, True),
    ],
)
def test_who_may_answer_the_browser(known: dict[str, Any], said: str | None, right: bool) -> None:
    found = provider.Provider("generic", authorization_url=AUTHORIZE, **known)
    try:
        provider.check_issuer(found, said)
    except ConsoleError as error:
        assert (error.code, right) == ("issuer_mismatch", False)
    else:
        assert right
