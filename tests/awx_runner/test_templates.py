# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each template's playbook, run by ansible-runner with the environment that its credentials inject."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml
from awx.content import AWX
from jinja2 import Environment

from .jobs import Done, merged, sliced
from .world import PREPARE, SECOND, SECRET, TARGETS, World, authorized, configured, planned, to_roll_out

TEMPLATES = yaml.safe_load((AWX / "controller" / "templates.yml").read_text(encoding="utf-8"))["controller_templates"]
NAMES = [item["name"] for item in TEMPLATES]
MAIL_TEST, APPLY = "CAI mail test", "CAI rollout apply"
SLICED = ["CAI doctor", "CAI configure plan", "CAI configure", "CAI authorize links"]


def configure_plan(world: World, done: Done) -> None:
    assert done.kept["cai_configure"] == {"targets": 4, "changed": sorted(TARGETS), "only_checked": True}
    assert world.lab.operations(mutates=True, operation="write_email_service") == []


def configure(world: World, done: Done) -> None:
    assert not done.kept["cai_configure"]["only_checked"]
    password = str(world.inputs["CAI SMTP password"]["password"])
    assert all(world.lab.secret(target, "password", password)["equal"] for target in TARGETS.values())


def links(world: World, done: Done) -> None:
    assert world.open_links(done.output) == len(TARGETS)


def complete(world: World, _done: Done) -> None:
    assert (world.folder / "alerts.yml").read_text(encoding="utf-8").startswith("$ANSIBLE_VAULT;")


def migrate(world: World, _done: Done) -> None:
    assert {world.status(host)["authenticationType"] for host in TARGETS} == {"OAUTH"}


def rotate(world: World, _done: Done) -> None:
    assert all(world.lab.secret(target, "oauth.clientSecret", SECOND)["equal"] for target in TARGETS.values())


def revoke(world: World, _done: Done) -> None:
    forgotten = world.lab.operations(operation="forget_authorization", mutates=True)
    assert len({entry["target"] for entry in forgotten}) == len(TARGETS)


def written(world: World) -> set[str]:
    """The ids of the targets of which a service was written."""
    return {
        str(entry["target"]) for entry in world.lab.operations(mutates=True) if entry["operation"].startswith("write")
    }


def export(world: World, _done: Done) -> None:
    found = [path.read_text(encoding="utf-8") for path in (world.folder / "export").rglob("*.yml")]
    assert any("wishes" in text and str(world.variables["email_service_port"]) in text for text in found)
    assert written(world) == set()


def rollout_plan(world: World, done: Done) -> None:
    kept = done.kept["cai_rollout"]
    assert (kept["step"], kept["counts"]["total"], kept["counts"]["change"]) == ("plan", 4, 4)
    assert done.kept["rollout_plan_digest"] == kept["digest"] and len(kept["digest"]) == 64
    assert written(world) == set()


def rollout_apply(world: World, done: Done) -> None:
    assert (done.kept["cai_rollout"]["step"], done.kept["cai_rollout"]["counts"]["changed"]) == ("apply", 4)
    assert "rollout_plan_digest" not in done.kept
    assert len(written(world)) == len(world.lab.mailbox()) == len(TARGETS)


def rollout_catch_up(world: World, done: Done) -> None:
    counts = done.kept["cai_rollout"]["counts"]
    assert (counts["total"], counts["changed"], counts["pending"]) == (4, 4, 0)
    assert len(world.lab.mailbox()) == len(TARGETS)


def rollout_report(_world: World, done: Done) -> None:
    counts = done.kept["cai_rollout"]["counts"]
    assert (done.kept["cai_rollout"]["step"], counts["total"], counts["changed"]) == ("report", 2, 2)


PROVEN: dict[str, Callable[[World, Done], None]] = {
    "CAI authorize links": links,
    "CAI configure": configure,
    "CAI configure plan": configure_plan,
    "CAI consent complete": complete,
    "CAI export": export,
    "CAI migrate to OAuth": migrate,
    "CAI revoke": revoke,
    "CAI rollout apply": rollout_apply,
    "CAI rollout catch up": rollout_catch_up,
    "CAI rollout plan": rollout_plan,
    "CAI rollout report": rollout_report,
    "CAI rotate secret": rotate,
}
"""What a job leaves, beside having ended well."""


