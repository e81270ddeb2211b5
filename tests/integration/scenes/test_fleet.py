# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``fleet``: many targets in one task, with the results of the per-host door, and failures that stay apart."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible.constants import DEFAULT_VAULT_ID_MATCH
from ansible.parsing.vault import VaultLib, VaultSecret
from cai_lab.control_client import LabControl
from support.hand import Hand
from support.inventories import Inventories
from support.labs import PARENT, Watch, connection, email_that_sends
from support.play import Player, Run, TaskData

READS = ("read_server_properties", "read_email_service", "read_alert_service")
SERVICE = {"alert_service": {"enabled": False, "action": "custom_service", "service": "Handler"}}
OWN_KEYS = {"host", "status", "failed", "down"}
"""What an entry has beyond the result of ``execution_target``."""


@pytest.fixture
def agents(lab: LabControl) -> list[str]:
    """Twenty agents that nobody has configured."""
    last = lab.add_agents(20)
    return [f"bulk-{number:04d}" for number in range(last - 19, last + 1)]


def wishes(lab: LabControl, **more: Any) -> dict[str, Any]:
    """All three services, with a secret."""
    return {
        "server_properties": {"suspend_on_uncaught_fault": True},
        "email_service": email_that_sends(lab),
        "alert_service": {"enabled": True, "action": "send_email", "email": "operations@lab.test"},
        **more,
    }


def fleet(**args: Any) -> TaskData:
    """The task. Its result is registered for all hosts."""
    given = {"document": "wishes"} if not {"document", "common_document"} & set(args) else {}
    return {"name": "fleet", "cai.console.fleet": {**given, **args}, "register": "fleet", "run_once": True}


def named(hosts: list[str], document: Any = None) -> dict[str, dict[str, Any]]:
    """Hosts with their wishes."""
    return {host: {"wishes": SERVICE if document is None else document} for host in hosts}


def entries(run: Run) -> dict[str, dict[str, Any]]:
    """What came of each host."""
    return {entry["host"]: entry for entry in run.one("fleet").result["targets"]}


def test_every_target_gets_its_own_wishes(play: Player, agents: list[str], hand: Hand, watch: Watch) -> None:
    hosts = {host: {"wishes": {"alert_service": {"service": f"Handler {host}"}}} for host in agents}
    run = play([fleet()], hosts=hosts)
    result = run.one("fleet").result
    assert result["changed"] is True
    assert result["counts"] == {"total": 20, "unchanged": 0, "changed": 20, "failed": 0, "down": 0, "not_begun": 0}
    assert result["changed_hosts"] == [entry["host"] for entry in result["targets"]] == agents
    for host in agents[::7]:
        assert hand.call("GET", host, "/server/services/alert")["service"] == f"Handler {host}"
    assert len(watch.writes()) == 20


def test_a_host_is_templated_with_its_own_variables_only(play: Player, agents: list[str], hand: Hand) -> None:
    """All hosts share what templates: nothing of one may be left for the next."""
    said = "{{ lookup('vars', 'team') | upper }} {{ inventory_hostname }} {{ hostvars[inventory_hostname].room }}"
    asked = {"wishes": {"alert_service": {"service": said}}}
    hosts = {host: {**asked, "room": number, "team": f"team {number}"} for number, host in enumerate(agents[:6])}
    del hosts[agents[3]]["team"], hosts[agents[4]]["room"]
    run = play([fleet()], hosts=hosts, exit_code=2)
    failed = {host: entry["error"]["code"] for host, entry in entries(run).items() if entry["failed"]}
    assert failed == {agents[3]: "document_invalid", agents[4]: "document_invalid"}
    for number in (0, 1, 2, 5):
        service = hand.call("GET", agents[number], "/server/services/alert")["service"]
        assert service == f"TEAM {number} {agents[number]} {number}"


def test_a_second_run_writes_nothing_and_asks_only_for_what_it_needs(
    play: Player, agents: list[str], lab: LabControl, watch: Watch
) -> None:
    task, hosts = fleet(common_document=wishes(lab)), dict.fromkeys(agents, {})
    assert play([task], hosts=hosts).one("fleet").result["counts"]["changed"] == 20
    watch.restart()
    result = play([task], hosts=hosts).one("fleet").result
    assert (result["changed"], result["counts"]["unchanged"]) == (False, 20)
    watch.assert_untouched()
    names = watch.names()
    assert [names.count(name) for name in ("sign_in", "sign_out", *READS)] == [1, 1, 20, 20, 20]
    assert len(names) == 2 + 3 * 20 + 3  # and two lists and the organisation of the platform


