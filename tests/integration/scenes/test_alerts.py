# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proof that a fault reaches people, by real playbook runs: every verdict, with the lab's real mail."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import requests
from cai_lab.control_client import LabControl
from support import client
from support.hand import Hand
from support.labs import SENDER, Watch, connection, mail_password
from support.patience import eventually
from support.play import Player, Row

RECIPIENT = "operations@lab.test"
OPERATIONS = {"run_process", "terminate_process"}


@pytest.fixture
def unbound(link: dict[str, Any]) -> dict[str, Any]:
    """What a user of a real organisation can have: no binding, and agents at their own addresses."""
    return {**link, "console_binding": None, "console_allowed_agent_hosts": ["127.0.0.1"]}


@pytest.fixture
def armed(lab: LabControl, hand: Hand) -> Iterator[Callable[..., str]]:
    """Lets alerts of a target be mailed: property, Email Service, Alert Service; each can be another."""
    touched = []

    def arm(target: str, *, suspend: bool = True, password: str | None = None, **alert: Any) -> str:
        touched.append(target)
        hand.set_properties(target, suspendProcessesOnUncaughtFault=suspend)
        port = lab.addresses["smtp"]["starttls_port"]
        mail = {"hostName": "localhost", "port": port, "security": "TLS", "userName": SENDER}
        right = mail_password(lab)
        hand.set_email(
            target, enabled=True, authenticationType="PASSWORD", password=password or right, oauth={}, **mail
        )
        usual = {"enabled": True, "action": "SEND_EMAIL", "emailForAlerts": RECIPIENT, "service": None}
        hand.set_alert(target, **{**usual, **alert})
        lab.clear_mailbox()
        return target

    yield arm
    lab.set_faults()
    for target in touched:
        hand.set_alert(target, enabled=False)
        hand.set_properties(target, suspendProcessesOnUncaughtFault=False)
    lab.clear_mailbox()


@pytest.fixture
def mail(lab: LabControl) -> dict[str, Any]:
    """The mailbox as the option arrival."""
    return {"maildir": lab.addresses["maildir"], "wait": 20, "poll": 0.1}


def quiet(*_words: object) -> None:
    """In place of a server's log on the screen."""


def alert_test(process: str = "CaiCanary", **args: Any) -> dict[str, Any]:
    """A task."""
    return {"name": "prove", "cai.console.alert_test": {"confirm": True, "process": process, **args}}


def prove(play: Player, target: str, where: dict[str, Any], **args: Any) -> Row:
    """Run one task that may fail; its result."""
    task = {**alert_test(**args), "ignore_errors": True}
    given = {name: value for name, value in where.items() if value is not None}
    return play([task], hosts={"host": {"cai_target_id": target}}, connection=given).one("prove")


def state_of(hand: Hand, target: str, process_id: str) -> str:
    """The state of a process, as the console has it."""
    (row,) = hand.call("GET", target, f"/processes/?processId={process_id}")["process"]
    return str(row["processState"])


@pytest.mark.parametrize("target", ["Cloud Server", "agent-a"])
def test_without_a_binding_the_alert_is_proven_and_only_the_own_process_is_ended(
    target: str, play: Player, armed: Any, unbound: dict[str, Any], mail: dict[str, Any], hand: Hand, watch: Watch
) -> None:
    armed(target)
    hand.run_canary(target)
    others = [row["processId"] for row in hand.call("GET", target, "/processes/")["process"][:1]]
    watch.restart()
    result = prove(play, target, unbound, arrival=mail).result
    assert (result["verdict"], result["changed"], result["checked"]) == ("alerted", False, True)
    own = result["process"]["id"]
    assert result["alert"]["latency_ms"] > 0
    assert f"processId: {own}" in result["alert"]["text"].splitlines()
    assert (result["alert"]["sender"], "CaiCanary" in result["alert"]["subject"]) == (SENDER, True)
    assert (result["ended"], result["to_end"]) == ([own], [])
    assert state_of(hand, target, own) == "TERMINATED"
    assert {state_of(hand, target, other) for other in others} == {"SUSPENDED"}
    assert watch.names(mutates=True) == ["run_process", "terminate_process"]
    assert {entry["operation"] for entry in watch.operations()} <= OPERATIONS | {
        "sign_in",
        "sign_out",
        "list_agent_details",
        "list_runtime_environments",
        "read_organisation",
        "list_processes",
    }


