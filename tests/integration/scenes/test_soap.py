# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine's SOAP service: one document for everything, no lock, and an engine that ignores what it cannot read."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from cai_lab.control_client import LabControl
from support import client, dialects, examples
from support.canary import Scan, from_environment, hits, unique
from support.gateway import Answer, Gateway, Request
from support.hand import Hand
from support.labs import SENDER, Watch, mail_password
from support.play import Player
from support.soap import OWN, PATH, Engine, configuration, envelope, fault, is_read, is_write, own_binding

TARGET = "agent-b"
SUSPEND = "SuspendProcessOnUncaughtFault"
ALLOWED = {"console_allow_whole_document_write": True}


@pytest.fixture
def soap(link: dict[str, Any]) -> dict[str, Any]:
    """The connection options with the binding that ships; agents are reached at their own address."""
    return {**link, "console_binding": "activebpel_admin", "console_allowed_agent_hosts": ["127.0.0.1"]}


@pytest.fixture
def own(soap: dict[str, Any]) -> dict[str, Any]:
    """The same with a user's own binding, and leave to write."""
    return {**soap, **ALLOWED, "console_binding": own_binding()}


@pytest.fixture
def engine(lab: LabControl, hand: Hand) -> Iterator[Engine]:
    """The service of the agent, whose document is as it was before afterwards."""
    made = Engine(lab, hand, TARGET)
    before = made.document()
    yield made
    made.write(before)


def through(gateway: Gateway, options: dict[str, Any]) -> dict[str, Any]:
    """The options with which all traffic passes the gateway."""
    return {**options, "console_proxy": gateway.console}


@pytest.mark.parametrize("keywords", [{}, {"connection": "elsewhere"}], ids=["worker", "elsewhere"])
@pytest.mark.parametrize("target", ["Cloud Server", TARGET])
def test_a_playbook_converges_the_property(
    target: str, keywords: dict[str, Any], play: Player, soap: dict[str, Any], engine: Engine, watch: Watch
) -> None:
    now = client.stored("server_properties", soap, target)["suspend_on_uncaught_fault"]
    wished = {"cai.console.server_properties": {"suspend_on_uncaught_fault": not now}, **keywords}
    watch.restart()
    run = play(
        [
            {"name": "check", **wished, "check_mode": True},
            {"name": "write", **wished},
            {"name": "again", **wished},
            {"name": "read", "cai.console.server_properties_info": {}, **keywords},
        ],
        hosts=[target],
        connection={**soap, **ALLOWED},
        options=["--diff"],
    )
    diff = {"before": {"suspend_on_uncaught_fault": now}, "after": {"suspend_on_uncaught_fault": not now}}
    for name in ("check", "write"):
        assert run.one(name).result["changed"]
        assert run.one(name).result["diff"] == diff
    assert not run.one("again").result["changed"]
    assert run.one("write").result["concurrency"] == "best_effort"
    assert run.one("read").result["server_properties"] == diff["after"]
    assert watch.names(operation="set_configuration") == ["set_configuration"]


def test_a_write_needs_leave_and_a_look_does_not(
    soap: dict[str, Any], engine: Engine, watch: Watch, play: Player
) -> None:
    now = client.stored("server_properties", soap, TARGET)["suspend_on_uncaught_fault"]
    assert not client.done("server_properties", soap, target=TARGET, suspend_on_uncaught_fault=now)["changed"]
    for check in (True, False):
        result = client.run("server_properties", soap, target=TARGET, suspend_on_uncaught_fault=not now, check=check)
        assert (result["error"]["code"], result["error"]["stage"]) == ("whole_document_refused", "plan")
        assert "console_allow_whole_document_write" in result["msg"]
    doctor = client.done("console_doctor", soap, targets=[TARGET], write=True)
    assert [row["verdict"] for row in doctor["findings"] if row["check"] == "write"] == ["failed"]
    watch.assert_untouched()
    wished = {"suspend_on_uncaught_fault": not now, "allow_whole_document_write": True}
    tasks = [{"name": "alias", "cai.console.server_properties": wished}]
    assert play(tasks, hosts=[TARGET], connection=soap).one("alias").result["changed"]
    back = [{"name": "environment", "cai.console.server_properties": {"suspend_on_uncaught_fault": now}}]
    run = play(back, hosts=[TARGET], connection=soap, environment={"CAI_CONSOLE_ALLOW_WHOLE_DOCUMENT_WRITE": "true"})
    assert run.one("environment").result["changed"]


