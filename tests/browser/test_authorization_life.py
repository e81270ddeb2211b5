# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of an authorization: a person consents in Chromium, and 95 days later an alert still arrives."""

from __future__ import annotations

import datetime
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cai_lab.control_client import LabControl
from cai_lab.plain_client import PlainClient
from oauth.runner import CONFIGURE, PASSWORD, SECRET, Runner
from page_support.person import Person
from page_support.visitor import Visitor

DAY_S = 24 * 3600
TARGET = "agent-a"
WHO = "alerts@lab.test"


@pytest.fixture
def runner(lab: LabControl, tmp_path: Path) -> Iterator[Runner]:
    """Playbooks for one target, whose console has OAuth settings and no authorization."""
    made = Runner(lab, tmp_path / "runner", {TARGET: TARGET})
    made.variables |= made.service(authentication="oauth", oauth=made.oauth())
    (made.folder / "configure.yml").write_text(CONFIGURE)
    PlainClient(lab).admin("DELETE", "server/services/email/authorization", TARGET)
    made.run(str(made.folder / "configure.yml"))
    client = PlainClient(lab)
    suspend = {"suspendProcessesOnUncaughtFault": True}
    assert client.admin("PUT", "server/properties", TARGET, json=suspend).status_code == 200
    alert = {"enabled": True, "action": "SEND_EMAIL", "emailForAlerts": "operations@lab.test"}
    assert client.admin("PUT", "server/services/alert", TARGET, json=alert).status_code == 200
    lab.set_switches(refresh_rotation="revokes_old")
    yield made
    lab.set_clock(0)


def alerts(lab: LabControl) -> list[dict[str, Any]]:
    """Let a process fault at the target; the mail that the console sends by itself."""
    lab.clear_mailbox()
    PlainClient(lab).run("CaiCanary", TARGET)
    deadline = time.monotonic() + 30
    while not lab.mailbox() and time.monotonic() < deadline:
        time.sleep(0.05)
    return lab.mailbox()


def assert_held_by_the_console_alone(lab: LabControl, grant: str) -> None:
    """The provider's log shows no revoked grant, and nobody else's refresh of it."""
    assert {entry["agent"] for entry in lab.oauth_events(grant=grant, event="token")} == {"cai-lab-console"}
    assert lab.oauth_events(grant=grant, event="reuse_detected") == []
    assert [item["revoked"] for item in lab.oauth_grants() if item["grant"] == grant] == [False]


def test_from_the_consent_to_an_alert_after_ninety_five_days(runner: Runner, lab: LabControl, person: Person) -> None:
    person.open(TARGET)
    person.press("Authorize Access", "email")
    here = person.browser.current_url
    Visitor(person.browser).consent(here, lab.addresses["console"], WHO, PASSWORD)
    runner.run("cai.console.authorize", authorize_step="confirm")
    grant = lab.oauth_events(event="consent")[-1]["grant"]
    completed = runner.status(TARGET)["authorizationStatus"]

    lab.set_clock(80 * DAY_S)
    then = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=80)).isoformat()
    runner.run("cai.console.renew_authorizations", email_authorization_keep_alive=True, email_authorization_as_of=then)
    (mail,) = alerts(lab)
    assert mail["auth_user"] == WHO

    lab.clear_operations()
    runner.run(str(runner.folder / "configure.yml"))
    assert "changed=0" in runner.output
    assert all("oauth.clientSecret" not in entry["members"] for entry in lab.operations())
    assert SECRET not in json.dumps(lab.operations())
    assert runner.status(TARGET)["authorizationStatus"] == completed

    lab.set_clock(95 * DAY_S)
    (mail,) = alerts(lab)
    assert (mail["auth_user"], mail["recipients"]) == (WHO, ["operations@lab.test"])
    assert_held_by_the_console_alone(lab, grant)