def test_results_are_those_of_the_door_for_one_host(play: Player, agents: list[str], lab: LabControl) -> None:
    cases = [
        wishes(lab),
        SERVICE,
        wishes(lab, update_secrets="always"),
        {"email_service": {"enabled": True}},
        {"email_service": {"port": 0}},
        {"email_service": {"enabled": False}},
        wishes(lab, require_suspend=True, server_properties={"suspend_on_uncaught_fault": False}),
    ]
    here, there = agents[: len(cases)], agents[10 : 10 + len(cases)]
    stamps = ("fingerprints", "before_digest", "warnings")
    for options in (("--check", "--diff"), (), ()):
        run = play([fleet()], hosts=dict(zip(here, map(_wished, cases), strict=True)), options=options, exit_code=None)
        door = {"name": "door", "cai.console.execution_target": {}, "ignore_errors": True}
        tasks = [
            {**door, "cai.console.execution_target": case, "when": f"number == {n}"} for n, case in enumerate(cases)
        ]
        hosts = {host: {"number": number} for number, host in enumerate(there)}
        alone = play(tasks, hosts=hosts, options=options)
        for one, other in zip(here, there, strict=True):
            (row,) = [row for row in alone.all("door", other) if row.status != "skipped"]
            mine = _plain(entries(run)[one], one, {*OWN_KEYS, *stamps})
            theirs = _plain(row.result, other, {*stamps, "invocation"})
            if not mine["changed"]:
                theirs.pop("diff", None)
            if row.status == "failed":
                assert mine.pop("target", "agent") == "agent"
            assert mine == theirs
            assert set(entries(run)[one]) - OWN_KEYS >= {key for key in stamps if row.result.get(key)} - {"warnings"}


def _wished(case: Any) -> dict[str, Any]:
    return {"wishes": case}


def _plain(result: dict[str, Any], host: str, without: set[str]) -> dict[str, Any]:
    """A result without what tells one target from another."""
    kept = {name: value for name, value in result.items() if name not in without and not name.startswith("_ansible")}
    kept.pop("failed", None)
    kept.pop("exception", None)
    if "target" in kept:
        kept["target"] = kept["target"]["kind"]
    return dict(json.loads(json.dumps(kept).replace(host, "HOST")))


def test_check_mode_predicts_and_writes_nothing(play: Player, agents: list[str], watch: Watch) -> None:
    run = play([fleet()], hosts=named(agents), options=("--check", "--diff"))
    assert run.one("fleet").result["changed_hosts"] == agents
    watch.assert_untouched()
    assert run.stdout.count("+++ after: bulk-") == 20
    assert '"service": "Handler"' in run.stdout


def test_failures_at_several_targets_do_not_hide_each_other(play: Player, agents: list[str], lab: LabControl) -> None:
    hosts = named(agents)
    hosts[agents[0]] = {}
    hosts[agents[6]] = {"wishes": {"alert_service": {"email": "nobody"}}}
    hosts[agents[7]] = {"wishes": {"alert_service": {"service": "{{ nobody_defined_this }}"}}}
    hosts[agents[8]] = {"wishes": ["no dictionary"]}
    hosts[agents[9]] = {"wishes": {"passwort": "x"}}
    lab.set_faults({"method": "PUT", "path": lab_id(lab, agents[12]), "times": None, "status": 500})
    run = play([fleet()], hosts=hosts, exit_code=2)
    result = run.one("fleet").result
    assert run.one("fleet").code == "targets_failed"
    codes = {host: entry["error"]["code"] for host, entry in entries(run).items() if entry["failed"]}
    assert codes == {
        agents[0]: "document_missing",
        agents[6]: "invalid_option",
        agents[7]: "document_invalid",
        agents[8]: "document_invalid",
        agents[9]: "invalid_option",
        agents[12]: "console_error",
    }
    assert result["failed_hosts"] == [agents[n] for n in (0, 6, 7, 8, 9, 12)]
    assert result["counts"]["changed"] == 14
    assert all(f"fleet: failed: {host}: " in run.output for host in result["failed_hosts"])
    assert all(host in result["msg"] for host in result["failed_hosts"])


def lab_id(lab: LabControl, name: str) -> str:
    """The lab's id of a bulk agent."""
    return str(next(target["id"] for target in lab.targets() if target["name"] == name))


