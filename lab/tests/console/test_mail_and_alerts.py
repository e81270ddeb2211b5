# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The console's own test, the canary, alerts by mail and by a custom service: with real mail and real calls."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cai_lab.control_client import LabControl, LabError
from cai_lab.plain_client import PlainClient

EMAIL, ALERT, PROPERTIES = "server/services/email", "server/services/alert", "server/properties"
DETAILS = {
    "processId", "processName", "processNamespace", "processInitiator", "faultName", "faultNamespace",
    "faultDetails", "locationPath", "status",
}  # fmt: skip
Eventually = Callable[[Callable[[], Any]], Any]


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[Any]]]:
    """A real HTTP service: its address, and the JSON bodies that it got."""
    got: list[Any] = []

    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(500 if self.path == "/broken" else 200)
            self.end_headers()
            self.wfile.write(b"taken")

        def log_message(self, *words: object) -> None:
            """Quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", got
    server.shutdown()
    thread.join()
    server.server_close()


def arm(robot: PlainClient, target: str, alert: dict[str, Any]) -> None:
    """Let processes of a target be suspended, and the alert service react."""
    assert robot.admin("PUT", PROPERTIES, target, json={"suspendProcessesOnUncaughtFault": True}).status_code == 200
    assert robot.admin("PUT", ALERT, target, json={"enabled": True, **alert}).status_code == 200


def row(robot: PlainClient, target: str, identifier: str) -> dict[str, Any]:
    (found,) = robot.admin("GET", f"processes/?processId={identifier}", target).json()["process"]
    return dict(found)


@pytest.mark.parametrize(("security", "port"), [("TLS", "starttls_port"), ("SSL", "tls_port")])
def test_the_test_sends_real_mail_and_stores_nothing(
    lab: LabControl, robot: PlainClient, email: dict[str, Any], security: str, port: str
) -> None:
    before = lab.state()["hash"]
    candidate = {**email, "security": security, "port": lab.addresses["smtp"][port]}
    body = {"configuration": candidate, "recipient": "reports@lab.test"}
    reply = robot.admin("POST", f"{EMAIL}/test", "agent-a", json=body).json()
    assert (reply["ok"], reply["stage"], reply["code"]) == (True, None, 250)
    (message,) = lab.mailbox()
    assert (message["tls"], message["auth_user"]) == (True, "alerts@lab.test")
    assert message["received_by"] == f"127.0.0.1:{candidate['port']}"
    assert lab.state()["hash"] == before


def test_a_candidate_without_password_uses_the_stored_one(
    lab: LabControl, robot: PlainClient, email: dict[str, Any]
) -> None:
    robot.admin("PUT", EMAIL, json=email)
    del email["password"]
    assert robot.admin("POST", f"{EMAIL}/test", json={"configuration": email}).json()["ok"] is True
    assert robot.admin("POST", f"{EMAIL}/test").json()["ok"] is True
    assert len(lab.mailbox()) == 2


@pytest.mark.parametrize(
    ("change", "stage", "code"),
    [
        ({"password": "wrong"}, "auth", 535),
        ({"hostName": None}, "configuration", None),
        ({"authenticationType": "OAUTH"}, "authorization", None),
    ],
)
def test_a_failed_test_names_its_stage(
    robot: PlainClient, email: dict[str, Any], change: dict[str, Any], stage: str, code: int | None
) -> None:
    reply = robot.admin("POST", f"{EMAIL}/test", json={"configuration": {**email, **change}}).json()
    assert (reply["ok"], reply["stage"], reply["code"]) == (False, stage, code)
    entry = robot.admin("GET", "server/log?service=Email").json()["entries"][-1]
    assert entry["level"] == "Error"
    assert stage in entry["message"]


@pytest.mark.parametrize("body", [{"configuration": {"port": 0}}, {"configuration": 1}, {"recipient": 1}])
def test_a_wrong_question_is_refused(robot: PlainClient, body: dict[str, Any]) -> None:
    assert robot.admin("POST", f"{EMAIL}/test", json=body).status_code == 400


@pytest.mark.parametrize("target", ["Cloud Server", "Agent Zürich 3"])
def test_a_suspended_canary_becomes_a_mail(
    lab: LabControl, robot: PlainClient, email: dict[str, Any], eventually: Eventually, target: str
) -> None:
    robot.admin("PUT", EMAIL, target, json=email)
    arm(robot, target, {"action": "SEND_EMAIL", "emailForAlerts": "reports@lab.test"})
    identifier = robot.run("CaiCanary", target).json()["processId"]
    (message,) = eventually(lab.mailbox)
    assert message["recipients"] == ["reports@lab.test"]
    assert "CaiCanary" in message["subject"]
    assert target in message["subject"]
    assert {line.partition(":")[0] for line in message["body"].splitlines()} == DETAILS
    assert f"processId: {identifier}" in message["body"]
    assert row(robot, target, identifier)["processState"] == "SUSPENDED"
    log = eventually(lambda: robot.admin("GET", "server/log?service=Alert", target).json()["entries"])
    assert log[0]["source"] == "User"


def test_a_mail_that_fails_is_in_the_log(robot: PlainClient, email: dict[str, Any], eventually: Eventually) -> None:
    robot.admin("PUT", EMAIL, "agent-b", json={**email, "password": "wrong"})
    arm(robot, "agent-b", {"action": "SEND_EMAIL", "emailForAlerts": "reports@lab.test"})
    identifier = robot.run("CaiCanary", "agent-b").json()["processId"]

    def failure() -> list[str]:
        entries = robot.admin("GET", "server/log?service=Alert", "agent-b").json()["entries"]
        return [entry["message"] for entry in entries if entry["level"] == "Error" and identifier in entry["message"]]

    assert len(eventually(failure)) == 1


def test_a_faulted_canary_raises_no_alert(lab: LabControl, robot: PlainClient, email: dict[str, Any]) -> None:
    robot.admin("PUT", EMAIL, "agent-a", json=email)
    arm(robot, "agent-a", {"action": "CUSTOM_SERVICE", "service": "AlertHandler"})
    robot.admin("PUT", PROPERTIES, "agent-a", json={"suspendProcessesOnUncaughtFault": False})
    identifier = robot.run("CaiCanary", "agent-a").json()["processId"]
    assert row(robot, "agent-a", identifier)["processState"] == "FAULTED"
    assert lab.custom_calls() == []


@pytest.mark.parametrize(
    ("canary", "where_on", "where_off", "persistence"),
    [
        ("CaiCanary", "SUSPENDED", "FAULTED", "FULL"),
        ("CaiCanarySuspends", "SUSPENDED", "SUSPENDED", "FULL"),
        ("CaiCanaryFaults", "FAULTED", "FAULTED", "FULL"),
        ("CaiCanaryFinal", "FAULTED", "FAULTED", "FINAL"),
    ],
)
def test_own_option_and_persistence_decide_whether_a_canary_is_suspended(
    robot: PlainClient, canary: str, where_on: str, where_off: str, persistence: str
) -> None:
    for suspend, state in ((True, where_on), (False, where_off)):
        robot.admin("PUT", PROPERTIES, "agent-a", json={"suspendProcessesOnUncaughtFault": suspend})
        found = row(robot, "agent-a", robot.run(canary, "agent-a").json()["processId"])
        assert (found["processState"], found["persistenceType"]) == (state, persistence)


def test_a_canary_without_persistence_is_not_listed_and_one_may_answer_with_its_fault(robot: PlainClient) -> None:
    identifier = robot.run("CaiCanaryNone", "agent-a").json()["processId"]
    assert robot.admin("GET", f"processes/?processId={identifier}", "agent-a").json()["process"] == []
    mute = robot.run("CaiCanaryMute", "agent-a")
    assert (mute.status_code, "processId" in mute.text) == (500, False)
    listed = robot.admin("GET", "processes/", "agent-a").json()["process"]
    assert listed[0]["processName"]["value"] == "CaiCanaryMute"


def test_ending_a_process_may_be_refused(lab: LabControl, robot: PlainClient) -> None:
    identifier = robot.run("CaiCanarySuspends").json()["processId"]
    lab.set_switches(terminate="refused")
    assert robot.terminate(identifier).status_code == 403
    assert row(robot, "Cloud Server", identifier)["processState"] == "SUSPENDED"


def test_a_custom_service_gets_the_details(lab: LabControl, robot: PlainClient, eventually: Eventually) -> None:
    arm(robot, "cluster-east", {"action": "CUSTOM_SERVICE", "service": "AlertHandler"})
    identifier = robot.run("CaiCanary", "cluster-east").json()["processId"]
    (call,) = eventually(lab.custom_calls)
    assert call["service"] == "AlertHandler"
    assert call["body"].keys() == DETAILS
    assert call["body"]["processId"] == identifier
    assert call["body"]["status"] == "suspended"


def test_a_deployed_service_is_really_called(
    lab: LabControl, robot: PlainClient, eventually: Eventually, receiver: tuple[str, list[Any]]
) -> None:
    url, got = receiver
    lab.deploy("agent-a", "OnAlert", url)
    arm(robot, "agent-a", {"action": "CUSTOM_SERVICE", "service": "OnAlert"})
    robot.run("CaiCanary", "agent-a")
    (body,) = eventually(lambda: got)
    assert body["processName"] == "CaiCanary"
    ran = robot.run("OnAlert", "agent-a", {"by": "hand"}).json()
    assert ran["answer"] == "taken"
    assert got[-1] == {"by": "hand"}
    assert row(robot, "agent-a", ran["processId"])["processState"] == "COMPLETED"


def test_a_service_that_fails_is_a_fault(lab: LabControl, robot: PlainClient, receiver: tuple[str, list[Any]]) -> None:
    lab.deploy("agent-a", "Broken", f"{receiver[0]}/broken")
    assert robot.run("Broken", "agent-a", {}).status_code == 500


def test_only_loopback_urls_are_deployed(lab: LabControl) -> None:
    with pytest.raises(LabError, match="loopback"):
        lab.deploy("agent-a", "Far", "https://example.org/")


def test_what_is_not_deployed_there_is_not_found(lab: LabControl, robot: PlainClient) -> None:
    lab.deploy("agent-b", "OnlyHere")
    assert robot.run("OnlyHere", "agent-b", {}).status_code == 200
    assert robot.run("OnlyHere", "agent-a", {}).status_code == 404


def test_the_list_is_cut_at_twenty(robot: PlainClient) -> None:
    page = robot.admin("GET", "processes/", "agent-b").json()
    assert page["totalRowCount"] >= 25
    assert (len(page["process"]), page["completeRowCount"]) == (20, False)
    one = robot.admin("GET", "processes", "agent-stopped")
    assert one.status_code == 503
    nothing = robot.admin("GET", "processes/?processId=1").json()
    assert nothing == {"totalRowCount": 0, "completeRowCount": True, "process": []}


def test_terminate_needs_cookie_and_doubled_token(robot: PlainClient) -> None:
    robot.admin("PUT", ALERT, json={"enabled": False})
    robot.admin("PUT", PROPERTIES, json={"suspendProcessesOnUncaughtFault": True})
    identifier = robot.run("CaiCanary").json()["processId"]
    assert robot.admin("PUT", f"processes/{identifier}/terminate").status_code == 401
    assert robot.terminate(identifier, sent="b").status_code == 403
    assert robot.terminate(identifier, token="", sent="").status_code == 403
    assert row(robot, "Cloud Server", identifier)["processState"] == "SUSPENDED"
    assert robot.terminate(identifier).status_code == 200
    assert row(robot, "Cloud Server", identifier)["processState"] == "TERMINATED"
    assert robot.terminate(identifier).status_code == 409
    assert robot.terminate("1").status_code == 404