@pytest.mark.parametrize(
    ("suspend", "process", "binding", "control", "verdict", "code"),
    [
        (True, "CaiCanaryFinal", None, None, "persistence", "alert_persistence_low"),
        (False, "CaiCanaryFinal", "lab", None, "persistence", "alert_persistence_low"),
        (True, "CaiCanaryNone", None, None, "persistence", "alert_persistence_low"),
        (False, "CaiCanary", None, None, "not_suspended", "alert_not_suspended"),
        (False, "CaiCanary", "lab", None, "property_off", "alert_property_off"),
        (True, "CaiCanaryFaults", "lab", None, "process_option", "alert_process_option"),
        (True, "CaiCanaryFaults", None, "CaiCanary", "process_option", "alert_process_option"),
        (False, "CaiCanaryFaults", None, "CaiCanary", "property_off", "alert_property_off"),
        (True, "AlertHandler", None, None, "no_fault", "canary_without_fault"),
    ],
)
def test_what_keeps_a_canary_from_being_suspended_is_told_apart(
    suspend: bool,
    process: str,
    binding: str | None,
    control: str | None,
    verdict: str,
    code: str,
    armed: Any,
    unbound: dict[str, Any],
    mail: dict[str, Any],
    hand: Hand,
) -> None:
    armed("agent-a", suspend=suspend)
    link = {**unbound, "console_binding": binding, "target": "agent-a", "control_process": control}
    result = client.run("alert_test", link, confirm=True, process=process, arrival={**mail, "wait": 0.3})
    assert (result["verdict"], result["error"]["code"], result["error"]["stage"]) == (verdict, code, "alert")
    assert result["to_end"] == []
    ran = [found for found in (result["process"], result["control"]) if found]
    assert result["ended"] == [found["id"] for found in ran if found["state"] == "SUSPENDED"]
    assert {state_of(hand, "agent-a", found["id"]) for found in ran} <= {"FAULTED", "TERMINATED", "COMPLETED"}


def test_a_process_s_own_option_is_enough_where_the_property_is_off(
    armed: Any, unbound: dict[str, Any], mail: dict[str, Any]
) -> None:
    armed("agent-a", suspend=False)
    link = {**unbound, "target": "agent-a"}
    result = client.done("alert_test", link, confirm=True, process="CaiCanarySuspends", arrival=mail)
    assert result["verdict"] == "alerted"


def test_a_canary_that_does_not_answer_is_found_in_the_list(
    armed: Any, unbound: dict[str, Any], mail: dict[str, Any], hand: Hand
) -> None:
    armed("agent-b")
    hand.run_canary("agent-b")
    link = {**unbound, "target": "agent-b", "console_binding": "lab"}
    result = client.done("alert_test", link, confirm=True, process="CaiCanaryMute", arrival=mail)
    assert (result["verdict"], result["process"]["name"]) == ("alerted", "CaiCanaryMute")
    assert state_of(hand, "agent-b", result["process"]["id"]) == "TERMINATED"


def test_no_alert_and_no_mail_are_told_apart_with_what_the_mail_s_test_finds(
    play: Player, armed: Any, link: dict[str, Any], unbound: dict[str, Any], mail: dict[str, Any]
) -> None:
    short = {**mail, "wait": 0.5}
    armed("agent-a", enabled=False)
    off = prove(play, "agent-a", link, arrival=short).result
    assert (off["verdict"], off["smtp_test"]) == ("no_alert", None)
    assert "Alert Service is off" in off["summary"]
    armed("agent-a", action="CUSTOM_SERVICE", service="AlertHandler")
    elsewhere = prove(play, "agent-a", link, arrival=short).result
    assert (elsewhere["verdict"], "AlertHandler" in elsewhere["summary"]) == ("no_alert", True)
    armed("agent-a", password="wrong-Mail-pw1")
    lost = prove(play, "agent-a", link, arrival=short).result
    assert (lost["verdict"], lost["error"]["code"]) == ("no_mail", "alert_mail_lost")
    assert (lost["smtp_test"]["failed_stage"], lost["smtp_test"]["code"]) == ("auth", 535)
    assert lost["smtp_test"]["remedy"] == lost["error"]["remedy"]
    assert len(lost["ended"]) == 1
    blind = prove(play, "agent-a", unbound, arrival=short).result
    assert (blind["verdict"], blind["smtp_test"]) == ("no_alert", None)
    assert "not tested" in blind["summary"]
    told = {"verdict": "It stops at auth.", "msg": "agent-a: refused.", "error": {"code": "smtp_auth_refused"}}
    joined = prove(play, "agent-a", unbound, arrival=short, smtp_test=told).result
    assert (joined["verdict"], joined["smtp_test"]["verdict"]) == ("no_mail", "It stops at auth.")