@pytest.mark.parametrize(
    ("max_failed", "exit_code", "stops"),
    [(None, 2, False), ("2", 2, True), ("10%", 2, True), (3, 0, False), ("15%", 0, False)],
)
def test_the_budget(
    play: Player, agents: list[str], watch: Watch, max_failed: Any, exit_code: int, stops: bool
) -> None:
    hosts: dict[str, dict[str, Any]] = named(agents)
    for host in agents[:3]:
        hosts[host] = {}
    args = {} if max_failed is None else {"max_failed": max_failed}
    result = play([fleet(workers=1, **args)], hosts=hosts, exit_code=exit_code).one("fleet").result
    assert result["counts"]["failed"] == 3
    assert result["budget"]["exceeded"] is (exit_code == 2)
    assert result["not_begun_hosts"] == (agents[3:] if stops else [])
    assert len(watch.writes()) == (0 if stops else 17)


def test_check_mode_tries_all_targets_whatever_the_budget(play: Player, agents: list[str]) -> None:
    hosts = {**named(agents), agents[0]: {}}
    result = play([fleet(max_failed=0)], hosts=hosts, options=("--check",), exit_code=2).one("fleet").result
    assert (result["counts"]["failed"], result["counts"]["changed"]) == (1, 19)


def test_an_unknown_option_is_refused_in_ansibles_words(play: Player, watch: Watch) -> None:
    failed = play([fleet(wokers=3)], exit_code=2).one("fleet").result
    assert failed["msg"].startswith("Unsupported parameters for (cai.console.fleet) module: wokers.")
    assert watch.names() == []


def test_common_wishes_that_can_never_be_right_are_one_failure_and_nothing_is_asked(
    play: Player, agents: list[str], watch: Watch
) -> None:
    wrong = {"email_service": {"port": 0}}
    failed = play([fleet(common_document=wrong)], hosts=dict.fromkeys(agents, {}), exit_code=2).one("fleet")
    assert failed.code == "invalid_option"
    assert "port" in failed.result["msg"]
    assert "targets" not in failed.result
    assert watch.names() == []


def test_with_serial_each_batch_is_done_and_the_budget_is_that_of_the_run(
    play: Player, agents: list[str], watch: Watch
) -> None:
    hosts: dict[str, dict[str, Any]] = named(agents)
    for host in (agents[0], agents[5], agents[10]):
        hosts[host] = {}
    run = play([fleet(max_failed="10%")], hosts=hosts, play={"serial": 5}, exit_code=2)
    results = [row.result for row in run.all("fleet")]
    assert [result["budget"]["failed"] for result in results] == [1, 2, 3]
    assert [result["counts"]["total"] for result in results] == [5, 5, 5]
    assert [result["budget"]["exceeded"] for result in results] == [False, False, True]
    assert not {entry["target"] for entry in watch.writes()} & set(agents[15:])


def test_targets_that_are_down_are_counted_apart(play: Player, agents: list[str], watch: Watch) -> None:
    hosts = named([agents[0], "agent-stopped", "agent-unreachable"])
    result = play([fleet(max_failed=0)], hosts=hosts).one("fleet").result
    assert result["counts"] == {"total": 3, "unchanged": 0, "changed": 1, "failed": 0, "down": 2, "not_begun": 0}
    assert result["down_hosts"] == ["agent-stopped", "agent-unreachable"]
    assert {entry["error"]["code"] for entry in result["targets"] if entry["down"]} == {
        "agent_stopped",
        "target_unreachable",
    }
    assert any("agent-stopped, agent-unreachable" in text for text in result["warnings"])


def test_limit_run_once_and_a_given_list(play: Player, agents: list[str]) -> None:
    run = play([fleet()], hosts=named(agents), options=("--limit", f"{agents[0]}:{agents[3]}"))
    assert sorted(entries(run)) == [agents[0], agents[3]]
    told = {"name": "told", "ansible.builtin.debug": {"msg": "{{ fleet.counts.total }}"}}
    run = play([fleet(targets=agents[4:6]), told], hosts=named(agents[:8]))
    assert sorted(entries(run)) == agents[4:6]
    assert [int(row.result["msg"]) for row in run.all("told")] == [2] * 8
    run = play([fleet(targets=[])], hosts=named(agents[:2]))
    assert run.one("fleet").result["counts"]["total"] == 0