def test_the_doctor_writes_what_is_there(soap: dict[str, Any], engine: Engine) -> None:
    before = engine.entries()
    doctor = client.done("console_doctor", {**soap, **ALLOWED}, targets=[TARGET], write=True)
    assert [row["verdict"] for row in doctor["findings"] if row["check"] in ("services", "write")] == ["ok", "ok"]
    assert engine.entries() == before


def test_no_place_of_a_service_ships(soap: dict[str, Any], watch: Watch) -> None:
    wishes = {"email_service": {"host": "smtp.example.org"}, "alert_service": {"enabled": False}}
    for service, options in wishes.items():
        for module, more in ((service, options), (f"{service}_info", {})):
            result = client.run(module, {**soap, **ALLOWED}, target=TARGET, **more)
            assert result["error"]["code"] == "not_bound"
            assert service in result["msg"]
    watch.assert_untouched()


def test_the_cloud_is_no_known_way_to_an_agent(soap: dict[str, Any]) -> None:
    there = {**soap, "console_allowed_agent_hosts": None}
    result = client.run("server_properties_info", there, target=TARGET)
    assert result["error"]["code"] == "agent_address_missing"


def test_a_given_session_does_not_tell_the_organisation(soap: dict[str, Any], lab: LabControl, hand: Hand) -> None:
    session = {"id": hand.session, "platform_url": f"{lab.addresses['pod']}/saas"}
    given = {**soap, "console_session": session, "console_username": None, "console_password": None}
    result = client.run("server_properties_info", given)
    assert (result["error"]["code"], "console_organization_id" in result["msg"]) == ("invalid_option", True)
    organization = next(user["organisation"] for user in lab.addresses["users"] if user["name"] == "robot@lab.test")
    assert client.done("server_properties_info", {**given, "console_organization_id": organization})


def test_user_name_and_password_may_go_along(
    soap: dict[str, Any], engine: Engine, gateway: Gateway, lab: LabControl, hand: Hand
) -> None:
    """The documented way to the service."""
    binding = json.dumps(
        {
            "format": 1,
            "extends": "activebpel_admin",
            "meta": {"name": "basic", "describes": "an engine that knows no sessions"},
            "session": {"headers": None, "basic": True},
        }
    )
    basic = through(gateway, {**soap, **ALLOWED, "console_binding": binding})
    assert flip(basic)["changed"]
    asked = [request.headers for request, _answer in gateway.seen if request.path.endswith(PATH)]
    assert asked
    assert all(headers["Authorization"].startswith("Basic ") and "IDS-SESSION-ID" not in headers for headers in asked)
    session = {"id": hand.session, "platform_url": f"{lab.addresses['pod']}/saas"}
    given = {**basic, "console_session": session, "console_password": None, "console_organization_id": "00LAB1"}
    result = client.run("server_properties_info", given, target=TARGET)
    assert (result["error"]["code"], "by HTTP Basic" in result["msg"]) == ("invalid_option", True)


def test_a_binding_of_ones_own_drives_every_option(
    own: dict[str, Any], link: dict[str, Any], engine: Engine, watch: Watch
) -> None:
    for states in (examples.FULL, examples.OTHER):
        for service in client.SERVICES:
            secret = {"password": 'Engine-pw1"<é>&'} if service == "email_service" else {}
            result = client.done(service, own, target=TARGET, **states[service], **secret)
            assert result["changed"]
            stored = client.stored(service, own, TARGET)
            assert stored == client.stored(service, link, TARGET)
            assert {name: stored[name] for name in examples.flat(states[service])} == examples.flat(states[service])
            watch.restart()
            assert not client.done(service, own, target=TARGET, **states[service], **secret)["changed"]
            assert watch.writes() == []


