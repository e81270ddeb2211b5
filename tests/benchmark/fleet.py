# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure ``fleet`` and the inventory: against ``debug``, a plain threaded script, the ``uri`` recipe, a static file.

CPU of the whole process tree, ratios in one run. Counts of requests, sign-ins and connections are exact.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "lab"), str(Path(__file__).parent)]

from bench import Row, say  # noqa: E402  (the folders above have to be on the path first)
from cai_lab.control_client import LabControl  # noqa: E402
from measure import Bench  # noqa: E402
from plays import settings, variables  # noqa: E402

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
SCRIPT = Path(__file__).with_name("plain_threads.py")


def fleet_plays(lab: LabControl) -> dict[str, list[dict[str, Any]]]:
    """The plays of ``fleet``, by name. ``own``: each host has variables of its own."""
    email = settings(lab)
    own = {"cai.console.fleet": {"document": "wishes"}}
    common = {"cai.console.fleet": {"common_document": {"email_service": email}}}
    return {
        "fleet, own": [_play([own])],
        "fleet, common": [_play([common])],
        "fleet, own, check": [_play([{**own, "check_mode": True}])],
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
        super().__init__(folder, hosts, *options)
        self.folder = folder
        for name, play in fleet_plays(self.lab).items():
            (folder / f"{len(self._plays)}.json").write_text(json.dumps(play))
            self._plays[name] = play
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


def over_empty(found: Fleet, play: str) -> float:
    """CPU seconds of a play above an empty one."""
    return found.run(play).cpu - found.run("empty").cpu


class Measurements:
    """Each figure is the median of some rounds, each with a lab of its own."""

    def __init__(self, rounds: int) -> None:
        self._rounds = rounds

    def with_fleet(self, hosts: int, work: Callable[[Fleet], float], what: str) -> float:
        """The median of ``work``."""
        found = []
        for _round in range(self._rounds):
            with tempfile.TemporaryDirectory(prefix="cai-fleet-") as folder, Fleet(Path(folder), hosts) as bench:
                bench.run("empty")
                found.append(work(bench))
        value = statistics.median(found)
        say(f"  {what}: {value:.2f}  {[round(one, 3) for one in found]}")
        return value

    def against_debug(self, hosts: int = 1000) -> float:
        """Second run with own variables, over ``debug``."""

        def work(bench: Fleet) -> float:
            bench.run("fleet, own")
            return over_empty(bench, "fleet, own") / over_empty(bench, "debug")

        return self.with_fleet(hosts, work, "fleet, own variables, over debug")

    def against_threads(self, hosts: int = 2000) -> float:
        """Second run with a common document, over a plain threaded script doing the same calls."""

        def work(bench: Fleet) -> float:
            bench.run("fleet, common")
            return over_empty(bench, "fleet, common") / bench.plain_threads()

        return self.with_fleet(hosts, work, "fleet, common document, over plain threads")

    def against_recipe(self, *, first: bool, hosts: int = 1000) -> float:
        """How many times dearer a target is by the ``uri`` recipe (its slope) than by ``fleet``."""

        def quick(bench: Fleet) -> float:
            if not first:
                bench.run("fleet, own")
            return over_empty(bench, "fleet, own") / bench.hosts

        def slow(bench: Fleet) -> float:
            if not first:
                bench.run("uri recipe")
            return bench.run("uri recipe").cpu

        which = "first" if first else "second"
        mine = self.with_fleet(hosts, quick, f"fleet, {which} run, per target")
        few, many = 10, 30
        slope = (
            self.with_fleet(many, slow, f"uri recipe, {many}") - self.with_fleet(few, slow, f"uri recipe, {few}")
        ) / (many - few)
        return slope / mine

    def drift(self, hosts: int = 1000) -> float:
        """The drift recipe, nothing drifted, over a check by ``fleet``."""

        def work(bench: Fleet) -> float:
            bench.run("fleet, own")
            return bench.run("drift").cpu / bench.run("fleet, own, check").cpu

        return self.with_fleet(hosts, work, "drift recipe over fleet in check mode")

    def requests(self, hosts: int = 1000) -> tuple[float, float, float]:
        """Requests above N × services, TCP connections to the console's address, and sign-ins of a second run."""
        found: dict[str, float] = {}

        def work(bench: Fleet) -> float:
            bench.run("fleet, common")
            bench.lab.clear_operations()
            before = bench.lab.sessions()
            bench.run("fleet, common")
            after, asked = bench.lab.sessions(), bench.lab.operations()
            found["more"] = len(asked) - bench.hosts * SERVICES
            found["sign_ins"] = after["sign_ins"] - before["sign_ins"]
            found["connections"] = len({entry["peer"] for entry in asked if entry["listener"] == "console"})
            return found["more"]

        self.with_fleet(hosts, work, "requests above one for each target")
        return found["more"], found["connections"], found["sign_ins"]

    def memory(self, hosts: int = 5000) -> float:
        """Peak memory above the empty play, in KiB per target."""

        def work(bench: Fleet) -> float:
            bench.run("fleet, common")
            mine = bench.run("fleet, common", sample=True).memory
            floor = bench.run("empty", sample=True).memory
            if not mine or not floor:
                raise RuntimeError("The memory could not be sampled.")
            return (mine - floor) * 1024 / bench.hosts

        return self.with_fleet(hosts, work, "memory, KiB per target")

    def growth(self, few: int = 500, many: int = 5000) -> float:
        """The cost of a target among many over that of one among few, in a second run."""

        def work(bench: Fleet) -> float:
            bench.run("fleet, common")
            return over_empty(bench, "fleet, common") / bench.hosts * 1000

        return self.with_fleet(many, work, f"ms per target of {many}") / self.with_fleet(few, work, f"of {few}")

    def inventory(self, hosts: int = 5000) -> float:
        """``ansible-inventory`` with the plugin over a static file of the same hosts and variables."""

        def work(bench: Fleet) -> float:
            dynamic, static = bench.inventories()
            return dynamic / static

        return self.with_fleet(hosts, work, "inventory over a static file")


def rows(found: Measurements, chosen: set[str]) -> list[Row]:
    """Measure what is chosen (all, if nothing is) and return the table."""

    def requests() -> list[Row]:
        more, connections, sign_ins = found.requests()
        return [
            Row("fleet: requests above one for each target and service", more, DISCOVERY, None),
            Row("fleet: TCP connections to the console", connections, WORKERS + 1, None),
            Row("fleet: sign-ins", sign_ins, 1, None),
        ]

    table: dict[str, Callable[[], list[Row]]] = {
        "debug": lambda: [Row("fleet, 1,000 own variables, second run, x debug", found.against_debug(), 0.30, 0.10)],
        "threads": lambda: [
            Row("fleet, 2,000 targets, one document, x plain threads", found.against_threads(), 2, 1.3)
        ],
        "recipe": lambda: [
            Row("uri recipe, first run, x fleet", found.against_recipe(first=True), 150, 280, at_most=False),
            Row("uri recipe, second run, x fleet", found.against_recipe(first=False), 70, 120, at_most=False),
        ],
        "drift": lambda: [Row("drift recipe, nothing drifted, x fleet in check mode", found.drift(), 1.3, None)],
        "requests": requests,
        "memory": lambda: [Row("fleet, 5,000 targets, memory for each", found.memory(), 40, None, "KiB")],
        "inventory": lambda: [Row("inventory of 5,000 targets, x a static file", found.inventory(), 1.5, None)],
        "growth": lambda: [Row("fleet, cost of a target among 5,000, x among 500", found.growth(), 1.2, None)],
    }
    unknown = chosen - table.keys()
    if unknown:
        raise SystemExit(f"There is no {', '.join(sorted(unknown))}; there are {', '.join(table)}.")
    return [row for name, measure in table.items() if not chosen or name in chosen for row in measure()]


def main() -> int:
    """Measure, print the table; the exit code says only whether it could be measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="repetitions of each comparison")
    parser.add_argument("rows", nargs="*", help="what to measure; all by default")
    options = parser.parse_args()
    say(f"Each figure: median of {options.rounds} rounds.")
    table = rows(Measurements(options.rounds), set(options.rows))
    say("")
    for row in table:
        say(row.line())
    return 0


if __name__ == "__main__":
    sys.exit(main())
