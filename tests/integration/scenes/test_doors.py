# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two ways for a task, in the worker or as a module that travels: the same results, settings and environment."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from cai_lab.control_client import LabControl
from support import client, examples
from support.canary import Sampler, hits, unique
from support.gateway import Gateway
from support.labs import SENDER, Watch, mail_password
from support.play import Player, Row

# What only one of the doors adds, and why it may.
OWN_KEYS = {
    "invocation": "Ansible adds the arguments, masked, to what a module returns",
    "ansible_facts": "Ansible finds an interpreter for a module",
    "discovered_interpreter_python": "likewise",
    "ansible_job_id": "the job of async",
    "finished": "the job of async",
    "started": "the job of async",
    "results_file": "the job of async",
    "stdout": "async keeps what a module printed",
    "stdout_lines": "likewise",
    "stderr": "likewise",
    "stderr_lines": "likewise",
    "exception": "Ansible adds a place in the code to a module's failure when it is verbose",
    "_ansible_parsed": "Ansible's note that a module's output was JSON",
    "_ansible_no_log": "Ansible's own",
    "_ansible_delegated_vars": "Ansible's own; it names the connection",
}
# A run reads the list of targets once; a module that travels reads it for itself.
DISCOVERY = ("list_agent_details", "list_runtime_environments", "read_organisation")
EMAIL = {**examples.EMAIL, "password": "Doors-pw1"}
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "a first change": ("email_service", EMAIL),
    "no change": ("email_service", EMAIL),
    "a change with a warning": ("email_service", {"port": 465, "security": "tls", "password": "Doors-pw2"}),
    "a secret is missing": ("email_service", {"host": "other.example.org"}),
    "a wrong value": ("email_service", {"port": 0}),
    "a wrong choice": ("email_service", {"security": "starttls"}),
    "an unknown option": ("email_service", {"hostname": "other.example.org"}),
    "a service that is refused": ("alert_service", {"enabled": True, "action": "custom_service", "service": "No"}),
    "another service": ("alert_service", examples.ALERT),
    "a property": ("server_properties", {"suspend_on_uncaught_fault": True}),
    "a whole target": (
        "execution_target",
        {
            "email_service": {**EMAIL, "port": 2466},
            "alert_service": examples.ALERT_OTHER,
            "server_properties": {"suspend_on_uncaught_fault": False},
        },
    ),
    "a target as it is": ("execution_target", {"server_properties": {"suspend_on_uncaught_fault": False}}),
    "a target that is refused": ("execution_target", {"email_service": {"host": "a b"}}),
    "an authorization": ("email_service_authorization", {"as_of": "2026-01-01T00:00:00Z"}),
    "an authorization that is not there": ("email_service_authorization", {"state": "confirmed"}),
    "reading an alert": ("alert_service_info", {}),
    "reading": ("email_service_info", {}),
    "reading a property": ("server_properties_info", {}),
    "reading a log": ("server_log_info", {"since": "2099-01-01T00:00:00Z"}),
}
DOORS: dict[str, dict[str, Any]] = {
    "worker": {},
    "elsewhere": {"connection": "elsewhere"},
    "async": {"async": 600, "poll": 1},
}


FEW = ("a first change", "a secret is missing", "a wrong value", "reading")


def tasks(names: Iterable[str], **keywords: Any) -> list[dict[str, Any]]:
    """Cases as tasks that may fail."""
    return [
        {"name": name, f"cai.console.{CASES[name][0]}": CASES[name][1], "ignore_errors": True, **keywords}
        for name in names
    ]


def comparable(row: Row, lab: LabControl, target: str) -> Any:
    """A result without what belongs to a door, and with a name and an id of its target that all doors share."""
    result = {name: value for name, value in row.result.items() if name not in OWN_KEYS}
    if not result.get("warnings"):
        result.pop(
            "warnings", None
        )  # ansible-core 2.18 keeps an empty list of the worker's, and adds none of a module's
    if "fingerprints" in result:
        result["fingerprints"] = sorted(result["fingerprints"])  # their values hold the target's id
    if "before_digest" in result:
        result["before_digest"] = len(result["before_digest"])  # it holds the time of the last save
    identity = next(known["id"] for known in lab.targets() if known["name"] == target)
    text = json.dumps({"status": row.status, **result}, sort_keys=True)
    return json.loads(text.replace(target, "TARGET").replace(identity, "ID"))