def test_a_playbook_with_a_file_of_ones_own(play: Player, own: dict[str, Any], engine: Engine, tmp_path: Path) -> None:
    shutil.copy(OWN, tmp_path / "our-engine.yml")
    wishes = {
        "server_properties": {"suspend_on_uncaught_fault": True},
        "email_service": {"enabled": True, "host": "smtp.example.org", "port": 2525, "security": "tls"},
        "alert_service": {"enabled": True, "action": "send_email", "email": "ops@example.org"},
    }
    tasks = [
        {"name": "write", "cai.console.execution_target": wishes},
        {"name": "again", "cai.console.execution_target": wishes},
        {"name": "fleet", "cai.console.fleet": {"targets": [TARGET], "common_document": wishes}},
    ]
    run = play(tasks, hosts=[TARGET], connection={**own, "console_binding": "./our-engine.yml"})
    assert run.one("write").result["changed"]
    assert not run.one("again").result["changed"]
    assert not run.one("fleet").result["changed"]


def test_a_fleet_is_refused_without_leave(play: Player, own: dict[str, Any], engine: Engine, watch: Watch) -> None:
    now = client.stored("server_properties", own, TARGET)["suspend_on_uncaught_fault"]
    wishes = {"server_properties": {"suspend_on_uncaught_fault": not now}}
    task = {"name": "fleet", "cai.console.fleet": {"targets": [TARGET], "common_document": wishes}}
    run = play([task], hosts=[TARGET], connection={**own, **dict.fromkeys(ALLOWED, False)}, exit_code=None)
    assert "whole_document_refused" in str(run.one("fleet").result)
    watch.assert_untouched()


@pytest.mark.parametrize("name", ["engine", "tree"])
def test_services_that_share_a_document_are_all_written(
    name: str, link: dict[str, Any], own: dict[str, Any], engine: Engine, fresh: Callable[[], str]
) -> None:
    """Each write carries the whole document, and not as it was before the others."""
    spoken = own if name == "engine" else {**link, "console_binding": dialects.text_of(name)}
    target = TARGET if name == "engine" else fresh()
    now = client.stored("server_properties", spoken, target)["suspend_on_uncaught_fault"]
    wishes = {
        "server_properties": {"suspend_on_uncaught_fault": not now},
        "email_service": {"host": "shared.example.org", "port": 2526},
        "alert_service": {"email": "shared@example.org"},
    }
    client.done("execution_target", spoken, target=target, **wishes)
    for service, options in wishes.items():
        stored = client.stored(service, link, target)
        assert {option: stored[option] for option in options} == options


def test_the_password_arrives_and_stays(
    own: dict[str, Any], link: dict[str, Any], engine: Engine, lab: LabControl
) -> None:
    smtp = lab.addresses["smtp"]
    mail = {"enabled": True, "host": smtp["host"], "port": smtp["starttls_port"], "security": "tls", "username": SENDER}
    client.done("email_service", own, target=TARGET, **mail, password=mail_password(lab))
    client.done("alert_service", own, target=TARGET, email="kept@example.org")
    client.done("email_service", own, target=TARGET, enabled=False)
    client.done("email_service", own, target=TARGET, enabled=True)
    tested = client.done("email_service", link, target=TARGET, test="after", test_when="always")
    assert all(row["ok"] for row in tested["test_results"]), "what was read in the password's place keeps it"
    assert mail_password(lab) not in engine.document()


def test_a_write_that_the_engine_ignores_is_noticed(
    soap: dict[str, Any], engine: Engine, gateway: Gateway, link: dict[str, Any]
) -> None:
    before = engine.entries()
    gateway.rule = broken_write
    result = flip(through(gateway, {**soap, **ALLOWED}))
    assert (result["error"]["code"], result["error"]["stage"]) == ("write_not_confirmed", "read_back")
    assert "stored nothing" in result["msg"]
    assert engine.entries() == before
    log = client.done("server_log_info", soap, target=TARGET, service="engine", level="error")
    assert log["entries"][-1]["message"] == "A configuration could not be read."