def test_targets_need_no_inventory_where_the_wishes_are_common(play: Player, lab: LabControl) -> None:
    task = fleet(targets=["cloud-server", "Agent Zürich 3", lab.target("agent-a")["id"]], common_document=SERVICE)
    run = play([task], hosts={"localhost": {}}, options=("--check",))
    assert [entry["target"]["name"] for entry in entries(run).values()] == ["Cloud Server", "Agent Zürich 3", "agent-a"]


def test_a_slice_of_one_host_or_of_none(play: Player, agents: list[str]) -> None:
    hosts = named(agents)
    one = play([fleet()], hosts=hosts, options=("--limit", agents[0]))
    assert one.one("fleet").result["counts"]["total"] == 1
    none = play([fleet()], hosts=hosts, play={"hosts": "nobody"})
    assert none.all("fleet") == []


@pytest.mark.parametrize("strategy", ["free", "host_pinned"])
def test_a_strategy_that_would_run_it_for_every_host_is_refused(
    play: Player, agents: list[str], watch: Watch, strategy: str
) -> None:
    run = play([fleet()], hosts=named(agents), play={"strategy": strategy}, exit_code=None)
    assert run.exit_code != 0
    assert "bypasses the host loop" in run.output
    assert watch.operations() == []


def test_names_in_any_script_and_hosts_that_are_one_target(play: Player, lab: LabControl, watch: Watch) -> None:
    identity = lab.target("Agent Zürich 3")["id"]
    hosts = {
        "Überall ☂ 1": {"cai_target_id": "Agent Zürich 3", "wishes": SERVICE},
        "the same": {"cai_target_id": identity, "wishes": SERVICE},
        "agent-a": {"wishes": SERVICE},
    }
    run = play([fleet()], hosts=hosts, options=("--check",), exit_code=2)
    found = entries(run)
    assert found["Überall ☂ 1"]["target"]["id"] == identity
    assert found["the same"]["error"]["code"] == "target_repeated"
    assert "Überall ☂ 1" in found["the same"]["msg"]
    assert found["agent-a"]["status"] in ("changed", "unchanged")


def test_agents_that_vanished_fail_by_name_after_one_more_look(play: Player, agents: list[str], watch: Watch) -> None:
    gone = [f"gone-{number}" for number in range(3)]
    result = play([fleet(max_failed=3)], hosts=named([*agents[:3], *gone])).one("fleet").result
    assert result["failed_hosts"] == gone
    assert {entry["error"]["code"] for entry in result["targets"] if entry["failed"]} == {"target_unknown"}
    assert watch.names().count("list_agent_details") == 2


def test_vaulted_host_variables_work_and_stay_secret(
    play: Player, agents: list[str], lab: LabControl, tmp_path: Path, hand: Hand
) -> None:
    key = tmp_path / "key"
    key.write_text("vault-pw")
    secret = "planted-Secret-pw7"
    vault = VaultLib([(DEFAULT_VAULT_ID_MATCH, VaultSecret(b"vault-pw"))])
    vaulted = {"__ansible_vault": vault.encrypt(secret).decode()}
    email = {**wishes(lab)["email_service"], "password": "{{ mail_secret }}"}
    hosts = {host: {"mail_secret": vaulted, "wishes": {"email_service": email}} for host in agents[:3]}
    hosts[agents[3]] = {"mail_secret": vaulted, "wishes": {"email_service": {**email, "port": "x{{ mail_secret }}"}}}
    options = ("--vault-password-file", str(key), "-vvvv", "--diff")
    run = play([fleet(max_failed=1)], hosts=hosts, options=options)
    assert run.one("fleet").result["counts"]["changed"] == 3
    assert secret not in run.output
    assert secret not in json.dumps(run.one("fleet").result)
    assert lab.secret(lab_id(lab, agents[0]), "password", secret) == {"set": True, "equal": True}


def test_a_document_may_leave_out_what_is_to_be_omitted(play: Player, agents: list[str], hand: Hand) -> None:
    document = {"alert_service": {"service": "Handler", "email": "{{ nobody | default(omit) }}"}}
    play([fleet()], hosts=named(agents[:1], document))
    assert hand.call("GET", agents[0], "/server/services/alert")["service"] == "Handler"