@pytest.mark.parametrize(("door", "names"), [("elsewhere", tuple(CASES)), ("async", FEW)])
def test_both_doors_give_the_same_results(
    door: str, names: tuple[str, ...], play: Player, fresh: Callable[[], str], lab: LabControl, watch: Watch
) -> None:
    """With ``async`` a few cases, because each takes a second at least."""
    found, operations = [], []
    for used in ("worker", door):
        target = fresh()
        watch.restart()
        run = play(tasks(names, **DOORS[used]), hosts=[target], options=["--diff"])
        found.append({name: comparable(run.one(name), lab, target) for name in names})
        asked = [entry for entry in watch.operations() if entry["operation"] not in DISCOVERY]
        operations.append([(entry["operation"], entry["members"]) for entry in asked])
    assert found[0] == found[1]
    assert operations[0] == operations[1]
    assert {result["status"] for result in found[0].values()} == {"ok", "failed"}


def test_check_mode_is_the_same_through_both_doors(
    play: Player, fresh: Callable[[], str], lab: LabControl, watch: Watch
) -> None:
    target = fresh()
    watch.restart()
    found = []
    for door in ("worker", "elsewhere"):
        run = play(tasks(CASES, **DOORS[door]), hosts=[target], options=["--check", "--diff"])
        found.append({name: comparable(run.one(name), lab, target) for name in CASES})
    watch.assert_untouched()
    assert found[0] == found[1]
    assert found[0]["a first change"]["changed"] is True


ABOUT_NO_TARGET = ("targets_info", "console_doctor")


def test_every_module_with_two_doors_is_compared() -> None:
    compared = {module for module, _args in CASES.values()} | {*ABOUT_NO_TARGET, "smtp_test", "alert_test"}
    assert compared == set(client.TASKS)


@pytest.mark.parametrize("module", ABOUT_NO_TARGET)
def test_what_is_about_no_target_is_the_same_through_both_doors(module: str, play: Player) -> None:
    found = []
    for door in ("worker", "elsewhere"):
        row = play([{"name": "look", f"cai.console.{module}": {}, **DOORS[door]}]).one("look")
        found.append({name: value for name, value in row.result.items() if name not in OWN_KEYS})
    assert found[0] == found[1]
    assert len(found[0]) > 1


# A probe takes its time, and names its message; both differ from run to run.
PASSING = ("ms", "total_ms", "probe_id", "shared")


