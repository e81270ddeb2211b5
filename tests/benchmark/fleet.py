# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``fleet`` and the inventory: against ``debug``, a plain threaded script, the ``uri`` recipe, a static file.

CPU of the whole process tree, ratios in one run. Counts of requests, sign-ins and connections are exact.
"""

from __future__ import annotations

import contextlib
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cai_lab.control_client import LabControl
from measure import PLAYBOOK, Bench
from plays import settings, variables
from table import Row, Samples

if TYPE_CHECKING:
    from bench import Effort

DEFAULTS = {
    "group/cai.console.console": {
        name: f"{{{{ cai_{name} }}}}"
        for name in ("console_url", "console_username", "console_password", "console_binding")
    }
}
SERVICES = 1
DISCOVERY = 5
"""Sign-in, two lists and the organisation of the platform, sign-out."""
WORKERS = 16
OWN, COMMON, RECIPE = "fleet, own", "fleet, common", "uri recipe"
SCRIPT = Path(__file__).with_name("plain_threads.py")


def fleet_plays(lab: LabControl) -> dict[str, list[dict[str, Any]]]:
    """The plays of ``fleet``, by name. ``own``: each host has variables of its own."""
    email = settings(lab)
    own = {"cai.console.fleet": {"document": "wishes"}}
    common = {"cai.console.fleet": {"common_document": {"email_service": email}}}
    return {
        OWN: [_play([own])],
        COMMON: [_play([common])],
        f"{OWN}, check": [_play([{**own, "check_mode": True}])],
        "drift": _drift(own),
    }


def _play(tasks: list[dict[str, Any]], hosts: str = "all") -> dict[str, Any]:
    return {"hosts": hosts, "gather_facts": False, "module_defaults": DEFAULTS, "tasks": tasks}


def _drift(own: dict[str, Any]) -> list[dict[str, Any]]:
    """The recipe of the guide about fleets."""
    look = [
        {**own, "check_mode": True, "register": "drift", "run_once": True},
        {
            "ansible.builtin.add_host": {"name": "{{ item }}", "groups": "drifted"},
            "loop": "{{ drift.changed_hosts }}",
            "changed_when": False,
        },
    ]
    touch = {"cai.console.execution_target": {"email_service": "{{ wishes.email_service }}"}}
    return [_play(look), _play([touch], "drifted")]


class Fleet(Bench):
    """A bench with the plays of ``fleet``. Every host has a port and a document of its own in the inventory."""

    def __init__(self, folder: Path, hosts: int, *options: str) -> None:
        super().__init__(folder, hosts, *options, more=lambda lab, _folder: fleet_plays(lab))
        self.folder = folder
        inventory = json.loads((folder / "inventory.json").read_text())
        document = {**settings(self.lab), "port": "{{ mail_port | int }}"}
        for host in inventory["all"]["hosts"].values():
            host.update(cai_target_id=host["wire_id"], mail_port=str(settings(self.lab)["port"]))
            host["wishes"] = {"email_service": document}
        (folder / "inventory.json").write_text(json.dumps(inventory))

    def plain_threads(self) -> float:
        """CPU seconds of the same calls by a plain script, with ``requests`` and as many threads."""
        link = variables(self.lab)
        order = {
            "console": link["cai_console_url"],
            "username": link["cai_console_username"],
            "password": link["cai_console_password"],
            "wanted": {name: value for name, value in settings(self.lab).items() if name != "password"},
            "hosts": self.hosts,
            "workers": WORKERS,
        }
        return self.cpu_of([sys.executable, str(SCRIPT)], json.dumps(order))[0]

    def start(self, play: str, hosts: Sequence[str]) -> subprocess.Popen[bytes]:
        """Start a play over some of the hosts, as a job of its own."""
        number = list(self._plays).index(play)
        command = [str(PLAYBOOK), "-i", "inventory.json", f"{number}.json", "--limit", ":".join(hosts)]
        return subprocess.Popen(
            command, cwd=self.folder, env=self._environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )

    def inventories(self) -> tuple[float, float]:
        """CPU seconds of ``ansible-inventory`` with the plugin, and over a static file of the same content."""
        link = variables(self.lab)
        names = ("console_url", "console_username", "console_password")
        source = self.folder / "lab.cai_targets.yml"
        source.write_text(
            json.dumps({"plugin": "cai.console.targets", **{name: link[f"cai_{name}"] for name in names}})
        )
        program = str(Path(sys.executable).parent / "ansible-inventory")
        cost, listed = self.cpu_of([program, "-i", str(source), "--list"])
        content = json.loads(listed, object_hook=_plain)
        groups = {name: group for name, group in content.items() if name not in ("_meta", "all") and "hosts" in group}
        static = self.folder / "static.json"
        children = {name: {"hosts": dict.fromkeys(group["hosts"], {})} for name, group in groups.items()}
        static.write_text(json.dumps({"all": {"hosts": content["_meta"]["hostvars"], "children": children}}))
        return cost, self.cpu_of([program, "-i", str(static), "--list"])[0]

    def cpu_of(self, command: list[str], order: str = "") -> tuple[float, str]:
        """CPU seconds and output of a program; RuntimeError, with the end of its errors, when it fails."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        ended = subprocess.run(
            command, input=order, env=self._environment(), cwd=self.folder, capture_output=True, text=True, check=False
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if ended.returncode:
            raise RuntimeError(f"{command[0]} ended with {ended.returncode}:\n{ended.stderr[-2000:]}")
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, ended.stdout