def test_where_ending_is_refused_the_id_is_told(
    play: Player, armed: Any, unbound: dict[str, Any], mail: dict[str, Any], lab: LabControl, hand: Hand
) -> None:
    armed("agent-a")
    lab.set_switches(terminate="refused")
    row = prove(play, "agent-a", unbound, arrival=mail)
    own = row.result["process"]["id"]
    assert (row.status, row.result["verdict"], row.result["changed"]) == ("ok", "alerted", True)
    assert (row.result["ended"], row.result["to_end"]) == ([], [own])
    assert "403" in row.result["end_refusal"]
    assert any(own in warning for warning in row.result["warnings"])
    assert state_of(hand, "agent-a", own) == "SUSPENDED"


def test_a_process_is_left_if_that_is_asked_for(
    armed: Any, unbound: dict[str, Any], mail: dict[str, Any], watch: Watch
) -> None:
    armed("agent-a")
    link = {**unbound, "target": "agent-a"}
    result = client.done("alert_test", link, confirm=True, process="CaiCanary", arrival=mail, end_process=False)
    assert (result["to_end"], result["end_refusal"]) == ([result["process"]["id"]], None)
    assert "terminate_process" not in watch.names()


def test_without_confirmation_nothing_is_asked_of_anybody(
    play: Player, unbound: dict[str, Any], mail: dict[str, Any], watch: Watch
) -> None:
    for place in ({}, {"connection": "elsewhere"}):
        task = {**alert_test(confirm=False, arrival=mail), "ignore_errors": True, **place}
        given = {name: value for name, value in unbound.items() if value is not None}
        row = play([task], hosts=["agent-a"], connection=given).one("prove")
        assert row.code == "alert_not_confirmed"
    assert watch.operations() == []


def test_check_mode_says_what_it_would_do_and_does_none_of_it(
    play: Player, armed: Any, unbound: dict[str, Any], mail: dict[str, Any], lab: LabControl, watch: Watch
) -> None:
    armed("agent-a")
    watch.restart()
    given = {name: value for name, value in unbound.items() if value is not None}
    row = play([alert_test(arrival=mail)], hosts=["agent-a"], connection=given, options=["--check"]).one("prove")
    base = f"{lab.addresses['agents']['agent-a']}/process-engine"
    text = "\n".join(row.result["would"])
    assert (row.result["checked"], row.result["verdict"]) == (False, None)
    assert f"POST {base}/rt/CaiCanary" in text
    assert f"PUT {base}/restadmin/processes/ID/terminate" in text
    assert lab.addresses["maildir"] in text
    watch.assert_untouched()
    assert lab.mailbox() == []


def test_other_alerts_are_not_taken_for_ours(
    armed: Any, unbound: dict[str, Any], mail: dict[str, Any], lab: LabControl, hand: Hand, watch: Watch
) -> None:
    """Two processes of somebody else fault while ours has run, and its own alert never comes."""
    armed("agent-a", enabled=False)
    armed("cluster-east")
    ours = hand.id_of("agent-a")

    def others() -> None:
        eventually(lambda: watch.operations(operation="run_process", target=ours))
        hand.run_canary("cluster-east")
        hand.run_canary("cluster-east")

    somebody = threading.Thread(target=others)
    somebody.start()
    given = {"confirm": True, "process": "CaiCanary", "arrival": {**mail, "wait": 5}}
    result = client.run("alert_test", {**unbound, "target": "agent-a"}, **given)
    somebody.join()
    assert len(lab.mailbox()) == 2
    assert (result["verdict"], result["alert"]["seen"], result["alert"]["others"]) == ("no_alert", False, 2)


def test_an_alert_without_an_id_is_taken_by_its_name_if_that_is_asked_for(
    armed: Any, link: dict[str, Any], mail: dict[str, Any]
) -> None:
    armed("cluster-east")
    given = {"confirm": True, "process": "CaiCanary", "arrival": mail, "match": "process_name"}
    assert client.done("alert_test", link, target="cluster-east", **given)["verdict"] == "alerted"