def lasting(value: Any) -> Any:
    """A probe's result without what differs from run to run."""
    if isinstance(value, dict):
        kept = {name: lasting(item) for name, item in value.items() if name not in (*PASSING, *OWN_KEYS)}
        return {name: item for name, item in kept.items() if name != "warnings" or item}
    return [lasting(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("check", [[], ["--check"]], ids=["real", "check"])
def test_a_probe_is_the_same_through_both_doors(check: list[str], play: Player, lab: LabControl) -> None:
    server = {"host": "localhost", "port": lab.addresses["smtp"]["starttls_port"], "ca_path": lab.addresses["ca"]}
    probe = {**server, "security": "tls", "username": SENDER, "password": mail_password(lab), "stop_after": "auth"}
    cases = {"good": probe, "refused": {**probe, "password": "Wrong-pw1", "username": "nobody@lab.test"}}
    found = []
    # With async a probe is refused: nobody could tell the ledger that it is over.
    for door in (DOORS["worker"], DOORS["elsewhere"]):
        steps = [
            {"name": name, "cai.console.smtp_test": args, "ignore_errors": True, **door} for name, args in cases.items()
        ]
        run = play(steps, options=check)
        found.append([(run.one(name).status, lasting(run.one(name).result)) for name in cases])
    assert found[0] == found[1]
    assert [status for status, _result in found[0]] == ["ok", "ok" if check else "failed"]


KEYWORDS: dict[str, dict[str, Any]] = {
    "no_log": {"no_log": True},
    "timeout": {"timeout": 300},
    "delegate_to": {"delegate_to": "bastion"},
    "environment": {"environment": {"CAI_CONSOLE_TIMEOUT": "20"}},
}


@pytest.mark.parametrize("keyword", KEYWORDS)
def test_a_keyword_means_the_same_through_both_doors(keyword: str, play: Player, lab: LabControl) -> None:
    """A good and a failing task; ``delegate_to`` leads to a host with the door's connection."""
    cases = {"good": {}, "failing": {"target": "agent-stopped"}}
    found = []
    for door in ("local", "elsewhere"):
        hosts: dict[str, dict[str, Any]] = {
            "agent-a": {"ansible_connection": door},
            "bastion": {"ansible_connection": door},
        }
        steps = [
            {"name": name, "cai.console.email_service_info": args, "ignore_errors": True, **KEYWORDS[keyword]}
            for name, args in cases.items()
        ]
        run = play(steps, hosts=hosts, options=["--limit", "agent-a"])
        found.append([comparable(run.one(name), lab, "agent-a") for name in cases])
    assert found[0] == found[1]
    assert [result["status"] for result in found[0]] == ["ok", "failed"]
    assert ("email_service" in found[0][0]) is (keyword != "no_log")


@pytest.mark.parametrize("door", ["worker", "elsewhere"])
def test_the_task_keyword_environment_carries_the_connection(
    door: str, play: Player, link: dict[str, Any], watch: Watch
) -> None:
    variables = {f"CAI_{name.upper()}": str(value) for name, value in link.items()}
    task = {"name": "read", "cai.console.email_service_info": {}, "environment": variables, **DOORS[door]}
    assert play([task], connection={}).one("read").status == "ok"
    assert watch.names() == ["sign_in", "read_email_service", "sign_out"]


@pytest.mark.parametrize("door", ["worker", "elsewhere"])
def test_a_secret_in_the_keyword_environment_is_on_no_command_line(
    door: str, play: Player, link: dict[str, Any], tmp_path: Path
) -> None:
    """Ansible puts the keyword's variables before the command of a module, and shows that command at -vvv."""
    planted = {"CAI_CONSOLE_PASSWORD": link["console_password"], "CAI_FINGERPRINT_KEY": unique("KEY")}
    known = {name: value for name, value in link.items() if name != "console_password"}
    task = {"name": "set", "cai.console.email_service": EMAIL, "environment": planted, **DOORS[door]}
    with Sampler(tmp_path / "run-0") as sampler:
        run = play([task], connection=known, options=["-vvvvv"])
    assert run.one("set").status == "ok"
    assert sampler.command_lines
    places = {"screen": run.output, "command lines": sampler.texts()["command lines"]}
    assert hits(places, planted) == {}


@pytest.mark.parametrize("door", ["worker", "elsewhere"])
def test_the_environment_may_be_templated_and_loses_to_an_option(door: str, play: Player, link: dict[str, Any]) -> None:
    task = {
        "name": "read",
        "cai.console.email_service_info": {},
        "environment": {"CAI_CONSOLE_PASSWORD": "{{ secret }}", "CAI_CONSOLE_URL": "http://127.0.0.1:1"},
        **DOORS[door],
    }
    known = {name: value for name, value in link.items() if name != "console_password"}
    run = play([task], connection=known, variables={"secret": link["console_password"]})
    assert run.one("read").status == "ok"


@pytest.mark.parametrize("door", ["worker", "elsewhere"])
def test_host_variables_carry_the_connection_and_may_be_templates(
    door: str, play: Player, link: dict[str, Any], watch: Watch
) -> None:
    variables = {**{f"cai_{name}": value for name, value in link.items()}, "secret": link["console_password"]}
    variables |= {"cai_console_password": "{{ secret }}", "cai_console_proxy": None}
    task = {"name": "read", "cai.console.email_service_info": {}, **DOORS[door]}
    run = play([task], connection={}, variables=variables, options=["-vvv"])
    assert run.one("read").status == "ok"
    assert watch.names() == ["sign_in", "read_email_service", "sign_out"]
    assert link["console_password"] not in run.output


@pytest.mark.parametrize("door", ["worker", "elsewhere"])
def test_a_host_variable_loses_to_an_option_and_wins_over_the_environment(
    door: str, play: Player, link: dict[str, Any]
) -> None:
    task = {
        "name": "read",
        "cai.console.email_service_info": {},
        "environment": {"CAI_CONSOLE_URL": "http://127.0.0.1:1", "CAI_CONSOLE_USERNAME": "nobody"},
        **DOORS[door],
    }
    variables = {"cai_console_url": link["console_url"], "cai_console_username": link["console_username"]}
    variables["cai_console_password"] = "Wrong-pw1"
    known = {name: link[name] for name in ("console_password", "console_binding")}
    assert play([task], connection=known, variables=variables).one("read").status == "ok"


@pytest.mark.parametrize("left_out", ["{{ omit }}", "{{ nothing | default(omit) }}"])
def test_a_host_variable_that_is_omitted_is_none(left_out: str, play: Player, link: dict[str, Any]) -> None:
    task = {"name": "read", "cai.console.email_service_info": {}}
    assert play([task], variables={"cai_console_proxy": left_out}).one("read").status == "ok"


@pytest.mark.parametrize("door", ["worker", "elsewhere"])
@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "CAI_CONSOLE_PROXY"])
def test_the_task_keyword_environment_carries_the_proxy(
    variable: str, door: str, play: Player, gateway: Gateway, link: dict[str, Any]
) -> None:
    task = {
        "name": "read",
        "cai.console.email_service_info": {},
        "environment": {variable: gateway.console},
        **DOORS[door],
    }
    assert play([task]).one("read").status == "ok"
    assert {request.server for request, _answer in gateway.seen if "services" in request.path} == {link["console_url"]}
    gateway.seen.clear()
    if not variable.startswith("CAI"):
        task["environment"] = {variable: gateway.console, "no_proxy": "127.0.0.1"}
        assert play([task]).one("read").status == "ok"
        assert gateway.seen == []