def test_an_engine_that_says_so_is_heard(
    soap: dict[str, Any], engine: Engine, gateway: Gateway, lab: LabControl
) -> None:
    lab.set_switches(unreadable_document="fault")
    gateway.rule = broken_write
    result = flip(through(gateway, {**soap, **ALLOWED}))
    assert (result["error"]["code"], "The document cannot be read" in result["msg"]) == ("write_refused", True)


def broken_write(request: Request) -> Answer | None:
    """Let a document arrive that cannot be read."""
    if not is_write(request):
        return None
    cut = request.body.replace(escape("</config>").encode(), b"")
    assert cut != request.body
    return Request(**{**vars(request), "body": cut}).forward()


def flip(options: dict[str, Any], target: str = TARGET) -> dict[str, Any]:
    """Change the property to what it is not."""
    info = client.run("server_properties_info", options, target=target)
    if info.get("failed"):
        return info
    now = info["server_properties"]["suspend_on_uncaught_fault"]
    return client.run("server_properties", options, target=target, suspend_on_uncaught_fault=not now)


class Meddler:
    """A rule of the gateway: somebody changes an entry when the service is asked for the ``nth`` time by a task."""

    def __init__(self, engine: Engine, when: Callable[[Request], bool], nth: int, name: str, value: str) -> None:
        self._engine, self._when, self._left = engine, when, nth
        self._name, self._value = name, value

    def __call__(self, request: Request) -> Answer | None:
        """Meddle before the request is let through."""
        if self._when(request):
            self._left -= 1
            if self._left == 0:
                self._engine.put(self._name, self._value)
        return None


def test_what_somebody_else_changed_meanwhile_is_kept(soap: dict[str, Any], engine: Engine, gateway: Gateway) -> None:
    """Up to the last look before the write: the service has no lock for what comes after it."""
    # The first reading is that of flip, the second is that of the plan, the third is the last look.
    gateway.rule = Meddler(engine, is_read, 3, "Description", "changed meanwhile")
    result = flip(through(gateway, {**soap, **ALLOWED}))
    assert result["changed"], result
    assert engine.entries()["Description"] == "changed meanwhile"


def test_the_property_itself_changed_meanwhile(soap: dict[str, Any], engine: Engine, gateway: Gateway) -> None:
    now = engine.entries()[SUSPEND]
    gateway.rule = Meddler(engine, is_read, 3, SUSPEND, "false" if now == "true" else "true")
    result = flip(through(gateway, {**soap, **ALLOWED}))
    assert result["error"]["code"] == "concurrent_change"
    assert not [request for request, _answer in gateway.seen if is_write(request)]


def test_what_is_otherwise_after_the_write_is_told(soap: dict[str, Any], engine: Engine, gateway: Gateway) -> None:
    gateway.rule = Meddler(engine, is_read, 4, "Description", "changed afterwards")
    result = flip(through(gateway, {**soap, **ALLOWED}))
    assert result["changed"]
    assert "entry[@name='Description']/@value" in result["warnings"][0]
    assert "changed afterwards" not in str(result)


def test_an_entry_that_is_lost_is_an_error(soap: dict[str, Any], engine: Engine, gateway: Gateway) -> None:
    def lose(request: Request) -> Answer | None:
        if not is_write(request):
            return None
        name = b'&lt;entry name="Logging" value="urn:ae:none" /&gt;'
        assert name in request.body
        return Request(**{**vars(request), "body": request.body.replace(name, b"")}).forward()

    gateway.rule = lose
    result = flip(through(gateway, {**soap, **ALLOWED}))
    assert result["error"]["code"] == "write_not_confirmed"
    assert "Lost, though it was sent: entry[@name='Logging']/@value" in result["msg"]


