# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles, and the playbook that a newcomer runs first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from cai_lab.control_client import LabControl
from support import client
from support.hand import Hand
from support.labs import SENDER, Watch, mail_password
from support.patience import eventually
from support.play import Player, Run

DISCOVERY = {"sign_in", "sign_out", "list_agent_details", "list_runtime_environments", "read_organisation"}
SERVICES = ("server_properties", "email_service", "alert_service")
RECIPIENT = "operations@lab.test"


def variables(lab: LabControl, link: dict[str, Any]) -> dict[str, Any]:
    """What a user of the quickstart sets."""
    return {
        **{f"cai_{name}": value for name, value in link.items()},
        "fault_alerts_suspend_on_uncaught_fault": True,
        "fault_alerts_enabled": True,
        "fault_alerts_action": "send_email",
        "fault_alerts_email": RECIPIENT,
        "email_service_enabled": True,
        "email_service_host": "localhost",
        "email_service_port": lab.addresses["smtp"]["starttls_port"],
        "email_service_security": "tls",
        "email_service_authentication": "password",
        "email_service_username": SENDER,
        "email_service_password": mail_password(lab),
    }


def asked_of(watch: Watch, target: str) -> list[str]:
    """What was asked of a target, in order, sign-ins and discovery aside."""
    return [name for name in watch.names(target=target) if name not in DISCOVERY]


def quickstart(play: Player, lab: LabControl, link: dict[str, Any], targets: list[str], changed: bool) -> Run:
    """Run the quickstart on targets; each task must succeed, and change something or not as said."""
    hosts = {f"host-{number}": {"cai_target_id": target} for number, target in enumerate(targets)}
    run = play.playbook("cai.console.quickstart", hosts=hosts, variables=variables(lab, link))
    outcomes = [(row.status, row.result["changed"]) for row in run.of_collection()]
    assert outcomes == [("ok", changed)] * len(targets)
    return run


def role(name: str, **keywords: Any) -> dict[str, Any]:
    """A task that runs a role."""
    return {"name": f"role {name}", "ansible.builtin.include_role": {"name": f"cai.console.{name}"}, **keywords}


def test_the_quickstart_needs_three_requests_for_each_change_and_one_when_nothing_changes(
    play: Player, lab: LabControl, link: dict[str, Any], fresh: Callable[[], str], hand: Hand
) -> None:
    targets = [fresh() for _number in range(4)]
    watch = Watch(lab)
    first = quickstart(play, lab, link, targets, True)
    planned = [f"read_{service}" for service in SERVICES]
    changed = planned + [f"{verb}_{service}" for service in SERVICES for verb in ("write", "read")]
    assert [asked_of(watch, hand.id_of(target)) for target in targets] == [changed] * 4
    assert set(watch.names()) <= DISCOVERY | set(changed)
    sign_ins, sign_outs = watch.operations(operation="sign_in"), watch.operations(operation="sign_out")
    assert len(first.of_collection()) == len(targets)
    assert len(sign_ins) == len(sign_outs) == 1
    watch.restart()
    quickstart(play, lab, link, targets, False)
    assert [asked_of(watch, hand.id_of(target)) for target in targets] == [[f"read_{name}" for name in SERVICES]] * 4
    watch.assert_untouched()


def test_after_the_quickstart_a_fault_of_each_target_reaches_the_mailbox(
    play: Player, lab: LabControl, link: dict[str, Any], fresh: Callable[[], str], hand: Hand
) -> None:
    targets = [fresh(), fresh()]
    quickstart(play, lab, link, targets, True)
    lab.clear_mailbox()
    for target in targets:
        hand.run_canary(target)
    mails = eventually(lambda: len(lab.mailbox()) == len(targets) and lab.mailbox())
    assert {target for target in targets for mail in mails if target in mail["subject"]} == set(targets)
    assert {(mail["sender"], *mail["recipients"]) for mail in mails} == {(SENDER, RECIPIENT)}