@pytest.mark.parametrize("travels", [False, True], ids=["run", "transmit-worker-process"])
@pytest.mark.parametrize("name", [name for name in NAMES if name != MAIL_TEST])
def test_a_template(world: World, name: str, travels: bool) -> None:
    answers = PREPARE[name](world) if name in PREPARE else {}

    def watch(line: str) -> None:
        if name == "CAI migrate to OAuth":
            world.open_links(line)

    job = world.job(name, answers=answers, travels=travels, watch=watch)
    done = job.run()
    assert (done.code, done.status) == (0, "successful"), done.output
    if name in PROVEN:
        PROVEN[name](world, done)
    world.assert_clean(done, answers={key: value for key, value in answers.items() if key.endswith(("_new", "_url"))})
    assert not (job.folder / "worker").exists()


@pytest.mark.parametrize("count", [2, 4])
@pytest.mark.parametrize("name", SLICED)
def test_slices_in_parallel_are_as_one_job(world: World, name: str, count: int) -> None:
    if name in PREPARE:
        PREPARE[name](world)
    jobs = [world.job(name, sliced(world.hosts, number, count)) for number in range(1, count + 1)]
    started = [job.start() for job in jobs]
    done = [job.finish(process) for job, process in zip(jobs, started, strict=True)]
    assert [(job.code, job.status) for job in done] == [(0, "successful")] * count, [job.output for job in done]
    whole = merged(done)
    # A task with run_once is counted for one host of its slice, whatever it looks at.
    counted = {next(iter(job.hosts)) for job in jobs} if name == "CAI doctor" else set(TARGETS)
    assert set(whole["processed"]) - {"localhost"} == counted
    assert all(any(host in job.output for job in done) for host in counted)
    assert whole["failures"] == {}
    world.assert_clean(*done)


@pytest.mark.parametrize("name", SLICED)
def test_a_slice_without_hosts_ends_well(world: World, name: str) -> None:
    done = world.job(name, {}).run()
    assert (done.code, done.status) == (0, "successful"), done.output
    assert merged([done]).get("processed", {}) == {}


def test_hosts_are_cut_as_awx_cuts_them() -> None:
    hosts: dict[str, dict[str, str]] = {f"h{number}": {} for number in (3, 1, 2, 5, 4)}
    assert [list(sliced(hosts, number, 2)) for number in (1, 2)] == [["h1", "h3", "h5"], ["h2", "h4"]]
    assert [list(sliced(hosts, number, 7)) for number in (5, 6, 7)] == [["h5"], [], []]


def test_slices_that_share_a_host_are_noticed(world: World) -> None:
    done = world.job("CAI doctor", sliced(world.hosts, 1, 4)).run()
    with pytest.raises(AssertionError, match="in two slices"):
        merged([done, done])


def test_a_secret_in_an_artifact_is_noticed(world: World) -> None:
    done = world.job("CAI doctor").run()
    for text in (SECRET, json.dumps({"a": SECRET})):
        (done.artifacts / "leak").write_text(text, encoding="utf-8")
        with pytest.raises(AssertionError, match="leak"):
            world.assert_clean(done)


def flow(world: World, name: str) -> Iterator[dict[str, Any]]:
    """The nodes of a workflow from its root along success."""
    found = world.content.one("workflows", name)
    assert found
    nodes = {node["identifier"]: node for node in found["simplified_workflow_nodes"]}
    node = found["simplified_workflow_nodes"][0]
    while True:
        yield node
        after = node.get("success_nodes")
        if not after:
            return
        node = nodes[after[0]]


def test_the_workflow_with_approval(world: World) -> None:
    """Each job gets what those before it left, and signs in by its own credential."""
    inherited: dict[str, Any] = {}
    ran = []
    for node in flow(world, "CAI configure with approval"):
        if "approval_node" in node:
            assert inherited["cai_configure"]["only_checked"]
            assert world.lab.operations(mutates=True, operation="write_email_service") == []
        elif node["unified_job_template"] != MAIL_TEST:
            done = world.job(node["unified_job_template"], inherited=inherited).run()
            assert done.code == 0, done.output
            world.assert_clean(done)
            inherited |= done.kept
            ran.append(node["identifier"])
    assert ran == ["plan", "apply"]
    assert inherited["cai_configure"] == {"targets": 4, "changed": sorted(TARGETS), "only_checked": False}
    world.inputs["CAI console (apply)"] = world.console("viewer@lab.test")
    world.variables["fault_alerts_email"] = "others@lab.test"
    refused = world.job("CAI configure").run()
    assert refused.code != 0
    world.assert_clean(refused)