def test_a_call_of_the_custom_service_is_taken_by_a_listener(
    play: Player, armed: Any, unbound: dict[str, Any], lab: LabControl
) -> None:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    lab.deploy("agent-a", "Forwarder", f"http://127.0.0.1:{port}/alerts")
    armed("agent-a", action="CUSTOM_SERVICE", service="Forwarder")
    arrival = {"listener": {"port": port}, "wait": 20, "poll": 0.1}
    result = prove(play, "agent-a", unbound, arrival=arrival).result
    assert (result["verdict"], result["alert"]["place"]) == ("alerted", "call of /alerts")
    assert result["alert"]["details"]["processId"] == result["process"]["id"]
    assert result["alert"]["details"]["status"] == "suspended"
    with pytest.raises(requests.ConnectionError):
        requests.post(f"http://127.0.0.1:{port}/alerts", data=b"late", timeout=5)


def test_a_call_is_read_where_the_custom_service_leaves_it(
    armed: Any, unbound: dict[str, Any], lab: LabControl
) -> None:
    left: list[bytes] = []
    asked: list[str | None] = []

    class Store(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            left.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def do_GET(self) -> None:
            asked.append(self.headers["Authorization"])
            self.send_response(200 if left else 404)
            self.end_headers()
            self.wfile.write(b"\n".join(left))

        log_message = quiet

    server = HTTPServer(("127.0.0.1", 0), Store)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        address = f"http://127.0.0.1:{server.server_port}/alerts"
        lab.deploy("agent-a", "Keeper", address)
        armed("agent-a", action="CUSTOM_SERVICE", service="Keeper")
        url = {"address": address, "headers": {"Authorization": "Bearer a-made-up-token"}}
        link = {**unbound, "target": "agent-a"}
        arrival = {"url": url, "wait": 20, "poll": 0.1}
        result = client.done("alert_test", link, confirm=True, process="CaiCanary", arrival=arrival)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert (result["verdict"], result["alert"]["details"]["processId"]) == ("alerted", result["process"]["id"])
    assert set(asked) == {"Bearer a-made-up-token"}


def test_many_hosts_are_refused_unless_they_have_their_turn_one_by_one(
    play: Player, armed: Any, link: dict[str, Any], mail: dict[str, Any], fresh: Callable[[], str], watch: Watch
) -> None:
    targets = [armed(fresh()) for _number in range(3)]
    task = {**alert_test(arrival=mail), "ignore_errors": True}
    watch.restart()
    refused = play([task], hosts=targets, connection=link)
    assert {row.code for row in refused.all("prove")} == {"alert_not_in_series"}
    assert watch.operations() == []
    variables = {f"cai_{name}": value for name, value in link.items()}
    variables.update(alert_test_confirm=True, alert_test_process="CaiCanary", alert_test_arrival=mail)
    run = play.playbook("cai.console.alert_test", hosts=targets, variables=variables)
    rows = [row for row in run.rows if row.action == "cai.console.alert_test"]
    assert [row.result["verdict"] for row in rows] == ["alerted"] * 3
    assert len({row.result["process"]["id"] for row in rows}) == 3
    done = [(entry["operation"], entry["target"]) for entry in watch.writes()]
    assert [name for name, _target in done] == ["run_process", "terminate_process"] * 3
    assert [target for _name, target in done[::2]] == [target for _name, target in done[1::2]]


def test_a_target_that_fails_does_not_keep_the_others_from_their_turn(
    play: Player, armed: Any, link: dict[str, Any], mail: dict[str, Any], fresh: Callable[[], str]
) -> None:
    targets = [armed(fresh(), enabled=False), armed(fresh())]
    variables = {f"cai_{name}": value for name, value in link.items()}
    mail_options = {"host": "localhost", "port": 9, "security": "none", "authentication": "none", "stop_after": "ehlo"}
    variables.update(
        alert_test_confirm=True,
        alert_test_process="CaiCanary",
        alert_test_arrival={**mail, "wait": 3},
        alert_test_mail=mail_options,
    )
    run = play.playbook("cai.console.alert_test", hosts=targets, variables=variables, exit_code=2)
    found = {row.host: row.result["verdict"] for row in run.rows if row.action == "cai.console.alert_test"}
    assert found == {targets[0]: "no_alert", targets[1]: "alerted"}
    assert {row.host for row in run.rows if row.status == "failed"} == {targets[0]}


def test_a_mailbox_that_cannot_be_read_starts_nothing(unbound: dict[str, Any], watch: Watch) -> None:
    link = {**unbound, "target": "agent-a"}
    result = client.run("alert_test", link, confirm=True, process="CaiCanary", arrival={"maildir": "/nowhere/at/all"})
    assert (result["error"]["code"], result["error"]["stage"]) == ("alert_place_unreadable", "arrival")
    assert watch.writes() == []


def test_where_the_place_fails_meanwhile_the_own_process_is_ended_all_the_same(
    armed: Any, unbound: dict[str, Any], hand: Hand
) -> None:
    armed("agent-a", enabled=False)

    class Once(BaseHTTPRequestHandler):
        answers = iter([404, 404, 500])

        def do_GET(self) -> None:
            self.send_response(next(self.answers))
            self.end_headers()

        log_message = quiet

    server = HTTPServer(("127.0.0.1", 0), Once)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        url = {"address": f"http://127.0.0.1:{server.server_port}/"}
        link = {**unbound, "target": "agent-a"}
        arrival = {"url": url, "wait": 20, "poll": 0.1}
        result = client.run("alert_test", link, confirm=True, process="CaiCanary", arrival=arrival)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert (result["error"]["code"], "500" in result["msg"]) == ("alert_place_unreadable", True)
    (own,) = result["ended"]
    assert state_of(hand, "agent-a", own) == "TERMINATED"


def test_a_binding_that_does_not_fit_leaves_the_proof_as_it_is_without_one(
    armed: Any, unbound: dict[str, Any], mail: dict[str, Any], lab: LabControl
) -> None:
    armed("agent-a")
    lab.set_faults({"method": "GET", "path": "server/", "status": 404, "times": None})
    link = {**unbound, "target": "agent-a", "console_binding": "lab"}
    result = client.done("alert_test", link, confirm=True, process="CaiCanary", arrival=mail)
    assert (result["verdict"], result["known"]["alert_service"]) == ("alerted", None)


def test_an_agent_is_reached_through_the_cloud_only_by_a_binding(
    link: dict[str, Any], mail: dict[str, Any], watch: Watch
) -> None:
    given = {"confirm": True, "process": "CaiCanarySuspends", "arrival": {**mail, "wait": 0.1}, "target": "agent-a"}
    refused = client.run("alert_test", {**link, "console_binding": None}, **given)
    assert refused["error"]["code"] == "agent_address_missing"
    assert watch.writes() == []
    assert client.run("alert_test", link, **given)["process"]["state"] == "SUSPENDED"


def test_a_process_that_is_not_there_and_one_that_another_may_not_run(
    lab: LabControl, unbound: dict[str, Any], mail: dict[str, Any], watch: Watch
) -> None:
    given = {"confirm": True, "arrival": mail, "target": "Cloud Server"}
    missing = client.run("alert_test", unbound, process="NotPublished", **given)
    assert (missing["error"]["code"], missing["error"]["stage"]) == ("canary_missing", "run")
    viewer = {**unbound, **connection(lab, "viewer@lab.test"), "console_binding": None}
    assert client.run("alert_test", viewer, process="CaiCanary", **given)["error"]["code"] == "forbidden"
    assert [entry["status"] for entry in watch.writes()] == [404]


def test_the_result_is_json(armed: Any, unbound: dict[str, Any], mail: dict[str, Any]) -> None:
    armed("agent-a")
    link = {**unbound, "target": "agent-a"}
    result = client.done("alert_test", link, confirm=True, process="CaiCanary", arrival=mail)
    assert json.loads(json.dumps(result)) == result


@pytest.mark.parametrize("door", [{"connection": "elsewhere"}, {"async": 600, "poll": 1}], ids=["elsewhere", "async"])
def test_through_every_door_it_is_the_same(
    door: dict[str, Any], play: Player, armed: Any, link: dict[str, Any], mail: dict[str, Any]
) -> None:
    armed("agent-a")
    low = alert_test("CaiCanaryFinal", arrival={**mail, "wait": 0.2})
    tasks = [{**low, "name": "low", "ignore_errors": True}, alert_test(arrival=mail)]
    steps = [{**task, **more, "name": f"{task['name']} {more}"} for more in ({}, door) for task in tasks]
    run = play(steps, hosts=["agent-a"], connection=link)
    found = [
        (row.status, row.result["verdict"], row.result["process"]["state"], len(row.result["ended"]))
        for row in run.of_collection()
    ]
    assert found[:2] == found[2:] == [("failed", "persistence", "FAULTED", 0), ("ok", "alerted", "SUSPENDED", 1)]
