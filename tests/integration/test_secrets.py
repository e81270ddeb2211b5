# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stored secrets survive what does not concern them, and travel only when they must."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from cai_lab.control_client import LabControl
from support import client, examples
from support.hand import Hand
from support.labs import SENDER, Watch, mail_password
from support.play import Player

RECIPIENT = "operations@lab.test"
SHOWN = ("omitted", "null", "masked", "encrypted")


def working(lab: LabControl, **more: Any) -> dict[str, Any]:
    """Members of an email service that really sends mail."""
    return {
        "enabled": True,
        "hostName": "localhost",
        "port": lab.addresses["smtp"]["starttls_port"],
        "security": "TLS",
        "authenticationType": "PASSWORD",
        "userName": SENDER,
        "password": mail_password(lab),
        **more,
    }


@pytest.mark.parametrize("shown", SHOWN)
def test_the_stored_password_still_signs_in_after_an_unrelated_change(
    shown: str, lab: LabControl, fresh: Callable[[], str], hand: Hand, link: dict[str, Any], watch: Watch
) -> None:
    """B2: however the console shows the secret, what it shows is never written back."""
    target = fresh()
    hand.set_email(target, **working(lab))
    lab.set_switches(secret_on_read=shown)
    watch.restart()
    assert client.done("email_service", link, target=target, oauth={"client_id": shown})["changed"] is True
    assert ["password" in entry["members"] for entry in watch.writes()] == [False]
    lab.clear_mailbox()
    tested = hand.test_email(target, RECIPIENT)
    assert tested["ok"], tested
    assert [message["auth_user"] for message in lab.mailbox()] == [SENDER]


@pytest.mark.parametrize("shown", SHOWN)
def test_the_stored_client_secret_stays_after_an_unrelated_change(
    shown: str, lab: LabControl, fresh: Callable[[], str], link: dict[str, Any], watch: Watch
) -> None:
    target = fresh()
    oauth = {**examples.OAUTH, "client_secret": "Client-Secret-1"}
    client.done("email_service", link, target=target, **{**examples.EMAIL, "authentication": "oauth", "oauth": oauth})
    lab.set_switches(secret_on_read=shown)
    watch.restart()
    client.done("email_service", link, target=target, oauth={"scope": ["other"]})
    assert ["oauth.clientSecret" in entry["members"] for entry in watch.writes()] == [False]
    assert lab.secret(target, "oauth.clientSecret", "Client-Secret-1")["equal"]


def test_changing_only_the_secret_is_a_change_in_both_modes(
    lab: LabControl, fresh: Callable[[], str], link: dict[str, Any]
) -> None:
    target = fresh()
    client.done("email_service", link, target=target, password="First-pw1", **examples.EMAIL)
    rotate = {"target": target, "password": "Second-pw2", "update_secrets": "always"}
    assert client.run("email_service", link, check=True, **rotate)["changed"] is True
    assert lab.secret(target, "password", "First-pw1")["equal"]
    result = client.done("email_service", link, **rotate)
    assert result["secrets"] == [{"name": "password", "sent": True, "reason": "always"}]
    assert lab.secret(target, "password", "Second-pw2")["equal"]


@pytest.mark.parametrize("change", [{"enabled": False}, {"oauth": {"client_id": "other"}}])
def test_on_create_does_not_send_the_secret_again_with_other_changes(
    change: dict[str, Any], fresh: Callable[[], str], link: dict[str, Any], watch: Watch
) -> None:
    """B7."""
    target = fresh()
    client.done("email_service", link, target=target, password="First-pw1", **examples.EMAIL)
    watch.restart()
    settings = {"password": "First-pw1", "update_secrets": "on_create", **examples.EMAIL, **change}
    result = client.done("email_service", link, target=target, **settings)
    assert result["changed"] is True
    assert result["secrets"] == [{"name": "password", "sent": False, "reason": "unknown"}]
    assert [entry["members"] for entry in watch.writes() if "password" in entry["members"]] == []
    assert len(watch.writes()) == 1


@pytest.mark.parametrize("shown", ["masked", "encrypted"])
def test_on_create_sends_a_secret_that_the_console_calls_unset_or_that_is_switched_on(
    shown: str, lab: LabControl, fresh: Callable[[], str], hand: Hand, link: dict[str, Any]
) -> None:
    target = fresh()
    hand.set_email(target, **working(lab, enabled=False, password=None))
    lab.set_switches(secret_on_read=shown)
    wish = {"target": target, "password": mail_password(lab), "enabled": True, "update_secrets": "on_create"}
    result = client.done("email_service", link, **wish)
    assert result["secrets"][0]["sent"] is True
    assert lab.secret(target, "password", mail_password(lab))["equal"]
    again = client.done("email_service", link, **wish)
    assert (again["changed"], again["secrets"][0]["reason"]) == (False, "already_set")


@pytest.mark.parametrize("policy", ["on_create", "always"])
def test_a_change_of_the_server_sends_the_secret_or_is_refused(
    policy: str, play: Player, fresh: Callable[[], str], link: dict[str, Any], lab: LabControl, watch: Watch
) -> None:
    target = fresh()
    client.done("email_service", link, target=target, password="First-pw1", **examples.EMAIL)
    watch.restart()
    args = {"host": "rogue.example.org", "update_secrets": policy}
    run = play([{"name": "move", "cai.console.email_service": args}], hosts=[target], exit_code=2)
    assert run.one("move").code == "secret_required"
    assert "host" in run.one("move").result["msg"]
    watch.assert_untouched()
    moved = client.done("email_service", link, target=target, password="Second-pw2", **args)
    assert moved["secrets"][0]["sent"] is True
    assert lab.secret(target, "password", "Second-pw2")["equal"]


def test_the_former_types_secret_does_not_stay_behind(
    lab: LabControl, fresh: Callable[[], str], link: dict[str, Any]
) -> None:
    target = fresh()
    client.done("email_service", link, target=target, password="First-pw1", **examples.EMAIL)
    oauth = {**examples.OAUTH, "client_secret": "Client-Secret-1"}
    client.done("email_service", link, target=target, authentication="oauth", oauth=oauth)
    assert lab.secret(target, "password", "First-pw1") == {"set": False, "equal": False}
    assert lab.secret(target, "oauth.clientSecret", "Client-Secret-1")["equal"]