BOMB = '<!DOCTYPE c [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><config>&b;</config>'
PROPERTY = f'<config><entry name="{SUSPEND}" value="false"/>%s</config>'
HOSTILE: dict[str, tuple[Answer, str]] = {
    "entities": (configuration(BOMB), "document type"),
    "entities in the envelope": (Answer(200, BOMB.encode(), {"Content-Type": "text/xml"}), "document type"),
    "a deep document": (configuration("<entry>" * 5000), "nested too deeply"),
    "a wide document": (configuration(PROPERTY % ("<e/>" * 100000)), "too many elements"),
    "a deep envelope": (Answer(200, b"<a>" * 100000), "nested too deeply"),
    "a huge document": (configuration(PROPERTY % ("x" * 3000000)), "more than"),
    "no envelope": (Answer(200, b"<html><body>Sign in</body></html>", {"Content-Type": "text/html"}), "no envelope"),
    "no XML": (Answer(200, b"Welcome"), "not well-formed"),
    "SOAP 1.2": (
        Answer(
            200, b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><a/></s:Body></s:Envelope>'
        ),
        "no envelope of SOAP 1.1",
    ),
    "an empty envelope": (Answer(200, envelope("")), "empty"),
    "no document": (Answer(200, envelope("<getConfigurationOutput/>")), "not well-formed"),
    "another document": (configuration("<config/>"), f"entry[@name='{SUSPEND}']/@value (suspend_on_uncaught_fault)"),
    "a word of another kind": (configuration(PROPERTY.replace("false", "perhaps") % ""), "does not know"),
}


