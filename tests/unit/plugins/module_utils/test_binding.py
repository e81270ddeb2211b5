# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Translating the console's objects, by a binding, in every form that a reply may have."""

from __future__ import annotations

import copy

import pytest
from ansible_collections.cai.console.plugins.module_utils._binding import decode, encode, find_binding
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError

BOUND = find_binding("lab")["services"]["email_service"]
RAW = {
    "enabled": True,
    "hostName": "old.example.org",
    "port": 465,
    "authenticationType": "PASSWORD",
    "userName": "alerts@example.org",
    "security": "SSL",
    "oauth": {"authorizationUrl": None, "tokenUrl": None, "clientId": None, "scope": "b a"},
    "authorizationStatus": {"status": "NOT_AUTHORIZED", "authorizedBy": None, "lastCompleted": None},
    "modified": "2026-01-01T00:00:00Z",
    "aMemberOfTomorrow": {"deep": [1, 2]},
}


def with_(**members):
    """Return RAW with members replaced; a member that is ``...`` is taken out."""
    raw = copy.deepcopy(RAW)
    for name, value in members.items():
        raw.pop(name, None)
        if value is not ...:
            raw[name] = value
    return raw


def test_reads_settings_facts_and_the_states_of_secrets():
    stored = decode(BOUND, RAW, '"7"', "It")
    assert stored.settings == {
        "enabled": True,
        "host": "old.example.org",
        "port": 465,
        "authentication": "password",
        "username": "alerts@example.org",
        "security": "ssl",
        "oauth.authorization_url": None,
        "oauth.token_url": None,
        "oauth.client_id": None,
        "oauth.scope": ["b", "a"],
    }
    assert stored.facts == {
        "authorization.status": "not_authorized",
        "authorization.authorized_by": None,
        "authorization.last_completed": None,
    }
    assert stored.secrets == {"password": "unknown", "oauth.client_secret": "unknown"}


@pytest.mark.parametrize(
    "members, option, value",
    [
        ({"port": "465"}, "port", 465),
        ({"security": "tls"}, "security", "tls"),
        ({"security": "NONE"}, "security", "none"),
        ({"security": None}, "security", "none"),
        ({"security": ""}, "security", "none"),
        ({"security": ...}, "security", "none"),
        ({"userName": ...}, "username", None),
        ({"hostName": ""}, "host", None),
        ({"enabled": "false"}, "enabled", False),
    ],
)
def test_reads_what_a_console_may_write_differently(members, option, value):
    assert decode(BOUND, with_(**members), None, "It").settings[option] == value


@pytest.mark.parametrize(
    "hidden, state", [(..., "unknown"), (None, "unknown"), ("", "unset"), ("********", "set"), ("{AES}x9", "set")]
)
def test_what_stands_in_a_secrets_place_tells_its_state(hidden, state):
    assert decode(BOUND, with_(password=hidden), None, "It").secrets["password"] == state


@pytest.mark.parametrize(
    "raw, named",
    [
        ([], "is not an object"),
        (with_(hostName=...), "hostName (host)"),
        (with_(oauth=...), "oauth.authorizationUrl"),
        (with_(oauth="none"), "oauth.authorizationUrl"),
        (with_(port="many"), "port (port)"),
        (with_(port=True), "port (port)"),
        (with_(enabled=1), "enabled (enabled)"),
        (with_(security="QUANTUM"), "security (security)"),
        (with_(hostName=["a"]), "hostName (host)"),
    ],
)
def test_a_reply_that_the_binding_does_not_know_is_said(raw, named):
    with pytest.raises(ConsoleError) as caught:
        decode(BOUND, raw, None, "The answer")
    assert caught.value.code == "unexpected_reply"
    assert named in caught.value.message


@pytest.mark.parametrize("hidden", [..., None, "", "********", "{AES}x9"])
def test_what_was_read_in_a_secrets_place_never_travels(hidden):
    stored = decode(BOUND, with_(password=hidden), None, "It")
    body = encode(BOUND, stored, {**stored.settings, "host": "new.example.org"}, {})
    assert "password" not in body
    assert body["hostName"] == "new.example.org"


def test_writes_over_the_whole_object_and_keeps_unknown_members():
    stored = decode(BOUND, with_(port="465"), None, "It")
    wanted = {**stored.settings, "port": 587, "security": "none", "oauth.scope": ["x", "y"]}
    body = encode(BOUND, stored, wanted, {"password": "new-secret", "oauth.client_secret": None})
    expected = with_(port="587", security=None, password="new-secret")
    expected["oauth"].update(scope="x y", clientSecret=None)
    assert body == expected
    assert stored.raw == with_(port="465")


def test_an_option_may_stand_in_several_places():
    fields = {
        "password": {"at": ["password", "form.confirm"], "secret": True},
        "host": {"at": ["a", "b"], "kind": "text"},
    }
    stored = decode({"fields": fields}, {"a": "x", "b": "x", "form": {}}, None, "It")
    written = encode({"fields": fields}, stored, {"host": "y"}, {"password": "s"})
    assert written == {"a": "y", "b": "y", "password": "s", "form": {"confirm": "s"}}


def test_the_stamp_is_read_where_the_binding_says():
    assert decode(BOUND, RAW, None, "It").stamp == RAW["modified"]
    assert decode(BOUND, with_(modified=...), None, "It").stamp is None


def test_there_is_no_default_binding():
    for name in (None, ""):
        with pytest.raises(ConsoleError) as caught:
            find_binding(name)
        assert caught.value.code == "binding_missing"
    with pytest.raises(ConsoleError) as caught:
        find_binding("labb")
    assert caught.value.code == "binding_unknown"
    assert "lab" in caught.value.message