def test_defaults_of_the_group_reach_tasks_in_roles(play: Player, fresh: Callable[[], str], lab: LabControl) -> None:
    target = fresh()
    role = {"name": "role", "ansible.builtin.include_role": {"name": "cai.console.email_service"}}
    run = play([role], hosts=[target], variables={"email_service_port": 2527})
    (row,) = run.of_collection()
    assert (row.status, row.result["target"]["name"], row.result["email_service"]["port"]) == ("ok", target, 2527)


def test_the_target_is_the_option_else_the_variable_else_the_host(play: Player, lab: LabControl) -> None:
    hosts: dict[str, dict[str, Any]] = {
        "agent-b": {},
        "by-variable": {"cai_target_id": lab.target("agent-a")["id"]},
        "by-template": {"cai_target_id": "{{ wanted | upper | lower }}", "wanted": "agent-a"},
        "Agent Zürich 3": {"cai_target_id": ""},
    }
    two = [
        {"name": "host", "cai.console.server_properties_info": {}},
        {"name": "option", "cai.console.server_properties_info": {"target": "cluster-east"}},
    ]
    run = play(two, hosts=hosts)
    reached = {row.host: row.result["target"]["name"] for row in run.all("host")}
    named = {"agent-b": "agent-b", "Agent Zürich 3": "Agent Zürich 3"}
    assert reached == {**named, "by-variable": "agent-a", "by-template": "agent-a"}
    assert {row.result["target"]["name"] for row in run.all("option")} == {"cluster-east"}


def test_delegated_tasks_are_about_the_host_of_the_play(play: Player, lab: LabControl) -> None:
    task = {"name": "read", "cai.console.server_properties_info": {}, "delegate_to": "localhost"}
    run = play([task], hosts={"agent-a": {}, "b": {"cai_target_id": "agent-b"}})
    assert {row.host: row.result["target"]["name"] for row in run.all("read")} == {"agent-a": "agent-a", "b": "agent-b"}