def _plain(value: dict[str, Any]) -> Any:
    """A text that is no template, as newer versions of Ansible write it, as the text."""
    return value["__ansible_unsafe"] if set(value) == {"__ansible_unsafe"} else value


@contextlib.contextmanager
def fleet_of(hosts: int) -> Iterator[Fleet]:
    """Give a lab of its own that nobody has configured, after one warm-up run."""
    with tempfile.TemporaryDirectory(prefix="cai-fleet-") as folder, Fleet(Path(folder), hosts) as bench:
        bench.run("empty")
        yield bench


def over_empty(found: Bench, play: str) -> float:
    """CPU seconds of a play above an empty one."""
    empty = found.run("empty")
    return found.run(play).cpu - empty.cpu


def fleet_own(effort: Effort) -> list[Row]:
    """``fleet``, each target with variables of its own: over ``debug``, under the ``uri`` recipe, the drift recipe."""
    debug, drift = "fleet, own variables, second run, x debug", "drift recipe, nothing drifted, x fleet in check mode"
    hosts, found = effort.fleet[1], Samples()
    for _round in range(effort.slow_rounds):
        with fleet_of(hosts) as bench:
            found.add("first run, ms for each target", over_empty(bench, OWN) / hosts * 1000)
            for _again in range(effort.slow_rounds):
                mine = over_empty(bench, OWN)
                found.add("second run, ms for each target", mine / hosts * 1000)
                found.add(debug, mine / over_empty(bench, "debug"))
                check = bench.run(f"{OWN}, check").cpu
                found.add(drift, bench.run("drift").cpu / check)
    first, second = (
        slope * 1000 / found.median(f"{which} run, ms for each target")
        for which, slope in zip(("first", "second"), recipe_slopes(effort), strict=True)
    )
    return [
        Row(debug, found.median(debug), 0.30, 0.10),
        Row("uri recipe, first run, x fleet, own variables", first, 150, 280, at_most=False),
        Row("uri recipe, second run, x fleet, own variables", second, 70, 120, at_most=False),
        Row(drift, found.median(drift), 1.3),
    ]


def recipe_slopes(effort: Effort) -> tuple[float, float]:
    """CPU seconds that the ``uri`` recipe takes for one more target, in its first and its second run."""
    few, many = effort.slow[0] // 2, effort.slow[0]
    with fleet_of(few) as small, fleet_of(many) as large:
        first, second = ((large.run(RECIPE).cpu - small.run(RECIPE).cpu) / (many - few) for _run in range(2))
        return first, second


def fleet_common(effort: Effort) -> list[Row]:
    """``fleet``, one document for all: over a plain threaded script doing the same calls; what is asked, and how."""
    threads = "fleet, one document, second run, x plain threads"
    hosts, found = effort.fleet[2], Samples()
    with fleet_of(hosts) as bench:
        bench.run(COMMON)
        # Single rounds differ by a third, the medians of a few still by a tenth.
        for _round in range(3 * effort.rounds):
            found.add(threads, over_empty(bench, COMMON) / bench.plain_threads())
        bench.lab.clear_operations()
        before = bench.lab.sessions()["sign_ins"]
        bench.run(COMMON)
        asked = bench.lab.operations()
        sign_ins = bench.lab.sessions()["sign_ins"] - before
    to_targets = {entry["peer"] for entry in asked if entry["operation"].startswith("read_email")}
    return [
        Row(threads, found.median(threads), 2, 1.3),
        Row("fleet: requests above one for each target and service", len(asked) - hosts * SERVICES, DISCOVERY),
        Row("fleet: TCP connections to targets through the cloud", len(to_targets), WORKERS + 1),
        Row("fleet: sign-ins", sign_ins, 1),
    ]


def fleet_growth(effort: Effort) -> list[Row]:
    """``fleet`` and the inventory at many targets: cost against that at few, memory, and a static inventory."""
    few, *_between, many = effort.fleet
    found = Samples()
    cost, memory, inventory = (
        "ms for each target",
        "fleet, memory for each of many targets",
        "inventory, x a static file",
    )
    for hosts in (few, many):
        with fleet_of(hosts) as bench:
            bench.run(COMMON)
            for _round in range(effort.slow_rounds):
                found.add(f"{cost} of {hosts}", over_empty(bench, COMMON) / hosts * 1000)
            for _round in range(effort.slow_rounds if hosts == many else 0):
                mine, floor = (bench.run(play, sample=True).memory for play in (COMMON, "empty"))
                if not mine or not floor:
                    raise RuntimeError("The memory could not be sampled.")
                found.add(memory, (mine - floor) * 1024 / hosts)
                dynamic, static = bench.inventories()
                found.add(inventory, dynamic / static)
    growth = found.median(f"{cost} of {many}") / found.median(f"{cost} of {few}")
    return [
        Row("fleet, cost of a target among many, x among few", growth, 1.2),
        Row(memory, found.median(memory), 40, unit="KiB"),
        Row(inventory, found.median(inventory), 1.5),
    ]


SECTIONS = (fleet_own, fleet_common, fleet_growth)
