# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task does not say is left alone, whatever else it says; the same task again writes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from cai_lab.control_client import LabControl
from support import client, examples
from support.labs import Watch

PASSWORD = "Left-Alone-pw1"
CLIENT_SECRET = "Left-Alone-cs1"
SECRETS = {"password": PASSWORD, "oauth.client_secret": CLIENT_SECRET}
WIRE = {"password": "password", "oauth.client_secret": "oauth.clientSecret"}
ROWS = [
    (service, path)
    for service in client.SERVICES.values()
    for path in client.option_paths(service)
    if path not in SECRETS
]


def without(settings: dict[str, Any], path: str) -> dict[str, Any]:
    """The settings without the one at a dotted path."""
    head, _dot, rest = path.partition(".")
    if rest:
        return {**settings, head: without(settings[head], rest)}
    return {name: value for name, value in settings.items() if name != head}


def set_everything(service: str, link: dict[str, Any], target: str, authentication: str) -> None:
    """Bring a service to a state in which every option has a value, and the secret in use is stored."""
    full = dict(examples.FULL[service])
    if service == "email_service":
        full |= {"authentication": authentication, "password": PASSWORD}
        full["oauth"] = {**full["oauth"], "client_secret": CLIENT_SECRET}
    client.done(service, link, target=target, **full)


def others(service: str) -> dict[str, Any]:
    """Another value for every option; no secret, so that accepting its use elsewhere has to be said."""
    more = {"reuse_stored_secret": True} if client.SERVICES[service].secrets else {}
    return {**examples.OTHER[service], **more}


def test_the_table_knows_every_option() -> None:
    for name, service in client.SERVICES.items():
        full, other = examples.flat(examples.FULL[name]), examples.flat(examples.OTHER[name])
        assert set(full) | set(SECRETS) >= set(client.option_paths(service)) >= set(full)
        assert set(full) - set(other) <= {"authentication"}
        assert all(full[path] != value for path, value in other.items())


@pytest.mark.parametrize(("service", "option"), [(service.name, path) for service, path in ROWS])
def test_an_option_that_is_left_out_keeps_its_stored_value(
    service: str, option: str, fresh: Any, link: dict[str, Any], watch: Watch
) -> None:
    target = fresh()
    set_everything(service, link, target, "password")
    before = client.stored(service, link, target)
    wanted = without(others(service), option)
    result = client.done(service, link, target=target, **wanted)
    after = client.stored(service, link, target)
    assert before[option] == examples.flat(examples.FULL[service])[option]
    assert after == {**before, **{path: v for path, v in examples.flat(wanted).items() if path in before}}
    assert after[option] == before[option]
    assert result["changed"] is (len(examples.flat(examples.FULL[service])) > 1)
    watch.restart()
    assert client.done(service, link, target=target, **wanted)["changed"] is False
    assert watch.writes() == []


@pytest.mark.parametrize(("secret", "authentication"), [("password", "password"), ("oauth.client_secret", "oauth")])
def test_a_secret_that_is_left_out_stays_stored(
    secret: str, authentication: str, fresh: Any, link: dict[str, Any], lab: LabControl, watch: Watch
) -> None:
    target = fresh()
    set_everything("email_service", link, target, authentication)
    watch.restart()
    client.done("email_service", link, target=target, **others("email_service"))
    assert lab.secret(target, WIRE[secret], SECRETS[secret]) == {"set": True, "equal": True}
    assert [WIRE[secret] in entry["members"] for entry in watch.writes()] == [False]


@pytest.mark.parametrize("service", client.SERVICES)
def test_a_task_that_says_nothing_changes_nothing(service: str, fresh: Any, link: dict[str, Any], watch: Watch) -> None:
    target = fresh()
    set_everything(service, link, target, "password")
    watch.restart()
    assert client.done(service, link, target=target)["changed"] is False
    watch.assert_untouched()


@pytest.mark.parametrize("service", client.SERVICES)
def test_the_same_task_again_writes_nothing(service: str, fresh: Any, link: dict[str, Any], watch: Watch) -> None:
    target = fresh()
    set_everything(service, link, target, "password")
    assert len(watch.writes()) == 1
    watch.restart()
    set_everything(service, link, target, "password")
    watch.assert_untouched()


@pytest.mark.parametrize("service", client.SERVICES)
def test_no_option_of_remote_state_has_a_default(service: str) -> None:
    """A default would flip what somebody has set, whenever the option is left out."""
    for spec in client.SERVICES[service].options.values():
        assert not {"default", "required", "fallback"} & set(spec)
        for inner in spec.get("options", {}).values():
            assert not {"default", "required", "fallback"} & set(inner)


def test_members_that_no_option_names_are_passed_back(fresh: Any, link: dict[str, Any], hand: Any) -> None:
    target = fresh()
    hand.set_email(target, replyTo={"name": "Ops", "list": [1, None]})
    hand.set_alert(target, quietHours="22-06")
    hand.set_properties(target, loggingLevel="full", newProperty=7)
    for service in client.SERVICES:
        assert client.done(service, link, target=target, **examples.OTHER[service])["changed"] is (
            service != "server_properties"
        )
    client.done("server_properties", link, target=target, suspend_on_uncaught_fault=True)
    assert hand.email(target)["replyTo"] == {"name": "Ops", "list": [1, None]}
    assert hand.call("GET", target, "/server/services/alert")["quietHours"] == "22-06"
    kept = hand.call("GET", target, "/server/properties")
    assert (kept["loggingLevel"], kept["newProperty"]) == ("full", 7)
