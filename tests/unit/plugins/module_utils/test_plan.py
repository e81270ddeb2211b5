# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans, without any server: what changes, which secret goes and why, and what is refused before the first write."""

from __future__ import annotations

import pytest
from ansible_collections.cai.console.plugins.module_utils._binding import Stored, find_binding
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._plan import Wishes, flatten, make_plan, nest
from ansible_collections.cai.console.plugins.module_utils._resources.alert_service import ALERT_SERVICE
from ansible_collections.cai.console.plugins.module_utils._resources.email_service import EMAIL_SERVICE
from ansible_collections.cai.console.plugins.module_utils._secrets import check_given

BOUND = find_binding("lab")["services"]
EMPTY = {
    "enabled": False,
    "host": None,
    "port": 25,
    "authentication": "password",
    "username": None,
    "security": "none",
    "oauth.authorization_url": None,
    "oauth.token_url": None,
    "oauth.client_id": None,
    "oauth.scope": [],
}
WORKING = {
    **EMPTY,
    "enabled": True,
    "host": "old.example.org",
    "port": 465,
    "security": "ssl",
    "username": "alerts@example.org",
}
OAUTH = {
    "oauth.authorization_url": "https://login.example.org/authorize",
    "oauth.token_url": "https://login.example.org/token",
    "oauth.client_id": "client-1",
    "oauth.scope": ["a", "b"],
}
WITH_OAUTH = {**WORKING, **OAUTH, "authentication": "oauth"}


def plan(
    before, settings, secrets=(), states="unknown", omitted="kept", clears=True, memory=None, status=None, **wishes
):
    stored = Stored(
        settings=dict(before),
        facts={"authorization.status": status},
        secrets={"password": states, "oauth.client_secret": states},
        raw={},
        version=None,
    )
    bound = {**BOUND["email_service"], "omitted_secret": omitted, "clears_secrets": clears}
    wished = Wishes(settings=dict(settings), secrets=dict(secrets), **{"update_secrets": "on_create", **wishes})
    return make_plan(EMAIL_SERVICE, stored, wished, bound, memory)


def decisions(made):
    return [(decision.name, decision.sent, decision.reason) for decision in made.secrets]


@pytest.mark.parametrize("option", sorted(WITH_OAUTH))
def test_an_option_that_is_left_out_is_left_alone(option):
    wanted = {name: value for name, value in WITH_OAUTH.items() if name != option}
    made = plan(WITH_OAUTH, wanted)
    assert made.after == WITH_OAUTH
    assert not made.changed


@pytest.mark.parametrize(
    "option, other",
    [("host", "OLD.example.ORG"), ("oauth.scope", ["b", "a"])],
)
def test_what_means_the_same_is_no_change(option, other):
    made = plan(WITH_OAUTH, {option: other})
    assert not made.changed
    assert made.after[option] == WITH_OAUTH[option]


@pytest.mark.parametrize(
    "change", [{"host": "new.example.org"}, {"port": 587}, {"security": "tls"}, {"username": "other@example.org"}]
)
def test_a_change_that_would_hand_the_secret_on_needs_the_secret(change):
    with pytest.raises(ConsoleError) as caught:
        plan(WORKING, change)
    assert caught.value.code == "secret_required"
    assert "password" in caught.value.remedy
    assert next(iter(change)) in caught.value.message
    assert decisions(plan(WORKING, change, {"password": "s"})) == [("password", True, "required")]
    reused = plan(WORKING, change, reuse_stored_secret=True)
    assert reused.secrets == ()
    assert any(
        str(WORKING[next(iter(change))]) in warning and str(next(iter(change.values()))) in warning
        for warning in reused.warnings
    )


@pytest.mark.parametrize(
    "change",
    [
        {"oauth.token_url": "https://rogue.example.org/token"},
        {"oauth.client_id": "client-2"},
        {"host": "new.example.org"},
    ],
)
def test_the_client_secret_is_guarded_too(change):
    with pytest.raises(ConsoleError) as caught:
        plan(WITH_OAUTH, change)
    assert caught.value.code == "secret_required"
    assert "client_secret" in caught.value.remedy


def test_where_no_secret_can_be_stored_nothing_is_guarded():
    made = plan(EMPTY, {"enabled": True, "host": "relay.example.org", "security": "tls"})
    assert made.changed
    assert made.secrets == ()
    assert plan(
        WORKING, {"host": "new.example.org", "username": "alerts@example.org", "enabled": False}, states="unset"
    ).changed


@pytest.mark.parametrize("change", [{"enabled": False}, {}])
def test_on_create_never_sends_with_other_changes(change):
    made = plan(WORKING, change, {"password": "s"})
    assert decisions(made) == [("password", False, "unknown")]
    assert made.changed == bool(change)