def test_the_quickstart_takes_hosts_by_a_pattern(
    play: Player, lab: LabControl, link: dict[str, Any], fresh: Callable[[], str]
) -> None:
    """A play's hosts see extra variables only."""
    wanted = variables(lab, link)
    one, other = fresh(), fresh()
    hosts = {"here": {"cai_target_id": one}, "there": {"cai_target_id": other}}
    run = play.playbook("cai.console.quickstart", hosts=hosts, variables=wanted, options=["-e", "cai_targets=here"])
    assert {row.host for row in run.of_collection()} == {"here"}


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("email_service", {"email_service_port": "many"}),
        ("email_service", {"email_service_security": "starttls"}),
        ("email_service", {"email_service_oauth": {"scopes": ["a"]}}),
        ("fault_alerts", {"fault_alerts_enabled": "perhaps"}),
        ("fault_alerts", {"fault_alerts_action": "call"}),
        ("fault_alerts", {"email_service_port": "many"}),
    ],
)
def test_a_wrong_type_is_refused_before_the_role_does_anything(
    name: str, wrong: dict[str, Any], play: Player, watch: Watch
) -> None:
    run = play([role(name)], variables=wrong, exit_code=2)
    (failed,) = [row for row in run.rows if row.status == "failed"]
    assert failed.action == "ansible.builtin.validate_argument_spec"
    assert any(str(part) in str(failed.result) for part in wrong)
    assert watch.operations() == []


@pytest.mark.parametrize("name", ["email_service", "fault_alerts"])
def test_a_role_without_variables_changes_nothing(
    name: str, play: Player, fresh: Callable[[], str], watch: Watch
) -> None:
    target = fresh()
    watch.restart()
    assert {row.result["changed"] for row in play([role(name)], hosts=[target]).of_collection()} == {False}
    watch.assert_untouched()


def test_every_option_of_the_module_has_its_variable(
    play: Player, fresh: Callable[[], str], lab: LabControl, link: dict[str, Any]
) -> None:
    target = fresh()
    wanted = {
        "email_service_enabled": False,
        "email_service_host": "smtp.example.org",
        "email_service_port": 2531,
        "email_service_authentication": "oauth",
        "email_service_username": "alerts@example.org",
        "email_service_password": "Unused-pw1",
        "email_service_security": "ssl",
        "email_service_oauth": {
            "authorization_url": "https://a.example.org",
            "token_url": "https://t.example.org",
            "client_id": "c",
            "client_secret": "Role-cs1",
            "scope": ["s"],
        },
        "email_service_update_secrets": "always",
        "email_service_reuse_stored_secret": False,
    }
    (row,) = play([role("email_service")], hosts=[target], variables=wanted).of_collection()
    assert row.result["email_service"] == {
        "enabled": False,
        "host": "smtp.example.org",
        "port": 2531,
        "authentication": "oauth",
        "username": "alerts@example.org",
        "security": "ssl",
        "oauth": {
            "authorization_url": "https://a.example.org",
            "token_url": "https://t.example.org",
            "client_id": "c",
            "scope": ["s"],
        },
    }
    assert lab.secret(target, "oauth.clientSecret", "Role-cs1")["equal"]
    named = {name.removeprefix("email_service_") for name in wanted}
    assert named == set(client.SERVICES["email_service"].options) | {"update_secrets", "reuse_stored_secret"}


@pytest.mark.parametrize("asked", [None, True, False])
def test_the_property_is_left_alone_unless_asked_for(
    asked: bool | None, play: Player, fresh: Callable[[], str], hand: Hand, lab: LabControl
) -> None:
    target = fresh()
    before = asked is not True
    hand.set_properties(target, suspendProcessesOnUncaughtFault=before)
    wanted = {} if asked is None else {"fault_alerts_suspend_on_uncaught_fault": asked}
    watch = Watch(lab)
    play([role("fault_alerts")], hosts=[target], variables={**wanted, "fault_alerts_email": RECIPIENT})
    touched = [name for name in watch.names() if "server_properties" in name]
    stored = hand.call("GET", target, "/server/properties")["suspendProcessesOnUncaughtFault"]
    assert stored is (before if asked is None else asked)
    assert bool(touched) is (asked is not None)


def test_alerts_by_a_service_of_ones_own_leave_the_email_service_alone(
    play: Player, fresh: Callable[[], str], lab: LabControl
) -> None:
    target = fresh()
    lab.deploy(target, "AlertHandler")
    wanted = {
        "fault_alerts_enabled": True,
        "fault_alerts_action": "custom_service",
        "fault_alerts_service": "AlertHandler",
        "email_service_port": 2532,
    }
    watch = Watch(lab)
    run = play([role("fault_alerts")], hosts=[target], variables=wanted)
    assert [row.result["changed"] for row in run.of_collection() if row.status == "ok"] == [True]
    assert [name for name in watch.names() if "email" in name] == []
