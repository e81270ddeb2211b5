# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rollout: a plan, its approval by digest, canary and waves, what stops them, and how a cut-off run goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cai_lab.control_client import LabControl
from support.hand import Hand
from support.jobs import Job, JobRunner, job_runner
from support.labs import PARENT, Watch, connection, email_that_sends, mail_password
from support.patience import eventually
from support.play import Player, Run

TASK = "Plan, apply, catch up or report"
END = "End with an error if the rollout was stopped or a target was refused"
SERVICES = ("server_properties", "email_service", "alert_service")


class Rollout:
    """Runs the playbook over hosts, and keeps its folder of states between the runs."""

    def __init__(self, play: Player, link: dict[str, Any], folder: Path, hosts: dict[str, dict[str, Any]]) -> None:
        self._play = play
        self._variables = {f"cai_{name}": value for name, value in link.items()}
        self.state_dir = folder / "state"
        self.report = folder / "report"
        self.hosts = hosts
        self.digest = ""

    def __call__(self, *options: str, exit_code: int | None = 0, **variables: Any) -> Run:
        """Run it; variables are those of the role, without its name before them."""
        mine = {"state_dir": str(self.state_dir), "report": str(self.report), **variables}
        named = {**self._variables, **{f"rollout_{name}": value for name, value in mine.items()}}
        return self._play.playbook(
            "cai.console.rollout", hosts=self.hosts, variables=named, options=options, exit_code=exit_code
        )

    def plan(self, exit_code: int | None = 0, **variables: Any) -> dict[str, Any]:
        """Plan; the result, whose digest is kept."""
        result = self("--tags", "plan", exit_code=exit_code, **variables).one(TASK).result
        self.digest = result.get("plan_digest", "")
        return result

    def apply(self, *options: str, exit_code: int | None = 0, **variables: Any) -> dict[str, Any]:
        """Apply the plan; the result."""
        run = self(*options, exit_code=exit_code, plan_digest=self.digest, **variables)
        return run.one(TASK).result

    def kept(self) -> str:
        """Everything that is in the folders, as text."""
        files = [*self.state_dir.rglob("*"), *self.report.rglob("*")]
        return "\n".join(path.read_text(encoding="utf-8") for path in files if path.is_file())


def wishes(name: str) -> dict[str, Any]:
    """Wishes that no mail server is needed for, and that differ by host."""
    return {"wishes": {"alert_service": {"enabled": False, "action": "custom_service", "service": f"Handler {name}"}}}