def test_the_rollout_with_approval(world: World) -> None:
    """What is approved is what is applied; a target that a person changed meanwhile is left alone and named."""
    to_roll_out(world)
    first, approval, second, _last = flow(world, "CAI rollout with approval")
    plan = world.job(first["unified_job_template"]).run()
    assert plan.code == 0, plan.output
    # What the webhook gets before the approval is asked for.
    webhook = world.content["notifications"][0]["messages"]["success"]["body"]
    job = {"id": 1, "name": "plan", "status": plan.status, "artifacts": plan.kept}
    told = json.loads(Environment(autoescape=False).from_string(webhook).render(job=job, url="https://awx.example.org"))
    assert told["artifacts"]["cai_rollout"]["counts"]["change"] == len(TARGETS)
    assert told["artifacts"]["cai_rollout"]["digest"] == plan.kept["rollout_plan_digest"]
    assert set(approval["approval_node"]) == {"name", "description", "timeout"}
    by_hand = world.job("CAI configure", {"agent-a": world.hosts["agent-a"]})
    by_hand.variables = {**world.quickstart("password"), "fault_alerts_email": "others@lab.test"}
    assert by_hand.run().code == 0
    world.lab.clear_operations()
    robot = world.inputs["CAI console (apply)"]
    world.inputs["CAI console (apply)"] = world.console("viewer@lab.test")
    stranger = world.job(second["unified_job_template"], inherited=plan.kept).run()
    assert stranger.code != 0 and written(world) == set()
    world.inputs["CAI console (apply)"] = robot
    applied = world.job(second["unified_job_template"], inherited=plan.kept).run()
    assert applied.code != 0
    assert "changed since" in applied.output and len(written(world)) == len(TARGETS) - 1, applied.output
    world.assert_clean(plan, stranger, applied)


def test_slices_apply_one_plan_and_are_reported_as_one(world: World) -> None:
    answers = planned(world)
    jobs = [world.job(APPLY, sliced(world.hosts, number, 2), answers=answers) for number in (1, 2)]
    started = [job.start() for job in jobs]
    done = [job.finish(process) for job, process in zip(jobs, started, strict=True)]
    assert [job.code for job in done] == [0, 0], [job.output for job in done]
    empty = world.job(APPLY, {}, answers=answers).run()
    assert (empty.code, empty.kept) == (0, {}), empty.output
    report = world.job("CAI rollout report", answers=answers).run()
    counts = report.kept["cai_rollout"]["counts"]
    assert (counts["total"], counts["changed"]) == (len(TARGETS), len(TARGETS))
    assert len(world.lab.mailbox()) == len(TARGETS)
    world.assert_clean(*done, empty, report)


def test_the_consent_in_two_steps(world: World) -> None:
    """Links, a person who opens them, and a job that confirms; nobody opened them: it fails, and names the targets."""
    configured(world, "oauth")
    nodes = list(flow(world, "CAI authorize"))
    first, approval, last = nodes
    shown = world.job(first["unified_job_template"]).run()
    assert shown.code == 0, shown.output
    early = world.job(last["unified_job_template"]).run()
    assert early.code != 0
    assert approval["approval_node"]["timeout"] == 604800
    assert world.open_links(shown.output) == len(TARGETS)
    confirmed = world.job(last["unified_job_template"]).run()
    assert confirmed.code == 0, confirmed.output
    world.assert_clean(shown, early, confirmed)


def test_nobody_needs_a_person_at_night(world: World) -> None:
    authorized(world)
    schedule = world.content.one("schedules", "CAI every night")
    assert schedule
    done = world.job(schedule["unified_job_template"]).run()
    assert done.code == 0, done.output
    assert "4 targets: 4 good" in " ".join(done.output.split())
