# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor says which binding fits, and proves a write without changing anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from cai_lab.control_client import LabControl
from support import client, dialects
from support.labs import SENDER, Watch, mail_password


@pytest.fixture
def configured(lab: LabControl, link: dict[str, Any], fresh: Callable[[], str]) -> str:
    """An agent whose Email Service works."""
    target, smtp = fresh(), lab.addresses["smtp"]
    mail = {"enabled": True, "host": smtp["host"], "port": smtp["starttls_port"], "security": "tls", "username": SENDER}
    client.done("email_service", link, target=target, **mail, password=mail_password(lab))
    return target


def verdict(result: dict[str, Any], check: str) -> dict[str, Any]:
    """The only finding of a check."""
    found = [finding for finding in result["findings"] if finding["check"] == check]
    assert len(found) == 1
    return dict(found[0])


def test_each_binding_is_tried_by_reading(link: dict[str, Any], watch: Watch) -> None:
    broken = dialects.text_of("form").replace("/services", "/nowhere")
    given = [dialects.text_of("tree"), broken]
    result = client.done("console_doctor", link, bindings=given)
    said = {
        row["message"].split("the binding ")[1].split()[0]: row
        for row in result["findings"]
        if row["check"] == "bindings"
    }
    assert {name: row["verdict"] for name, row in said.items()} == {
        "activebpel_admin": "ok",
        "lab": "ok",
        "tree": "ok",
        "form": "warning",
    }
    assert watch.writes() == []


@pytest.mark.parametrize("name", ["lab", *dialects.NAMES])
def test_a_write_of_what_is_there_changes_nothing(
    name: str, configured: str, link: dict[str, Any], lab: LabControl, watch: Watch
) -> None:
    spoken = {**link, "console_binding": "lab" if name == "lab" else dialects.text_of(name)}
    before = client.stored("email_service", link, configured)
    watch.restart()
    result = client.run("console_doctor", spoken, targets=[configured], write=True)
    assert verdict(result, "write")["verdict"] == "failed"
    assert "write_password" in verdict(result, "write")["remedy"]
    assert watch.writes() == []
    again = client.done("console_doctor", spoken, targets=[configured], write=True, write_password=mail_password(lab))
    assert verdict(again, "write")["verdict"] == "ok"
    assert client.stored("email_service", link, configured) == before
    tested = client.done("email_service", link, target=configured, test="after", test_when="always")
    assert all(row["ok"] for row in tested["test_results"]), "the stored password still logs in"


def test_a_write_needs_one_target(link: dict[str, Any], watch: Watch) -> None:
    result = client.run("console_doctor", link, write=True)
    assert result["error"]["code"] == "invalid_option"
    assert watch.operations() == []


def test_nothing_is_written_in_check_mode(configured: str, link: dict[str, Any], lab: LabControl, watch: Watch) -> None:
    watch.restart()
    asked = {"targets": [configured], "write": True, "write_password": mail_password(lab)}
    result = client.run("console_doctor", link, check=True, **asked)
    assert verdict(result, "write")["verdict"] == "skipped"
    assert watch.writes() == []