@pytest.mark.parametrize(
    "before, change, states, reason",
    [
        (WORKING, {}, "set", (False, "already_set")),
        (WORKING, {}, "unset", (True, "unset")),
        ({**WORKING, "enabled": False}, {"enabled": True}, "unknown", (True, "switched_on")),
        (EMPTY, {"username": "alerts@example.org"}, "unknown", (True, "user_changed")),
        (
            {**WITH_OAUTH, "username": "alerts@example.org"},
            {"authentication": "password"},
            "unknown",
            (True, "authentication_changed"),
        ),
        (WITH_OAUTH, {}, "unknown", (False, "not_in_use")),
    ],
)
def test_on_create_sends_when_it_must_be_new_there(before, change, states, reason):
    assert [decision[1:] for decision in decisions(plan(before, change, {"password": "s"}, states=states))] == [reason]


@pytest.mark.parametrize(
    "memory, on_unknown, decision",
    [
        ("same", None, (False, "unchanged")),
        ("changed", None, (True, "changed")),
        ("changed", "keep", (True, "changed")),
        ("unknown", None, (True, "unknown")),
        ("unknown", "send", (True, "unknown")),
        ("unknown", "keep", (False, "unknown")),
    ],
)
def test_when_changed_goes_by_what_was_last_written(memory, on_unknown, decision):
    made = plan(
        WORKING,
        {},
        {"password": "s"},
        memory={"password": memory},
        update_secrets="when_changed",
        on_unknown_secret=on_unknown,
    )
    assert [found[1:] for found in decisions(made)] == [decision]
    assert made.changed is decision[0]


def test_an_unknown_secret_may_be_an_error():
    with pytest.raises(ConsoleError) as caught:
        plan(WORKING, {}, {"password": "s"}, update_secrets="when_changed", on_unknown_secret="fail")
    assert caught.value.code == "secret_unknown"


@pytest.mark.parametrize(
    "status, on_unknown, decision",
    [
        ("authorized", None, (False, "authorized")),
        ("expired", None, (True, "unknown")),
        ("authorized", "send", (True, "unknown")),
    ],
)
def test_an_unknown_client_secret_is_kept_while_an_authorization_is_in_force(status, on_unknown, decision):
    made = plan(
        WITH_OAUTH,
        {},
        {"oauth.client_secret": "s"},
        status=status,
        update_secrets="when_changed",
        on_unknown_secret=on_unknown,
    )
    assert [found[1:] for found in decisions(made)] == [decision]
    assert made.authorization_at_risk is (status == "authorized" and decision[0])


@pytest.mark.parametrize(
    "change", [{"oauth.scope": ["a", "c"]}, {"oauth.authorization_url": "https://x.example.org/a"}]
)
def test_changed_oauth_settings_put_an_authorization_at_risk(change):
    assert plan(WITH_OAUTH, change, status="authorized").authorization_at_risk
    assert not plan(WITH_OAUTH, change, status="not_authorized").authorization_at_risk
    assert not plan(WITH_OAUTH, {"enabled": False}, status="authorized").authorization_at_risk


def test_why_names_every_change_and_its_source():
    made = plan(WORKING, {"host": "new.example.org"}, {"password": "planted-secret"})
    assert made.why() == [
        {"field": "host", "from": "old.example.org", "to": "new.example.org", "source": "task"},
        {"field": "password", "from": "unknown", "to": "sent", "source": "required"},
    ]
    switched = plan(WORKING, {"authentication": "oauth", **OAUTH}, {"oauth.client_secret": "s"})
    assert {"field": "password", "from": "unknown", "to": "unset", "source": "authentication"} in switched.why()


def test_always_is_a_change_each_time():
    made = plan(WORKING, {}, {"password": "s"}, update_secrets="always")
    assert decisions(made) == [("password", True, "always")]
    assert made.changed
    assert made.before == made.after


@pytest.mark.parametrize("omitted", ["cleared", "unknown"])
@pytest.mark.parametrize("policy", ["on_create", "always"])
def test_a_console_that_may_drop_what_is_left_out_gets_the_secret_with_every_write(omitted, policy):
    with pytest.raises(ConsoleError) as caught:
        plan(WORKING, {"enabled": False}, omitted=omitted, reuse_stored_secret=True)
    assert caught.value.code == "secret_required"
    made = plan(WORKING, {"enabled": False}, {"password": "s"}, omitted=omitted, update_secrets=policy)
    assert [(decision.sent, decision.reason) for decision in made.secrets] == [
        (True, "required" if policy == "on_create" else "always")
    ]
    assert not plan(WORKING, {}, omitted=omitted).changed


def test_the_former_types_secret_is_cleared_or_said_to_be_stale():
    change = {"authentication": "oauth", **OAUTH}
    assert plan(WORKING, change, {"oauth.client_secret": "s"}).clear == ("password",)
    made = plan(WORKING, change, {"oauth.client_secret": "s"}, clears=False)
    assert (made.clear, made.stale) == ((), ("password",))
    with pytest.raises(ConsoleError) as caught:
        plan(WORKING, change)
    assert caught.value.code in ("secret_required", "incomplete_settings")


