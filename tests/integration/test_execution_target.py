# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All services of a target in one task: planned together, applied in the right order, refused as a whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from cai_lab.control_client import LabControl
from support import client
from support.labs import Watch
from support.labs import email_that_sends as email

MAIL_ALERT = {"enabled": True, "action": "send_email", "email": "operations@lab.test"}
CUSTOM_ALERT = {"enabled": True, "action": "custom_service", "service": "AlertHandler"}
SUSPEND = {"suspend_on_uncaught_fault": True}
ON_CREATE_ORDER = ["write_server_properties", "write_email_service", "write_alert_service"]


def everything(lab: LabControl) -> dict[str, Any]:
    """Return the three services."""
    return {"server_properties": SUSPEND, "email_service": email(lab), "alert_service": MAIL_ALERT}


def test_everything_at_once_in_order_and_then_nothing(
    lab: LabControl, fresh: Callable[[], str], link: dict[str, Any], watch: Watch
) -> None:
    target = fresh()
    watch.restart()
    first = client.done("execution_target", link, target=target, **everything(lab))
    assert watch.names(mutates=True) == ON_CREATE_ORDER
    assert [name for name in watch.names() if name.startswith("read_") and "organisation" not in name] == [
        "read_server_properties",
        "read_email_service",
        "read_alert_service",
        "read_server_properties",
        "read_email_service",
        "read_alert_service",
    ]
    assert first["state_left"] == dict.fromkeys(("server_properties", "email_service", "alert_service"), "saved")
    watch.restart()
    second = client.done("execution_target", link, target=target, **everything(lab))
    assert (second["changed"], watch.writes()) == (False, [])


def test_check_mode_predicts_all_of_it(
    lab: LabControl, fresh: Callable[[], str], link: dict[str, Any], watch: Watch
) -> None:
    target = fresh()
    watch.restart()
    predicted = client.run("execution_target", link, check=True, target=target, **everything(lab))
    watch.assert_untouched()
    real = client.done("execution_target", link, target=target, **everything(lab))
    same = ("changed", "diff", "server_properties", "email_service", "alert_service", "secrets", "why")
    assert {name: predicted[name] for name in same} == {name: real[name] for name in same}


@pytest.mark.parametrize("check", [True, False])
def test_alerts_by_mail_need_an_email_service_that_is_on(
    check: bool, lab: LabControl, fresh: Callable[[], str], link: dict[str, Any], watch: Watch
) -> None:
    target = fresh()
    for wish in ({}, {"email_service": {"enabled": False}}):
        watch.restart()
        result = client.run("execution_target", link, check=check, target=target, alert_service=MAIL_ALERT, **wish)
        assert result["error"]["code"] == "email_service_off"
        watch.assert_untouched()


def test_the_email_service_is_not_switched_off_under_an_alert_by_mail(
    lab: LabControl, fresh: Callable[[], str], link: dict[str, Any], watch: Watch
) -> None:
    target = fresh()
    client.done("execution_target", link, target=target, **everything(lab))
    watch.restart()
    off = {"email_service": {"enabled": False}}
    assert client.run("execution_target", link, target=target, **off)["error"]["code"] == "email_service_off"
    watch.assert_untouched()
    client.done("execution_target", link, target=target, alert_service={"enabled": False}, **off)
    assert watch.names(mutates=True) == ["write_alert_service", "write_email_service"]


def test_a_custom_service_needs_no_mail(lab: LabControl, fresh: Callable[[], str], link: dict[str, Any]) -> None:
    result = client.done(
        "execution_target", link, target=fresh(), alert_service=CUSTOM_ALERT, server_properties=SUSPEND
    )
    assert result["changed"] is True
    assert result["warnings"] == []


@pytest.mark.parametrize("check", [True, False])
def test_suspension_off_is_a_warning_or_an_error(
    check: bool, lab: LabControl, fresh: Callable[[], str], link: dict[str, Any], watch: Watch
) -> None:
    target = fresh()
    watch.restart()
    options = {"target": target, "alert_service": CUSTOM_ALERT}
    refused = client.run("execution_target", link, check=check, require_suspend=True, **options)
    assert refused["error"]["code"] == "suspend_off"
    watch.assert_untouched()
    warned = client.run("execution_target", link, check=check, **options)
    assert not warned.get("failed")
    assert any("not suspended" in warning for warning in warned["warnings"])


def test_what_is_left_out_is_not_touched(
    lab: LabControl, fresh: Callable[[], str], link: dict[str, Any], watch: Watch
) -> None:
    target = fresh()
    watch.restart()
    result = client.done("execution_target", link, target=target, email_service=email(lab), alert_service={})
    assert watch.names(mutates=True) == ["write_email_service"]
    assert set(result["state_left"]) == {"email_service"}


def test_a_failure_in_the_middle_says_what_was_saved(
    lab: LabControl, fresh: Callable[[], str], link: dict[str, Any]
) -> None:
    target = fresh()
    lab.set_faults({"method": "PUT", "path": ".*/services/alert$", "status": 500, "times": 1})
    result = client.run("execution_target", link, target=target, **everything(lab))
    assert result["error"]["code"] == "console_error"
    assert result["changed"] is True
    assert result["state_left"] == {
        "server_properties": "saved",
        "email_service": "saved",
        "alert_service": "unchanged",
    }
    assert client.done("execution_target", link, target=target, **everything(lab))["state_left"] == {
        "server_properties": "unchanged",
        "email_service": "unchanged",
        "alert_service": "saved",
    }