@pytest.mark.parametrize("case", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_or_other_engine_ends_in_an_error(
    case: tuple[Answer, str], soap: dict[str, Any], gateway: Gateway, watch: Watch
) -> None:
    answer, said = case
    gateway.rule = lambda request: answer if is_read(request) else None
    result = flip(through(gateway, {**soap, **ALLOWED}))
    assert (result["error"]["code"], result["error"]["stage"]) == ("unexpected_reply", "read")
    assert said in result["msg"]
    assert len(result["msg"]) < 1000
    watch.assert_untouched()


@pytest.mark.parametrize("status", [200, 500])
def test_a_fault_is_told_without_what_it_quotes(
    status: int, soap: dict[str, Any], engine: Engine, gateway: Gateway
) -> None:
    engine.put("Extra", "quoted-Secret-1")
    quoted = "No such value quoted-Secret-1. The document was <config><entry value='other'/></config>"
    gateway.rule = lambda request: fault(quoted, status) if is_write(request) else None
    result = flip(through(gateway, {**soap, **ALLOWED}))
    assert result["error"]["code"] == "write_refused"
    assert "No such value ********. The document was" in result["msg"]
    assert "config>" not in result["msg"]
    gateway.rule = lambda request: fault("Not now.", status) if is_read(request) else None
    result = client.run("server_properties_info", through(gateway, soap), target=TARGET)
    assert result["error"]["code"] == ("console_error" if status == 500 else "unexpected_reply")
    assert "Not now" in result["msg"]


def test_nothing_of_the_document_is_shown(
    play: Player, tmp_path: Path, lab: LabControl, engine: Engine, own: dict[str, Any], gateway: Gateway
) -> None:
    planted = {name: unique(name) for name in ("SHARED", "EXTRA", "SMTP_PASSWORD")}
    plain = {name: from_environment(name) for name in planted}
    engine.put("SharedSecret", planted["SHARED"])
    engine.put("Extra", planted["EXTRA"])
    now = engine.entries()[SUSPEND] == "true"

    def echo(request: Request) -> Answer | None:
        return fault(f"Refused: {request.body.decode()} {planted['EXTRA']}") if is_write(request) else None

    gateway.rule = echo
    mail = {"host": "smtp.example.org", "port": 2527, "username": "a@example.org", "password": plain["SMTP_PASSWORD"]}
    at_gateway = {"console_proxy": gateway.console}
    tasks = [
        {"name": "ok: properties", "cai.console.server_properties": {"suspend_on_uncaught_fault": not now}},
        {"name": "ok: email", "cai.console.email_service": mail},
        {"name": "ok: target", "cai.console.execution_target": {"email_service": {**mail, "port": 2528}}},
        {"name": "ok: doctor", "cai.console.console_doctor": {"targets": [TARGET], "entries": True, "bindings": []}},
        {"name": "ok: log", "cai.console.server_log_info": {}},
        {
            "name": "failed: properties",
            "cai.console.server_properties": {"suspend_on_uncaught_fault": now, **at_gateway},
        },
        {"name": "failed: email", "cai.console.email_service": {**mail, "port": 2529, **at_gateway}},
    ]
    for task in tasks:
        task.update({"ignore_errors": True, "register": "found"})
    scan = Scan(tmp_path / "run-0", lab)
    facts = {"name": "keep", "ansible.builtin.set_fact": {"kept": "{{ found | default({}) }}", "cacheable": True}}
    with scan.sampler:
        run = play(
            [*tasks, facts],
            hosts=[TARGET],
            connection=own,
            options=["-vvvvv", "--diff"],
            environment=scan.environment(planted),
        )
    assert {row.task: row.status for row in run.of_collection()} == {
        task["name"]: task["name"].partition(":")[0] for task in tasks
    }
    assert any(planted["EXTRA"] in str(value) for value in engine.entries().values())
    assert hits(scan.places(run), planted) == {}


def test_the_doctor_lists_places_and_hides_what_may_be_secret(
    soap: dict[str, Any], engine: Engine, own: dict[str, Any], link: dict[str, Any]
) -> None:
    client.done("email_service", own, target=TARGET, host="smtp.example.org", port=2530, password="Listed-pw1")
    engine.put("Unnamed", "hunter2 hunter2")
    found = client.done("console_doctor", soap, targets=[TARGET], entries=True)
    listed = {row["place"]: row["value"] for row in found["entries"]}
    place = "entry[@name='LabEmailService']/entry[@name='%s']/@value"
    assert listed[place % "Host"] == "smtp.example.org"
    assert listed[place % "Port"] == "2530"
    assert listed[place % "Password"] == "********"
    assert listed["entry[@name='SharedSecret']/@value"] == "********"
    assert listed["entry[@name='Unnamed']/@value"] == "(a text)"
    assert listed[f"entry[@name='{SUSPEND}']/@value"] in ("true", "false")
    assert {row["document"] for row in found["entries"]} == {"read_server_properties", "read_entries"}
    assert "encrypted:" not in str(found)
    assert "entries" not in client.done("console_doctor", soap, targets=[TARGET])
    for spoken in (link, {**link, "console_binding": dialects.text_of("form")}):
        assert client.done("console_doctor", spoken, targets=[TARGET], entries=True)["entries"]


@pytest.mark.parametrize("binding", ["lab", "activebpel_admin"])
def test_the_log_is_read(binding: str, soap: dict[str, Any], link: dict[str, Any], lab: LabControl) -> None:
    spoken = {**soap, "console_binding": binding}
    client.done("alert_service", link, target=TARGET, email=f"log-{binding}@example.org")
    client.done("email_service", link, target=TARGET, host=f"log-{binding.replace('_', '-')}.example.org")
    entries = client.done("server_log_info", spoken, target=TARGET)["entries"]
    assert {"alert", "email"} <= {entry["service"] for entry in entries}
    assert entries == sorted(entries, key=lambda entry: entry["time"])
    for service in ("alert", "email"):
        found = client.done("server_log_info", spoken, target=TARGET, service=service)
        assert found["entries"] == [entry for entry in entries if entry["service"] == service]
        last = found["entries"][-1]
        assert "configuration was saved by robot@lab.test" in last["message"]
        assert (last["level"], last["source"]) == ("info", "user")
    found = client.done("server_log_info", spoken, target=TARGET, since=entries[-1]["time"])
    assert found["entries"] == [entry for entry in entries if entry["time"] >= entries[-1]["time"]]
    severe = client.done("server_log_info", spoken, target=TARGET, level="warning")["entries"]
    assert severe == [entry for entry in entries if entry["level"] in ("critical", "error", "warning")]
    lab.set_switches(log_delay_s="45")
    assert client.done("server_log_info", spoken, target=TARGET, since=entries[-1]["time"])["entries"] == []
    complete = client.done("server_log_info", spoken, target=TARGET)["complete"]
    assert complete is (True if binding == "activebpel_admin" else None)


def test_a_log_that_the_binding_has_no_word_for(link: dict[str, Any]) -> None:
    assert client.run("server_log_info", link, target=TARGET, service="task")["error"]["code"] == "not_bound"