@pytest.mark.parametrize("security", ["none", "tls", "ssl"])
@pytest.mark.parametrize("kind", ["no login", "password", "oauth"])
def test_all_nine_combinations_of_security_and_authentication_are_legitimate(security, kind):
    wanted = {"enabled": True, "host": "relay.example.org", "security": security}
    secrets = {}
    if kind == "password":
        wanted["username"], secrets = "alerts@example.org", {"password": "s"}
    if kind == "oauth":
        wanted.update(OAUTH, authentication="oauth")
        secrets = {"oauth.client_secret": "s"}
    made = plan(EMPTY, wanted, secrets)
    assert made.after["enabled"]
    assert [decision.sent for decision in made.secrets] == [True] * len(secrets)


@pytest.mark.parametrize(
    "settings, secrets, missing",
    [
        ({"host": None}, {}, "host"),
        ({"host": "h", "username": "u"}, {}, "password"),
        ({"host": "h"}, {"password": "s"}, "username"),
        (
            {"host": "h", "authentication": "oauth", **{**OAUTH, "oauth.scope": []}},
            {"oauth.client_secret": "s"},
            "oauth.scope",
        ),
        ({"host": "h", "authentication": "oauth", **OAUTH}, {}, "oauth.client_secret"),
    ],
)
def test_it_is_not_switched_on_without_what_it_needs(settings, secrets, missing):
    with pytest.raises(ConsoleError) as caught:
        plan(EMPTY, {"enabled": True, **settings}, secrets)
    assert caught.value.code == "incomplete_settings"
    assert missing in caught.value.message
    assert plan(EMPTY, {"enabled": False, **settings}, secrets).after["enabled"] is False


@pytest.mark.parametrize(
    "port, security, warned",
    [
        (465, "tls", True),
        (465, "none", True),
        (465, "ssl", False),
        (25, "ssl", True),
        (587, "ssl", True),
        (587, "tls", False),
        (25, "none", False),
        (2525, "ssl", False),
    ],
)
def test_an_unusual_pair_of_port_and_security_warns(port, security, warned):
    made = plan(EMPTY, {"port": port, "security": security})
    assert bool(made.warnings) is warned


def test_the_diff_shows_secrets_as_words():
    made = plan(WORKING, {"host": "new.example.org"}, {"password": "planted-secret"})
    diff = made.diff()
    assert diff["before"]["password"] == "unknown"
    assert diff["after"]["password"] == "sent"
    assert "planted-secret" not in repr(made)
    assert {name for name in diff["after"] if diff["after"][name] != diff["before"][name]} == {"host", "password"}


@pytest.mark.parametrize("value", ["", "***", "********", "\u2022\u2022\u2022\u2022", "$encrypted$"])
def test_a_mask_is_refused(value):
    with pytest.raises(ConsoleError) as caught:
        check_given({"password": value})
    assert caught.value.code == "invalid_option"
    assert "password" in caught.value.message


@pytest.mark.parametrize("value", ["a*b*c", "**x**", "hunter2", "*"])
def test_a_real_secret_is_not_taken_for_a_mask(value):
    check_given({"password": value})
    assert plan(WORKING, {}, {"password": value}, update_secrets="always").changed


@pytest.mark.parametrize(
    "action, other, needed", [("send_email", "service", "email"), ("custom_service", "email", "service")]
)
def test_the_alert_service_needs_what_its_action_needs(action, other, needed):
    before = {"enabled": False, "action": "send_email", "email": None, "service": None}
    stored = Stored(settings=before, facts={}, secrets={}, raw={}, version=None)
    wanted = {"enabled": True, "action": action, other: "x@example.org"}
    with pytest.raises(ConsoleError) as caught:
        make_plan(ALERT_SERVICE, stored, Wishes(settings=wanted), BOUND["alert_service"])
    assert needed in caught.value.message
    assert make_plan(
        ALERT_SERVICE, stored, Wishes(settings={**wanted, needed: "x@example.org"}), BOUND["alert_service"]
    ).changed


def test_an_option_that_the_binding_does_not_know_is_refused():
    bound = {**BOUND["alert_service"], "fields": {"enabled": {"at": ["enabled"], "kind": "boolean"}}}
    stored = Stored(settings={"enabled": False}, facts={}, secrets={}, raw={}, version=None)
    with pytest.raises(ConsoleError) as caught:
        make_plan(ALERT_SERVICE, stored, Wishes(settings={"email": "x@example.org"}), bound)
    assert caught.value.code == "not_bound"
    assert "email" in caught.value.message


def test_nest_and_flatten_are_opposites():
    flat = {"a": 1, "b.c": [2], "b.d": False}
    assert flatten(nest(flat)) == flat
    assert flatten({"a": None, "b": {"c": None}}) == {}