def rows(result: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The targets of a result by their hosts."""
    return {row["host"]: row for row in result["targets"]}


def statuses(result: dict[str, Any]) -> dict[str, str]:
    """Host to status."""
    return {host: row["status"] for host, row in rows(result).items()}


@pytest.fixture
def sixty(lab: LabControl) -> list[str]:
    """Sixty agents that nobody has configured."""
    return new_agents(lab, 60)


@pytest.fixture
def six(lab: LabControl) -> list[str]:
    """Six of them."""
    return new_agents(lab, 6)


def new_agents(lab: LabControl, number: int) -> list[str]:
    """New agents that nobody has configured."""
    last = lab.add_agents(number)
    return [f"bulk-{index:04d}" for index in range(last - number + 1, last + 1)]


@pytest.fixture
def rollout(play: Player, link: dict[str, Any], tmp_path: Path) -> Callable[[list[str]], Rollout]:
    """Makes a rollout over hosts."""
    return lambda names: Rollout(play, link, tmp_path, {name: wishes(name) for name in names})


def changed(result: dict[str, Any]) -> set[str]:
    """The hosts that were changed."""
    return {host for host, status in statuses(result).items() if status == "changed"}


def lab_id(lab: LabControl, name: str) -> str:
    """The lab's id of a target."""
    return str(next(target["id"] for target in lab.targets() if target["name"] == name))


def written(watch: Watch) -> list[str]:
    """The targets that were written, in order."""
    return [entry["target"] for entry in watch.writes()]


def asked(watch: Watch, lab: LabControl) -> set[str]:
    """Names of the targets of which anything was asked."""
    names = {target["id"]: target["name"] for target in lab.targets()}
    return {names[entry["target"]] for entry in watch.operations() if entry.get("target") in names}


def test_plan_and_apply(
    rollout: Callable[[list[str]], Rollout], six: list[str], watch: Watch, hand: Hand, lab: LabControl
) -> None:
    it = rollout(six)
    plan = it.plan()
    watch.assert_untouched()
    assert plan["counts"] == {"total": 6, "change": 6, "unchanged": 0, "down": 0, "failed": 0, "shared": 0}
    assert it.plan()["plan_digest"] == plan["plan_digest"]
    watch.restart()
    result = it.apply()
    assert set(statuses(result).values()) == {"changed"}
    assert [wave["name"] for wave in result["waves"]] == ["canary", "wave 1", "wave 2"]
    assert hand.call("GET", six[3], "/server/services/alert")["service"] == f"Handler {six[3]}"
    assert len(written(watch)) == 6
    assert "No gate is set" in result["gate"]
    watch.restart()
    again = it.apply()
    assert (again["finished_before"], again["changed"], asked(watch, lab)) == (6, False, set())
    report = json.loads((it.report / "rollout.json").read_text())
    assert report["counts"]["changed"] == 6


def strike(lab: LabControl, *names: str, status: int = 500, method: str = "PUT") -> None:
    """Let the console fail at these targets."""
    lab.set_faults(*({"method": method, "path": lab_id(lab, name), "times": None, "status": status} for name in names))


def test_a_fault_at_the_first_target_stops_it_at_the_canary(
    rollout: Callable[[list[str]], Rollout], sixty: list[str], lab: LabControl, watch: Watch
) -> None:
    it = rollout(sixty)
    it.plan()
    strike(lab, sixty[0])
    watch.restart()
    result = it.apply(exit_code=2, max_failed=30)
    assert (result["stopped_at"], result["failed_hosts"]) == ("canary", [sixty[0]])
    assert result["counts"]["not_begun"] == 59
    assert len(watch.writes()) == 1


def test_faults_use_up_the_budget_the_wave_is_rolled_back_and_the_rest_is_done_by_the_next_run(
    rollout: Callable[[list[str]], Rollout], sixty: list[str], lab: LabControl, watch: Watch, hand: Hand
) -> None:
    it = rollout(sixty)
    before = {name: hand.call("GET", name, "/server/services/alert") for name in sixty}
    plan = it.plan()
    hand.set_alert(sixty[7], service="by hand")
    strike(lab, sixty[0], sixty[6], sixty[30])
    watch.restart()
    how = {"canary_hosts": [sixty[1]], "waves": [20, 100], "max_failed": 2, "workers": 4, "on_failure": "roll_back"}
    run = it(exit_code=2, plan_digest=it.digest, **how)
    result = run.one(TASK).result
    assert (run.one(TASK).code, result["stopped_at"]) == ("targets_failed", "wave 2")
    assert result["refused_hosts"] == [sixty[7]]
    found = rows(result)
    assert found[sixty[7]]["code"] == "changed_since_plan"
    assert (found[sixty[1]]["wave"], found[sixty[1]]["status"]) == ("canary", "changed")
    assert {name for name in sixty[:21] if found[name]["status"] != "changed"} == {sixty[0], sixty[6], sixty[7]}
    back = result["rolled_back_hosts"]
    assert back and set(back) <= set(sixty[21:])
    for name in back:
        now = hand.call("GET", name, "/server/services/alert")
        assert now["service"] == before[name]["service"]
    assert not set(result["failed_hosts"]) - {sixty[0], sixty[6], sixty[30]}
    assert any("Stopped at wave 2." in line for line in run.one("Show the table").result["msg"])

    lab.set_faults()
    watch.restart()
    again = it.apply(exit_code=2, **how)
    assert again["finished_before"] == result["counts"]["changed"] == 18
    assert set(statuses(again).values()) == {"changed", "refused"}
    assert again["refused_hosts"] == [sixty[7]]
    finished = {name for name, status in statuses(result).items() if status == "changed"}
    assert asked(watch, lab) == set(sixty) - finished
    assert hand.call("GET", sixty[7], "/server/services/alert")["service"] == "by hand"
    assert plan["counts"]["change"] == 60


def test_with_go_on_all_are_tried_and_the_end_is_an_error(
    rollout: Callable[[list[str]], Rollout], six: list[str], lab: LabControl
) -> None:
    it = rollout(six)
    it.plan()
    strike(lab, six[0], six[3])
    result = it.apply(exit_code=2, on_failure="go_on")
    assert result["counts"]["changed"] == 4
    assert (result["failed_hosts"], result["stopped_at"]) == ([six[0], six[3]], None)


@pytest.mark.parametrize("digest", ["0" * 64, "of another plan"])
def test_a_digest_that_is_not_of_the_plan_is_refused(
    rollout: Callable[[list[str]], Rollout], six: list[str], watch: Watch, digest: str
) -> None:
    it = rollout(six)
    known = it.plan()["plan_digest"]
    it.digest = digest
    watch.restart()
    result = it.apply(exit_code=2)
    assert result["error"]["code"] == "plan_unknown"
    assert known in result["msg"]
    assert written(watch) == []


def test_wishes_that_changed_since_the_plan_are_refused_by_name(
    rollout: Callable[[list[str]], Rollout], six: list[str], watch: Watch, lab: LabControl
) -> None:
    it = rollout(six)
    it.plan()
    it.hosts[six[2]] = wishes("another")
    watch.restart()
    run = it(exit_code=2, plan_digest=it.digest)
    result = run.one(TASK).result
    assert (run.one(TASK).code, result["refused_hosts"]) == ("changed_since_plan", [six[2]])
    assert six[2] in run.one(END).result["msg"]
    assert set(written(watch)) == {lab_id(lab, name) for name in six if name != six[2]}


def test_down_and_late_targets_are_pending_until_they_are_caught_up_with(
    rollout: Callable[[list[str]], Rollout], six: list[str], lab: LabControl, watch: Watch, hand: Hand
) -> None:
    late, joined = new_agents(lab, 2)
    it = rollout([*six, "agent-stopped"])
    plan = it.plan()
    assert (plan["counts"]["change"], plan["counts"]["down"]) == (6, 1)
    it.hosts = {**it.hosts, joined: wishes(joined)}
    strike(lab, six[0], status=504, method="*")
    result = it.apply()
    assert result["pending_hosts"] == [six[0], "agent-stopped", joined]
    assert rows(result)[six[1]]["wave"] == "canary"
    assert rows(result)[joined]["code"] == "not_in_plan"
    assert hand.call("GET", joined, "/server/services/alert")["service"] != f"Handler {joined}"
    lab.set_faults()
    watch.restart()
    assert it.apply()["pending_hosts"] == result["pending_hosts"]
    assert watch.names() == []
    caught = it("--tags", "catch_up", plan_digest=it.digest).one(TASK).result
    assert caught["pending_hosts"] == ["agent-stopped"]
    assert asked(watch, lab) == {six[0], joined}
    assert {rows(caught)[name]["wave"] for name in (six[0], joined)} == {"catch_up"}
    assert hand.call("GET", joined, "/server/services/alert")["service"] == f"Handler {joined}"
    assert late not in statuses(caught)


def test_slices_apply_one_plan_and_their_fragments_are_merged(
    rollout: Callable[[list[str]], Rollout], six: list[str], watch: Watch
) -> None:
    it = rollout(six)
    it.plan()
    for number in (0, 1):
        result = it.apply("--limit", ":".join(six[number::3]))
        assert sorted(statuses(result)) == six[number::3]
    empty = it("--limit", "all:!all", exit_code=None, plan_digest=it.digest)
    assert empty.all(TASK) == []
    watch.restart()
    merged = it("--tags", "report", plan_digest=it.digest).one(TASK).result
    assert watch.operations() == []
    assert merged["counts"] == {**dict.fromkeys(merged["counts"], 0), "total": 6, "changed": 4, "not_begun": 2}
    assert merged["left_hosts"] == six[2::3]
    assert len(merged["runs"]) == 2
    assert it.apply()["finished_before"] == 4


def test_a_group_that_another_organisation_shares_is_left_to_its_owner(
    rollout: Callable[[list[str]], Rollout], six: list[str], lab: LabControl, watch: Watch, play: Player, tmp_path: Path
) -> None:
    it = rollout([six[0], "shared-eu"])
    plan = it.plan()
    assert (plan["counts"]["shared"], plan["counts"]["failed"]) == (1, 0)
    result = it.apply()
    assert statuses(result) == {six[0]: "changed", "shared-eu": "shared"}
    assert rows(result)["shared-eu"]["code"] == "not_owner"
    assert written(watch) == [lab_id(lab, six[0])]
    owner = Rollout(play, connection(lab, PARENT), tmp_path / "owner", {"shared-eu": wishes("shared-eu")})
    owner.plan()
    watch.restart()
    assert statuses(owner.apply()) == {"shared-eu": "changed"}
    assert len(watch.writes()) == 1


def test_changes_of_fault_handling_are_a_section_of_their_own(
    rollout: Callable[[list[str]], Rollout], six: list[str], hand: Hand
) -> None:
    hand.run_canary(six[0])
    it = rollout(six[:2])
    it.hosts = {
        name: {"wishes": {"server_properties": {"suspend_on_uncaught_fault": True}}} for name in ("agent-b", *six[:2])
    }
    hand.set_properties("agent-b", suspendProcessesOnUncaughtFault=False)
    plan = it.plan()
    counts = {row["host"]: (row["faulted"], row["suspended"]) for row in plan["fault_handling"]}
    assert counts[six[0]] == (1, 0)
    assert counts[six[1]] == (0, 0)
    assert all(str(number).startswith("at least ") for number in counts["agent-b"])
    assert "The handling of faults changes at 3 targets:" in plan["table"]


def mail_wishes(lab: LabControl, **more: Any) -> dict[str, Any]:
    """Wishes with a secret."""
    return {"wishes": {"email_service": email_that_sends(lab, **more)}}


def gate(lab: LabControl, **more: Any) -> dict[str, Any]:
    """A gate by the console, with a mail of each target."""
    return {"vantage": "console", "recipient": "operations@lab.test", **more}


def test_the_gate_tests_every_wave_and_finished_targets_get_no_second_mail(
    rollout: Callable[[list[str]], Rollout], six: list[str], lab: LabControl, watch: Watch
) -> None:
    it = rollout(six)
    it.hosts = {name: mail_wishes(lab) for name in six}
    it.hosts[six[3]] = mail_wishes(lab, username="nobody@lab.test", password="Wrong-pw")
    it.plan()
    lab.clear_mailbox()
    how = {"waves": [2, 100], "gate": gate(lab)}
    result = it.apply(exit_code=2, **how)
    tested = {name: row["mail"] for name, row in rows(result).items() if row["mail"]}
    assert result["stopped_at"] == "wave 2"
    assert result["failed_hosts"] == [six[3]]
    assert rows(result)[six[3]]["message"].startswith("The gate: ")
    assert len(lab.mailbox()) == len(tested) - 1
    passed = {name for name, status in statuses(result).items() if status == "changed"}
    assert passed >= set(six[:3])
    watch.restart()
    it.hosts[six[3]] = mail_wishes(lab)
    again = it.apply(exit_code=2, **how)
    assert again["refused_hosts"] == [six[3]]
    assert not asked(watch, lab) & passed
    assert statuses(again) == {**dict.fromkeys(six, "changed"), six[3]: "refused"}


def test_what_did_not_pass_the_gate_is_tested_again_by_the_next_run(
    rollout: Callable[[list[str]], Rollout], six: list[str], lab: LabControl, watch: Watch
) -> None:
    it = rollout(six[:2])
    it.hosts = {name: mail_wishes(lab) for name in six[:2]}
    it.plan()
    lab.cut_mail_path(six[0])
    assert it.apply(exit_code=2, gate=gate(lab))["stopped_at"] == "canary"
    lab.open_mail_paths()
    watch.restart()
    result = it.apply(gate=gate(lab))
    assert set(statuses(result).values()) == {"changed"}
    assert [entry["target"] for entry in watch.operations(operation="test_email_service")] == [
        lab_id(lab, name) for name in six[:2]
    ]
    assert [entry["target"] for entry in watch.operations(operation="write_email_service")] == [lab_id(lab, six[1])]


def test_a_wave_that_does_not_pass_the_gate_is_rolled_back_with_its_secrets(
    rollout: Callable[[list[str]], Rollout], six: list[str], lab: LabControl, hand: Hand
) -> None:
    former = "Former-pw1"
    it = rollout(six[:2])
    it.hosts = {name: mail_wishes(lab, password=former) for name in six[:2]}
    it.plan()
    it.apply()
    moved = mail_wishes(lab, oauth={"client_id": "moved"})
    it.hosts = dict.fromkeys(six[:2], moved)
    it.plan()
    lab.cut_mail_path(six[0])
    how = {"gate": gate(lab), "on_failure": "roll_back"}
    refused = it.apply(exit_code=2, **how)
    assert rows(refused)[six[0]]["code"] == "previous_secret_required"
    assert hand.email(six[0])["oauth"]["clientId"] != "moved"
    moved["wishes"]["previous_secret"] = former
    result = it.apply(exit_code=2, **how)
    lab.open_mail_paths()
    assert result["rolled_back_hosts"] == [six[0]]
    assert hand.email(six[0])["oauth"]["clientId"] != "moved"
    assert lab.secret(lab_id(lab, six[0]), "password", former)["equal"]


def test_the_gate_with_arrival_takes_the_password_of_the_wishes(
    rollout: Callable[[list[str]], Rollout], six: list[str], lab: LabControl
) -> None:
    it = rollout(six[:2])
    it.hosts = {name: mail_wishes(lab) for name in six[:2]}
    it.plan()
    folder = Path(lab.addresses["ca"]).parents[1] / "mailbox"
    proof = {
        "recipient": "operations@lab.test",
        "ca_path": lab.addresses["ca"],
        "arrival": {"maildir": str(folder), "wait": 20},
    }
    result = it.apply(gate=proof)
    assert set(statuses(result).values()) == {"changed"}
    assert result["gate"] == "The gate after each wave is smtp_test with proof of arrival."
    assert all(row["mail"]["latency_ms"] is not None for row in rows(result).values())


def test_no_secret_is_in_plan_states_or_report(
    rollout: Callable[[list[str]], Rollout], six: list[str], lab: LabControl
) -> None:
    it = rollout(six[:3])
    secret = "planted+Secret-pw9"
    it.hosts = {name: mail_wishes(lab) for name in six[:3]}
    it.hosts[six[1]] = mail_wishes(lab, password=secret, username=f"name-{secret}")
    it.plan()
    run = it("-vvvv", "--diff", exit_code=2, plan_digest=it.digest, gate=gate(lab))
    texts = [it.kept(), run.output, json.dumps([row.result for row in run.rows])]
    for hidden in (secret, mail_password(lab)):
        assert [hidden in text for text in texts] == [False, False, False]


def test_check_mode_compares_with_the_plan_and_writes_nothing(
    rollout: Callable[[list[str]], Rollout], six: list[str], hand: Hand, watch: Watch
) -> None:
    it = rollout(six)
    it.plan()
    hand.set_alert(six[2], service="by hand")
    watch.restart()
    result = it.apply("--check", exit_code=2)
    assert (result["refused_hosts"], result["counts"]["changed"]) == ([six[2]], 5)
    watch.assert_untouched()
    assert len(list(it.state_dir.rglob("*.jsonl"))) == 0
    assert [path.name for path in it.state_dir.rglob("*.json")] == ["plan.json"]


def test_serial_is_refused(play: Player, six: list[str], tmp_path: Path) -> None:
    task = {"step": "plan", "document": "wishes", "state_dir": str(tmp_path)}
    run = play(
        [{"name": "plan", "cai.console.rollout": task, "run_once": True}],
        hosts={name: wishes(name) for name in six},
        play={"serial": 2},
        exit_code=2,
    )
    assert "serial" in run.one("plan").result["msg"]


class Jobs:
    """Runs the rollout as jobs over sixty targets: the state's folder stays, each job's own is thrown away."""

    def __init__(self, runner: JobRunner, state: Path, names: list[str]) -> None:
        self._runner = runner
        self._state = str(state)
        self._hosts = {name: wishes(name) for name in names}

    def start(self, *options: str, **variables: Any) -> Job:
        """Start a job; variables are those of the role, without its name before them."""
        mine = {"state_dir": self._state, "waves": ["20", "100%"], **variables}
        play = {"roles": ["cai.console.rollout"], "vars": {f"rollout_{name}": value for name, value in mine.items()}}
        return self._runner.start([], hosts=self._hosts, play=play, options=options)

    def result(self, job: Job, exit_code: int = 0) -> dict[str, Any]:
        """The result of a job, when it has ended."""
        job.end(exit_code)
        found = job.result(TASK)
        job.throw_away()
        return found

    def plan(self) -> str:
        """Plan; the digest."""
        return str(self.result(self.start("--tags", "plan"))["plan_digest"])

    def report(self, digest: str) -> dict[str, Any]:
        """What is known of the rollout."""
        return self.result(self.start("--tags", "report", plan_digest=digest))


@pytest.fixture
def jobs(sixty: list[str], link: dict[str, Any], tmp_path: Path) -> Iterator[Jobs]:
    """Jobs over the sixty."""
    with job_runner(tmp_path, link) as runner:
        yield Jobs(runner, tmp_path / "state", sixty)


@pytest.fixture
def digest(jobs: Jobs, lab: LabControl, watch: Watch) -> str:
    """A plan's digest. From now on the console is slow."""
    found = jobs.plan()
    lab.set_faults({"path": "/server/", "times": None, "latency_ms": 60})
    watch.restart()
    return found


def half_done(job: Job, watch: Watch) -> Job:
    """The job, when it has written half of the sixty."""
    eventually(lambda: len(written(watch)) >= 30)
    return job


def test_a_job_that_is_killed_is_gone_on_with_by_the_next_one(
    jobs: Jobs, digest: str, sixty: list[str], lab: LabControl, watch: Watch
) -> None:
    job = half_done(jobs.start(plan_digest=digest, workers=2), watch)
    job.kill()
    job.throw_away()
    lab.set_faults()
    report = jobs.report(digest)
    assert report["runs"][0]["ended"] is None
    finished = changed(report)
    assert 20 <= len(finished) < 60
    watch.restart()
    again = jobs.result(jobs.start(plan_digest=digest))
    assert again["finished_before"] == len(finished)
    assert asked(watch, lab) == set(sixty) - finished
    assert set(statuses(again).values()) == {"changed"}
    merged = jobs.report(digest)
    assert (merged["counts"]["changed"], len(merged["runs"])) == (60, 2)


def test_a_job_that_is_asked_to_end_has_noted_all_that_it_wrote(
    jobs: Jobs, digest: str, sixty: list[str], lab: LabControl, watch: Watch
) -> None:
    job = half_done(jobs.start(plan_digest=digest, workers=4), watch)
    job.ask_to_end()
    job.end(None)
    assert len(written(watch)) < 60
    assert {entry["status"] for entry in watch.writes()} == {200}
    lab.set_faults()
    names = {lab_id(lab, name): name for name in sixty}
    done = {names[target] for target in written(watch)}
    assert changed(jobs.report(digest)) == done
    watch.restart()
    jobs.result(jobs.start(plan_digest=digest))
    assert asked(watch, lab) == set(sixty) - done
    assert jobs.report(digest)["counts"]["changed"] == 60


def test_a_slice_that_is_killed_harms_no_other_and_is_gone_on_with_alone(
    jobs: Jobs, digest: str, sixty: list[str], lab: LabControl, watch: Watch
) -> None:
    slices = [sixty[number::3] for number in range(3)]
    ids = {lab_id(lab, name) for name in slices[1]}
    running = [
        jobs.start("--limit", ":".join(names), plan_digest=digest, workers=2, waves=["5", "100%"]) for names in slices
    ]
    eventually(lambda: len(ids.intersection(written(watch))) >= 8)
    running[1].kill()
    running[1].throw_away()
    others = [jobs.result(running[number]) for number in (0, 2)]
    assert [statuses(result) for result in others] == [dict.fromkeys(slices[number], "changed") for number in (0, 2)]
    lab.set_faults()
    finished = changed(jobs.report(digest))
    assert finished >= {*slices[0], *slices[2]}
    left = set(sixty) - finished
    assert 0 < len(left) < 20
    watch.restart()
    jobs.result(jobs.start("--limit", ":".join(slices[1]), plan_digest=digest))
    assert asked(watch, lab) == left
    merged = jobs.report(digest)
    assert (merged["counts"]["changed"], len(merged["runs"])) == (60, 4)


def test_records_that_are_torn_are_set_aside_and_said_and_newer_ones_are_refused(
    rollout: Callable[[list[str]], Rollout], six: list[str], watch: Watch
) -> None:
    it = rollout(six)
    it.plan()
    it.apply()
    (record,) = it.state_dir.rglob("*.jsonl")
    content = record.read_text()
    watch.restart()
    record.write_text(content + '{"status": "cha')
    cut_off = it.apply()
    assert cut_off["finished_before"] == 6
    assert any("cut off" in text for text in cut_off["warnings"])
    record.write_text("\0\0" + content)
    torn = it.apply()
    assert any("set aside" in text for text in torn["warnings"])
    assert record.with_name(f"{record.name}.torn").exists()
    assert (set(statuses(torn).values()), watch.writes()) == ({"unchanged"}, [])
    record.write_text(content.replace('"version": 1', '"version": 2'))
    newer = it("--tags", "report", exit_code=2, plan_digest=it.digest).one(TASK)
    assert newer.code == "state_too_new"
