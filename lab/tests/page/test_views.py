# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The other views, targets that cannot be reached, rights, names that look like markup."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from cai_lab.control_client import LabControl
from cai_lab.fleet import PARENT, SUB, Fleet
from cai_lab.page.targets import Targets
from cai_lab.plain_client import PlainClient

MARKUP = "<b>Zürich\"&'"
SAFE = ("&lt;b&gt;Zürich", "<b>Z")


def test_the_drop_down_has_the_targets_that_the_organisation_sees(lab: LabControl, visitor: Any) -> None:
    page = visitor.services("agent-b").text
    for target in lab.targets():
        assert f'value="{target["id"]}"' in page
    assert page.count(" selected>") == 1
    assert f'value="{lab.target("agent-b")["id"]}" selected' in page
    assert "agent-plain" not in page
    assert "agent-stopped (stopped)" in page
    assert "shared-eu (shared by Lab Parent)" in page
    assert f'value="{lab.target("agent-b")["id"]}"' not in Targets(Fleet()).options(PARENT, "cloud")


def test_new_agents_are_in_the_drop_down(lab: LabControl, visitor: Any) -> None:
    assert "bulk-0001" not in visitor.services().text
    lab.add_agents(1)
    assert "bulk-0001" in visitor.services().text


def test_names_of_targets_are_no_markup() -> None:
    fleet = Fleet()
    fleet._alone(MARKUP)
    options = Targets(fleet).options(SUB, "cloud")
    assert SAFE[0] in options
    assert SAFE[1] not in options


def test_names_and_values_are_no_markup(lab: LabControl, visitor: Any, robot: PlainClient, eventually: Any) -> None:
    lab.deploy("agent-a", MARKUP)
    robot.admin("PUT", "server/services/email", "agent-a", json={"hostName": MARKUP, "userName": MARKUP})
    robot.admin("PUT", "server/services/alert", "agent-a", json={"service": MARKUP, "emailForAlerts": MARKUP})
    robot.admin("PUT", "server/properties", "agent-a", json={"loggingLevel": MARKUP})
    visitor.services("agent-a")
    identifier = lab.target("agent-a")["id"]
    refused = visitor.send("/console/services/email", port=MARKUP)
    pages = [visitor.services("agent-a"), visitor.get("/console/log", target=identifier, service=MARKUP), refused]
    for page in pages:
        assert SAFE[1] not in page.text
    assert pages[0].text.count(SAFE[0]) == 6
    assert visitor.get("/console/services", target=MARKUP).status_code == 404
    assert SAFE[1] not in visitor.last.text


@pytest.mark.parametrize(
    ("target", "words"),
    [("agent-stopped", "The process server is not running."), ("agent-unreachable", "The agent did not answer.")],
)
@pytest.mark.parametrize("view", ["services", "log", "processes"])
def test_a_target_that_does_not_answer_says_so(
    lab: LabControl, visitor: Any, target: str, words: str, view: str
) -> None:
    page = visitor.get(f"/console/{view}", target=lab.target(target)["id"]).text
    assert page.count(words) == 1
    assert 'action="/console/services/email"' not in page


def test_a_viewer_sees_why_and_cannot_save(lab: LabControl, guests: Callable[[], Any], visitor: Any) -> None:
    viewer = guests()
    viewer.sign_in("viewer@lab.test")
    page = viewer.services().text
    assert page.count("The privilege Console Administration is needed.") == 1
    assert 'action="/console/services/email"' not in page
    visitor.services()
    form = {**visitor.form("/console/services/email"), "token": viewer.form("/console/sign-out")["token"]}
    before = lab.state()["hash"]
    answer = viewer.post("/console/services/email", {**form, "host": "viewers.test"})
    assert answer.status_code == 403
    assert "The privilege Console Administration is needed." in answer.text
    assert lab.state()["hash"] == before


def test_a_shared_group_is_read_here_and_changed_by_its_owner(lab: LabControl, visitor: Any) -> None:
    page = visitor.services("shared-eu").text
    assert "This group is shared by Lab Parent." in page
    answer = visitor.send("/console/services/alert", enabled="on")
    assert answer.status_code == 403
    assert "A shared group is changed by its owner only." in answer.text


def test_a_fault_of_one_service_leaves_the_others(lab: LabControl, visitor: Any) -> None:
    lab.set_faults({"listener": "page", "path": "alert$", "status": 500, "times": None})
    page = visitor.services().text
    assert page.count("A planned fault.") == 1
    assert 'action="/console/services/email"' in page
    assert 'action="/console/services/alert"' not in page


def test_a_lost_answer_is_not_called_a_failure(lab: LabControl, visitor: Any) -> None:
    visitor.services()
    lab.set_faults({"listener": "page", "method": "PUT", "path": "alert$", "truncate": True})
    answer = visitor.send("/console/services/alert", email="ops@lab.test")
    assert answer.status_code == 502
    assert "Perhaps not saved" in answer.text


def test_the_canary_runs_and_can_be_ended(lab: LabControl, visitor: Any, robot: PlainClient) -> None:
    robot.admin("PUT", "server/properties", "agent-b", json={"suspendProcessesOnUncaughtFault": True})
    identifier = lab.target("agent-b")["id"]
    visitor.get("/console/processes", target=identifier)
    answer = visitor.send("/console/processes/run")
    process = robot.admin("GET", "processes/", "agent-b").json()["process"][0]
    assert f"Process {process['processId']} has run." in answer.text
    assert "It is suspended now." in answer.text
    assert "20 of " in answer.text
    form = {**visitor.form("/console/processes/terminate"), "process": process["processId"]}
    visitor.post("/console/processes/terminate", form)
    assert robot.admin("GET", "processes/", "agent-b").json()["process"][0]["processState"] == "TERMINATED"
    answer = visitor.post("/console/processes/terminate", form)
    assert answer.status_code == 409
    assert "The process has ended." in answer.text
    ran = lab.operations(listener="page", mutates=True, target=identifier)
    assert [entry["operation"] for entry in ran] == ["run_process", "terminate_process", "terminate_process"]


def test_the_log_by_service(lab: LabControl, visitor: Any, robot: PlainClient) -> None:
    robot.admin("PUT", "server/services/alert", "cluster-east", json={})
    robot.admin("PUT", "server/services/email", "cluster-east", json={})
    identifier = lab.target("cluster-east")["id"]
    everything = visitor.get("/console/log", target=identifier).text
    assert everything.index("Email Service configuration") < everything.index("Alert Service configuration")
    alert = visitor.get("/console/log", target=identifier, service="Alert").text
    assert "Alert Service configuration was saved by robot@lab.test." in alert
    assert "Email Service configuration" not in alert
    assert "service must be one of" in visitor.get("/console/log", target=identifier, service="Other").text


def test_the_mailbox_shows_what_arrived(lab: LabControl, visitor: Any, robot: PlainClient, email: Any) -> None:
    assert "No mail has arrived yet." in visitor.get("/console/mailbox").text
    sent = {"configuration": email, "recipient": "reports@lab.test"}
    robot.admin("POST", "server/services/email/test", "Agent Zürich 3", json=sent)
    page = visitor.get("/console/mailbox").text
    assert "Test of the email service of Agent Zürich 3" in page
    assert "alerts@lab.test → reports@lab.test" in page


def test_the_foot_says_what_is_assumed(visitor: Any) -> None:
    page = visitor.services().text
    assert "Modelled on the vendor's description; not the vendor's page." in page
    assert "Assumed here:" in page
