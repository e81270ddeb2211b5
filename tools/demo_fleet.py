# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rollout to sixty targets of two organisations, against the embedded console: a plan, a person who interferes, a
stop by the budget of failures, a job that is killed, and the jobs that go on. Run it by ``make demo-fleet``.

Each job has a folder of its own that is deleted after it, as a job runner does; only the rollout's ``state_dir`` is
kept. Writes ``build/demo-fleet/report.json``, counted from the lab's log and ``rollout.json``, and the logs of what
ran. Exit code 0 only if everything was seen.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import demo
import psutil
from cai_lab.control_client import LabControl
from cai_lab.visitor import Visitor
from demo import DemoError, say

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "build" / "demo-fleet"
TARGETS = 60
ORGANISATIONS = ("00LAB0", "00LAB1")
# Both organisations see it.
SHARED = "shared-eu"
# By their places among the targets that the plan changes: one fault is in the first wave, two are in the second.
EDITED, FAULTY, WAVE = 7, (4, 12, 20), "wave 2"
HOW: dict[str, Any] = {"canary": "1", "waves": ["10%", "40%", "100%"], "max_failed": "2", "workers": 4}
# All targets send through one mailbox here, and its server is ours: the usual 20 messages a minute would be a wait.
GATE = {"vantage": "console", "recipient": demo.RECIPIENT, "max_messages_per_minute": 1000}
DIGEST = re.compile(r"Digest of the plan: ([0-9a-f]{64})")
FINISHED = ("changed", "unchanged")
TEST = "test_email_service"
JOB_TIME_S = 300
INVENTORY = """\
plugin: cai.console.targets
console_url: {url}
console_username: {user}
console_password: "{{{{ lookup('ansible.builtin.env', 'DEMO_CONSOLE_PASSWORD') }}}}"
"""


def must(seen: object, text: str) -> None:
    """DemoError with the text, unless it was seen."""
    if not seen:
        raise DemoError(text)


