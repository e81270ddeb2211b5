# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure learning from a recording of 20 MB, and what a learned binding costs over the one that ships.

``build/venv/demo/bin/python tests/benchmark/learning.py``; needs what ``make demo`` installs. Learning: CPU of a
process of its own. Costs: CPU of the whole tree above an empty play, per target, second run, in paired rounds.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "build" / "collections"), str(ROOT / "lab"), str(Path(__file__).parent)]

from cai_lab.control_client import LabControl  # noqa: E402  (the folders above have to be on the path first)
from measure import Bench  # noqa: E402
from plays import settings  # noqa: E402
from recording import record  # noqa: E402
from table import Row, Samples, say  # noqa: E402

MIB = 1024 * 1024
SIZE = 20 * MIB
EMPTY, SHIPPED, LEARNED = "empty", "the shipped binding", "a learned binding"
LEARN = """
import json, sys
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.cai.console.plugins.plugin_utils._learn import task
given = ArgumentSpecValidator(task.SPEC).validate(json.loads(sys.argv[1]))
assert not given.error_messages, given.error_messages
result = task.run(given.validated_parameters, check_mode=False)
assert not result.get("failed"), result["msg"]
assert result["complete"], result["open"]
"""


def learn(request: dict[str, Any]) -> float:
    """Learn in a process of its own; its CPU seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {"PYTHONPATH": str(ROOT / "build" / "collections")}
    subprocess.run([sys.executable, "-c", LEARN, json.dumps(request)], check=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def learning(rounds: int) -> list[Row]:
    """CPU seconds of learning from a recording of 20 MB with telemetry that repeats markers."""
    found, name = Samples(), "learning from a recording of 20 MB"
    with tempfile.TemporaryDirectory(prefix="cai-bench-") as place, LabControl.start(Path(place) / "lab") as lab:
        request = record(lab, Path(place), size=SIZE)
        say(f"  {Path(request['recording']).stat().st_size / MIB:.1f} MiB")
        for _round in range(rounds):
            found.add(name, learn(request))
    return [Row(name, found.median(name), 10, unit="s")]


def plays(lab: LabControl, folder: Path) -> dict[str, list[dict[str, Any]]]:
    """The same task with each binding."""
    request = {**record(lab, folder), "dest": str(folder / "learned.yml")}
    learn(request)
    made = {SHIPPED: "lab", LEARNED: request["dest"]}
    return {
        name: [
            {
                "hosts": "all",
                "gather_facts": False,
                "tasks": [{"cai.console.email_service": {**settings(lab), "console_binding": binding}}],
            }
        ]
        for name, binding in made.items()
    }


def binding(hosts: int, rounds: int) -> list[Row]:
    """CPU per target with a learned binding, over that with the shipped one; second runs."""
    found, name = Samples(), f"N = {hosts}: a learned binding, second run, x the shipped one"
    with tempfile.TemporaryDirectory(prefix="cai-bench-") as place, Bench(Path(place), hosts, more=plays) as bench:
        bench.run(EMPTY)
        bench.run(LEARNED)
        for _round in range(rounds):
            empty = bench.run(EMPTY).cpu
            found.add(name, (bench.run(LEARNED).cpu - empty) / (bench.run(SHIPPED).cpu - empty))
    return [Row(name, found.median(name), 1.1)]


def main() -> int:
    """Measure, print the table; the exit code says only whether it could be measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    table = [*learning(options.rounds), *binding(options.hosts, options.rounds)]
    say("")
    for row in table:
        say(row.line())
    return 0


if __name__ == "__main__":
    sys.exit(main())