def test_the_user_of_another_organisation_is_refused_before_the_first_read(
    play: Player, lab: LabControl, tmp_path: Path, watch: Watch
) -> None:
    path = Inventories(tmp_path / "inventories", lab).write(host_names="plain", compose={"wishes": json.dumps(SERVICE)})
    watch.restart()
    run = play([fleet()], hosts={}, options=("-i", str(path)), connection=connection(lab, PARENT), exit_code=2)
    assert {entry["error"]["code"] for entry in entries(run).values()} == {"organization_mismatch"}
    assert watch.names(user=PARENT) == ["sign_in", "sign_out"]
    guarded = {**connection(lab, PARENT), "console_organization_id": lab.addresses["organisations"]["00LAB1"]["uuid"]}
    watch.restart()
    run = play([fleet()], hosts={}, options=("-i", str(path)), connection=guarded, exit_code=2)
    assert run.one("fleet").code == "organization_mismatch"
    assert watch.names(user=PARENT) == ["sign_in", "sign_out"]


def test_host_variables_carry_the_connection_as_they_do_for_one_host(
    play: Player, agents: list[str], link: dict[str, Any], lab: LabControl, watch: Watch
) -> None:
    variables = {**{f"cai_{name}": value for name, value in link.items()}, "secret": link["console_password"]}
    variables |= {"cai_console_password": "{{ secret }}", "cai_console_proxy": "{{ nothing | default(omit) }}"}
    hosts = named(agents[:4])
    hosts[agents[1]]["cai_console_url"] = "http://127.0.0.1:1"
    hosts[agents[2]]["cai_console_url"] = "{{ ['" + link["console_url"] + "'] | first }}"
    run = play([fleet()], hosts=hosts, connection={}, variables=variables, options=("-vvv",), exit_code=2)
    assert run.one("fleet").result["counts"] == {
        **dict.fromkeys(("unchanged", "down", "not_begun"), 0),
        "total": 4,
        "changed": 3,
        "failed": 1,
    }
    refused = entries(run)[agents[1]]
    assert (refused["error"]["code"], refused["error"]["stage"]) == ("invalid_option", "options")
    assert "cai_console_url" in refused["msg"]
    assert watch.names(mutates=True).count("write_alert_service") == 3
    assert link["console_password"] not in run.output


def test_an_option_of_the_task_is_that_of_all_hosts(play: Player, agents: list[str]) -> None:
    hosts = named(agents[:2])
    hosts[agents[0]]["cai_console_url"] = "http://127.0.0.1:1"
    assert play([fleet()], hosts=hosts).one("fleet").result["counts"]["changed"] == 2


def test_a_pause_that_the_console_asks_for_is_kept_by_all(play: Player, agents: list[str], lab: LabControl) -> None:
    lab.set_faults({"method": "GET", "path": "alert$", "times": 3, "status": 429, "retry_after": 1})
    result = play([fleet()], hosts=named(agents)).one("fleet").result
    assert result["counts"]["changed"] == 20
    assert len(lab.operations(operation="read_alert_service", fault="status")) == 3


def test_progress_is_told(play: Player, agents: list[str], lab: LabControl) -> None:
    lab.set_faults({"method": "GET", "path": "alert$", "times": None, "latency_ms": 300})
    run = play([fleet(progress_interval=0.2, workers=2)], hosts=named(agents))
    lines = [line for line in run.stdout.splitlines() if line.startswith("fleet: ") and " of 20 targets" in line]
    assert lines
    assert any(line.endswith("s left") for line in lines)
    quiet = play([fleet(progress_interval=0)], hosts=named(agents))
    assert "fleet: " not in quiet.stdout.replace("[fleet", "")


def test_the_journal_tells_what_was_done(play: Player, agents: list[str], tmp_path: Path, lab: LabControl) -> None:
    journal = tmp_path / "journal"
    hosts = {**named(agents[:3]), agents[3]: {}}
    run = play([fleet(journal=str(journal), max_failed=1)], hosts=hosts)
    lines = {line["host"]: line for line in map(json.loads, journal.read_text().splitlines())}
    assert {host: line["status"] for host, line in lines.items()} == {
        host: entry["status"] for host, entry in entries(run).items()
    }
    assert lines[agents[0]]["target"] == lab_id(lab, agents[0])
    assert lines[agents[3]]["code"] == "document_missing"
    assert stat.S_IMODE(journal.stat().st_mode) == 0o600


def test_before_digest_tells_whether_somebody_changed_something(play: Player, agents: list[str], hand: Hand) -> None:
    def digest() -> str:
        run = play([fleet()], hosts=named(agents[:1]), options=("--check",))
        return str(entries(run)[agents[0]]["before_digest"])

    first = digest()
    assert digest() == first
    hand.set_alert(agents[0], service="Another")
    assert digest() != first