class Job:
    """One run of the playbook by a job runner: its inventory, and the home that it keeps things in, are in a folder."""

    def __init__(self, organisation: Organisation, name: str, options: list[str], variables: dict[str, Any]) -> None:
        self.log = FOLDER / f"{organisation.name}-{name}.log"
        self._folder = FOLDER / f"job-{organisation.name}-{name}"
        self._folder.mkdir()
        (self._folder / "ansible.cfg").touch()
        inventory = organisation.write_inventory(self._folder)
        command = [
            str(Path(sys.executable).parent / "ansible-playbook"),
            "cai.console.rollout",
            f"--inventory={inventory}",
            f"--extra-vars={json.dumps(variables)}",
            *options,
        ]
        environment = {
            **demo.environment(organisation.lab, self._folder),
            "HOME": str(self._folder),
            "ANSIBLE_INVENTORY_UNPARSED_FAILED": "true",
            "DEMO_CONSOLE_PASSWORD": organisation.password,
        }
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                command, env=environment, cwd=self._folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    @property
    def runs(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def end(self, code: int) -> str:
        """Wait for its end, delete its folder, and return what was on the screen; DemoError for any other exit code."""
        found = self._process.wait(JOB_TIME_S)
        shutil.rmtree(self._folder)
        must(found == code, f"The job ended with code {found} instead of {code}; see {self.log.relative_to(ROOT)}.")
        return self.log.read_text(encoding="utf-8")

    def kill(self) -> None:
        """End it and all that it started, as ``kill -9`` does, and delete its folder."""
        with contextlib.suppress(psutil.NoSuchProcess):
            mine = psutil.Process(self._process.pid)
            for process in [mine, *mine.children(recursive=True)]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


class Organisation:
    """One organisation with credentials and a rollout of its own; ``jobs`` counts what was started for it."""

    def __init__(self, lab: LabControl, name: str, user: str) -> None:
        self.lab, self.name, self.user = lab, name, user
        self.password = next(item["password"] for item in lab.addresses["users"] if item["name"] == user)
        self.digest, self.jobs = "", 0
        self._state, self._report = FOLDER / "state", FOLDER / f"report-{name}"

    def write_inventory(self, folder: Path) -> Path:
        """Write a file of the inventory plugin, and the variables of all hosts beside it."""
        plain = json.loads(demo.write_inventory(self.lab, folder).read_text(encoding="utf-8"))["all"]["vars"]
        (folder / "inventory.yml").unlink()
        wished: dict[str, dict[str, Any]] = {service: {} for service in ("email_service", "alert_service")}
        for name, value in plain.items():
            for service, wishes in wished.items():
                if name.startswith(f"{service}_"):
                    wishes[name.removeprefix(f"{service}_")] = value
        wished["alert_service"] = {"enabled": True, "action": "send_email", "email": demo.RECIPIENT}
        mine = {name: value for name, value in plain.items() if name.startswith("cai_console_")}
        mine |= {"cai_console_username": self.user, "wishes": wished}
        (folder / "group_vars").mkdir()
        (folder / "group_vars" / "all.json").write_text(json.dumps(mine), encoding="utf-8")
        path = folder / f"{self.name}.cai_targets.yml"
        path.write_text(INVENTORY.format(url=self.lab.addresses["console"], user=self.user), encoding="utf-8")
        return path

    def start(self, name: str, *options: str) -> Job:
        """Start a job of the rollout."""
        how = {
            **HOW,
            "gate": GATE,
            "name": self.name,
            "state_dir": str(self._state),
            "report": str(self._report),
            **({"plan_digest": self.digest} if self.digest else {}),
        }
        self.jobs += 1
        return Job(self, name, list(options), {f"rollout_{key}": value for key, value in how.items()})

    def run(self, name: str, *options: str, code: int = 0) -> dict[str, Any]:
        """Run a job to its end and return its ``rollout.json``."""
        self.start(name, *options).end(code)
        return dict(json.loads((self._report / "rollout.json").read_text(encoding="utf-8")))

    def plan(self) -> list[dict[str, Any]]:
        """Plan, take the digest from the screen, and return the plan's targets."""
        found = DIGEST.search(self.start("plan", "--tags", "plan").end(0))
        must(found, f"The plan of {self.name} shows no digest.")
        self.digest = found[1] if found else ""
        plan = json.loads((self._report / "rollout.json").read_text(encoding="utf-8"))
        say(f"    {self.name}: {in_words(plan)}; digest {self.digest[:12]}...")
        return list(plan["targets"])


class Log:
    """What the lab's log says of one user's programs since a moment, by targets."""

    def __init__(self, lab: LabControl, user: str) -> None:
        self._lab, self._user = lab, user
        self._since = max((entry["n"] for entry in lab.operations()), default=0)

    def entries(self, **filters: Any) -> list[dict[str, Any]]:
        """The requests at targets. Those of the person at the page are none of them."""
        found = self._lab.operations(since=self._since, user=self._user, **filters)
        return [entry for entry in found if entry["target"] and entry["listener"] != "page"]

    def asked(self) -> set[str]:
        """Ids of the targets of which anything was asked."""
        return {entry["target"] for entry in self.entries()}

    def writes(self) -> list[dict[str, Any]]:
        """The requests that save something."""
        return [entry for entry in self.entries(mutates=True) if entry["operation"].startswith("write_")]


def in_words(report: dict[str, Any]) -> str:
    """What a report counts, without what there is none of."""
    return ", ".join(f"{number} {status.replace('_', ' ')}" for status, number in report["counts"].items() if number)


def ids(rows: list[dict[str, Any]], *statuses: str) -> set[str]:
    """Ids of the targets with one of the statuses."""
    return {row["target"]["id"] for row in rows if row["status"] in statuses}


def edit(person: Visitor, target: dict[str, Any]) -> None:
    """Let the person save the Alert Service of a target in the page."""
    person.get("/console/services", target=target["id"])
    person.send("/console/services/alert", action="CUSTOM_SERVICE", service="AlertHandler", enabled="on")
    must("Saved." in person.last.text, f"The page did not save {target['name']}.")


def kill_in_the_middle(organisation: Organisation) -> None:
    """Start a job, and kill it when it has tested mail of a wave and writes the next."""
    log = Log(organisation.lab, organisation.user)
    organisation.lab.set_faults({"path": "/server/", "times": None, "latency_ms": 40})
    job = organisation.start("killed")
    try:
        while job.runs and not goes_on_after_a_test(log.entries(mutates=True)):
            time.sleep(0.05)
        must(job.runs, f"The job ended before it was killed; see {job.log.relative_to(ROOT)}.")
    finally:
        job.kill()
        organisation.lab.set_faults()


def goes_on_after_a_test(entries: list[dict[str, Any]]) -> bool:
    """Whether services were saved after the mail of five targets was tested: the test follows each wave."""
    tests = [place for place, entry in enumerate(entries) if entry["operation"] == TEST]
    return len(tests) >= 5 and any(entry["operation"] != TEST for entry in entries[tests[-1] :])


@contextlib.contextmanager
def only_what_is_left(organisation: Organisation, done: set[str], again: Counter[str]) -> Iterator[None]:
    """Count in ``again`` the targets that are done and are written or mailed again; DemoError if any is asked."""
    log = Log(organisation.lab, organisation.user)
    yield
    again.update(entry["target"] for entry in log.entries(mutates=True) if entry["target"] in done)
    asked = log.asked() & done
    must(not asked, f"A resumed job asked {len(asked)} targets that were finished: {', '.join(sorted(asked))}.")


def check_shared(lab: LabControl, owner: Organisation) -> None:
    """The shared group was written once, by its owner."""
    group = next(target["id"] for target in lab.targets() if target["name"] == SHARED)
    writes = [entry for entry in lab.operations(target=group, mutates=True) if entry["operation"].startswith("write_")]
    services = Counter(entry["operation"] for entry in writes)
    users = {entry["user"] for entry in writes}
    must(
        users == {owner.user} and set(services.values()) == {1},
        f"{SHARED} was written by {', '.join(sorted(users)) or 'nobody'}: {dict(services)}.",
    )


def check_mail(lab: LabControl, finished: int) -> None:
    """Each finished target sent its mail. What a kill interrupted is tested again, and is the only reason for a second
    one; that nothing finished is asked again is seen by the resumed jobs.
    """
    tests = Counter((entry["user"], entry["target"]) for entry in lab.operations(operation=TEST))
    mails = len(lab.mailbox())
    must(len(tests) == finished, f"{len(tests)} targets were tested by mail, and {finished} are finished.")
    must(finished <= mails <= sum(tests.values()), f"There are {mails} mails of {finished} finished targets.")


def seen(lab: LabControl) -> dict[str, Any]:
    """Play the scene and return the report."""
    lab.add_agents(TARGETS - len([target for name in ORGANISATIONS for target in lab.targets(name)]) + 1)
    sub, parent = Organisation(lab, "sub", "robot@lab.test"), Organisation(lab, "parent", "owner@parent.test")
    person, again = Visitor(lab), Counter[str]()
    person.sign_in(sub.user)

    say("[2] Plan for each organisation: ansible-playbook cai.console.rollout --tags plan")
    changes = [row for row in sub.plan() if row["status"] == "change"]
    parent.plan()
    must(not lab.operations(mutates=True, operation="write_email_service"), "A plan wrote something.")

    edited = changes[EDITED - 1]
    say(f"[3] A person saves the Alert Service of target {EDITED}, {edited['target']['name']}, in the page")
    edit(person, edited["target"])

    say(f"[4] Apply the plan with its digest, while {len(FAULTY)} targets fail")
    lab.set_faults(
        *(
            {"method": "PUT", "path": changes[place - 1]["target"]["id"], "times": None, "status": 500}
            for place in FAULTY
        )
    )
    stopped = sub.run("stopped", code=2)
    lab.set_faults()
    (row,) = [row for row in stopped["targets"] if row["host"] == edited["host"]]
    must(row["code"] == "changed_since_plan", f"Target {EDITED} is {row['status']} ({row['code']}).")
    must(stopped["stopped_at"] == WAVE, f"The faults stopped it at {stopped['stopped_at']} instead of {WAVE}.")
    first = ids(stopped["targets"], *FINISHED)
    failed = stopped["counts"]["failed"]
    say(f"    Target {EDITED} is refused ({row['code']}). Stopped at {stopped['stopped_at']}: {failed} failed, and")
    say(f"    max_failed is {HOW['max_failed']}. {len(first)} are finished. The job's folder is deleted.")

    say("[5] The faults are gone; a new job with the same digest is killed (kill -9), its folder deleted")
    with only_what_is_left(sub, first, again):
        kill_in_the_middle(sub)
    nothing = Log(lab, sub.user)
    second = ids(sub.run("report", "--tags", "report")["targets"], *FINISHED)
    must(not nothing.asked(), "The step report asked targets.")
    must(first < second, "The killed job finished nothing, or its work was forgotten.")
    say(f"    It had finished {len(second - first)} more, which state_dir knows: {len(second)} in all.")

    say("[6] The same command again, and the rollout of the shared group's owner")
    with only_what_is_left(sub, second, again):
        last = sub.run("resumed", code=2)
    owner = parent.run("applied")
    must(set(last["refused_hosts"]) == {edited["host"]}, f"Refused: {', '.join(last['refused_hosts'])}.")
    must(not last["counts"]["failed"] + last["counts"]["not_begun"] + last["counts"]["not_finished"], last["msg"])
    say(f"    sub: {in_words(last)}\n    parent: {in_words(owner)}")

    finished = ids(last["targets"], *FINISHED)
    check_mail(lab, len(finished) + len(ids(owner["targets"], *FINISHED)))
    check_shared(lab, parent)
    say(f"[7] {SHARED} was written once, by {parent.user}; the person is still signed in")
    page = person.get("/console/services", target=edited["target"]["id"])
    must("/sign-out" in page.text and not lab.sessions()["logout_alls"], "The person's session was ended.")
    sign_ins = lab.sessions()["sign_ins"]
    must(sign_ins == sub.jobs + parent.jobs + 1, f"{sign_ins} sign-ins for {sub.jobs + parent.jobs} jobs and a person.")
    return {
        "targets": sum(row["status"] != "shared" for row in [*last["targets"], *owner["targets"]]),
        "stopped_at": stopped["stopped_at"],
        "resumed": len(finished - first),
        "rewritten_on_resume": len(again),
        "pending": last["counts"]["pending"] + owner["counts"]["pending"],
        "sign_ins": sign_ins,
    }


def run() -> None:
    """Run the whole demo; DemoError or LabError where something was not seen."""
    say("[1] Start the embedded console and its mail server on free loopback ports, with two organisations")
    with LabControl.start(FOLDER / "lab") as lab:
        report = seen(lab)
    (FOLDER / "report.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    left = demo.marked_processes()
    must(not left, f"Still running: {', '.join(str(process.pid) for process in left)}.")
    expected = {"targets": TARGETS, "stopped_at": WAVE, "rewritten_on_resume": 0, "pending": 2}
    other = {name: report[name] for name, value in expected.items() if report[name] != value}
    must(not other, f"The report has {other}; see build/demo-fleet/report.json.")
    say("    Everything is stopped   (report: build/demo-fleet/report.json)")
    say(
        f"\nSeen: {report['targets']} targets, stopped at {report['stopped_at']}, {report['resumed']} done by the jobs"
        f" that went on, none written twice, {report['pending']} pending."
    )


if __name__ == "__main__":
    sys.exit(demo.played(run, FOLDER))
