# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection options, before any request."""

from __future__ import annotations

import pytest
from ansible_collections.cai.console.plugins.module_utils._connection import CONNECTION_SPEC, Connection, is_loopback
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError


def params(**given):
    """Return parameters as AnsibleModule would: defaults, then what is given."""
    base = {name: spec.get("default") for name, spec in CONNECTION_SPEC.items()}
    base.update(console_url="https://console.example.org", console_username="robot", console_password="pw-of-robot")
    base.update(given)
    return base


@pytest.mark.parametrize(
    "url, region, sign_in, console",
    [
        (
            "https://usw5-cai.dm-us.informaticacloud.com/activevos-central/x#/main",
            None,
            "https://dm-us.informaticacloud.com",
            "https://usw5-cai.dm-us.informaticacloud.com",
        ),
        (
            "https://dm-us.informaticacloud.com",
            None,
            "https://dm-us.informaticacloud.com",
            "https://dm-us.informaticacloud.com",
        ),
        ("http://127.0.0.1:8400/", None, "http://127.0.0.1:8400", "http://127.0.0.1:8400"),
        ("https://cai.example.org", "dm-em", "https://dm-em.informaticacloud.com", "https://cai.example.org"),
        (None, "dm-uk", "https://dm-uk.informaticacloud.com", None),
        ("https://notinformaticacloud.com", None, "https://notinformaticacloud.com", "https://notinformaticacloud.com"),
        ("http://[::1]:8400/x", None, "http://[::1]:8400", "http://[::1]:8400"),
    ],
)
def test_where_the_sign_in_goes(url, region, sign_in, console):
    connection = Connection.from_params(params(console_url=url, console_region=region))
    assert (connection.sign_in_url, connection.console_url) == (sign_in, console)


@pytest.mark.parametrize(
    "given, named",
    [
        ({"console_url": None}, "console_url"),
        ({"console_url": "console.example.org"}, "console_url"),
        ({"console_url": "ftp://console.example.org"}, "console_url"),
        ({"console_url": "https://user:pw@console.example.org"}, "console_url"),
        ({"console_url": "https://console.example.org:99999"}, "console_url"),
        ({"console_region": "https://dm-us"}, "console_region"),
        ({"console_password": None}, "console_password"),
        ({"console_username": ""}, "console_username"),
        ({"console_timeout": 0.0}, "console_timeout"),
        ({"console_fingerprint": "ab:cd"}, "console_fingerprint"),
        ({"console_session": "{broken"}, "console_session"),
        ({"console_session": {"platform_url": "https://pod.example.org/saas"}}, "console_session"),
        ({"console_session": {"id": "abc", "other": 1}}, "console_session"),
        ({"console_session": 7}, "console_session"),
        ({"console_agent_url": "agent-a:7080"}, "console_agent_url"),
        ({"console_proxy": "proxy:8080"}, "console_proxy"),
    ],
)
def test_a_wrong_option_is_named_and_its_secrets_are_not_repeated(given, named):
    with pytest.raises(ConsoleError) as caught:
        Connection.from_params(params(**given))
    assert caught.value.code == "invalid_option"
    assert caught.value.stage == "options"
    assert named in caught.value.message
    assert "pw" not in caught.value.message.replace("console_password", "")


@pytest.mark.parametrize(
    "value, expected",
    [
        ("abc", ("abc", None)),
        ('{"id": "abc", "platform_url": "https://pod.example.org/saas/"}', ("abc", "https://pod.example.org/saas")),
        ({"id": "abc"}, ("abc", None)),
        ("", (None, None)),
    ],
)
def test_the_forms_of_a_given_session(value, expected):
    connection = Connection.from_params(params(console_session=value))
    assert (connection.session_id, connection.platform_url) == expected


def test_clear_text_is_for_loopback_or_with_consent():
    connection = Connection.from_params(params())
    for url in ("https://agent.example.org:7443", "http://127.0.0.1:7080", "http://[::1]:7080", "http://localhost"):
        connection.require_secure(url, "console_url")
    with pytest.raises(ConsoleError) as caught:
        connection.require_secure("http://agent.example.org:7080", "console_agent_url")
    assert caught.value.code == "cleartext_refused"
    assert "console_agent_url" in caught.value.message
    Connection.from_params(params(console_allow_cleartext=True)).require_secure(
        "http://agent.example.org:7080", "console_agent_url"
    )


def test_a_name_that_only_looks_local_is_not_loopback():
    assert not is_loopback("localhost.example.org")
    assert not is_loopback("127.0.0.1.example.org")
    assert is_loopback("127.8.9.1")


def test_every_connection_option_has_its_environment_variable():
    assert all(name.startswith("console_") for name in CONNECTION_SPEC)
    assert {name: spec["fallback"][1] for name, spec in CONNECTION_SPEC.items()} == {
        name: ["CAI_" + name.upper()] for name in CONNECTION_SPEC
    }
