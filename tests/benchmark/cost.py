# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure what ``fleet`` costs against the number of targets, whole and in slices side by side, and save it as JSON.

``plot.py`` draws it. CPU of the whole process tree in seconds; the wall time is that of this machine, with all that
runs on it meanwhile.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "lab"), str(Path(__file__).parent)]

from fleet import COMMON, Fleet, fleet_of  # noqa: E402  (the folders above have to be on the path first)
from table import say  # noqa: E402

SIZES = (100, 500, 1000, 2000, 5000)
SLICES = (1, 2, 4)


def whole(bench: Fleet) -> dict[str, Any]:
    """The cost of an empty play, and of a first and a second run of ``fleet``."""
    empty, first = bench.run("empty"), bench.run(COMMON)
    second = bench.run(COMMON)
    return {
        "targets": bench.hosts,
        "empty_cpu": round(empty.cpu, 2),
        "first_cpu": round(first.cpu, 2),
        "second_cpu": round(second.cpu, 2),
        "second_wall": round(second.wall, 2),
    }


def sliced(bench: Fleet, count: int) -> dict[str, Any]:
    """The cost of a second run in so many jobs side by side, cut as a job runner does it: every ``count``-th host."""
    hosts = list(json.loads((bench.folder / "inventory.json").read_text())["all"]["hosts"])
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    signed = bench.lab.sessions()["sign_ins"]
    jobs = [bench.start(COMMON, hosts[number::count]) for number in range(count)]
    codes = [job.wait() for job in jobs]
    if any(codes):
        raise RuntimeError(f"The jobs ended with {codes}.")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "targets": bench.hosts,
        "slices": count,
        "cpu": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 2),
        "wall": round(time.monotonic() - began, 2),
        "sign_ins": bench.lab.sessions()["sign_ins"] - signed,
    }


def measure(sizes: Sequence[int], slices: Sequence[int]) -> dict[str, list[dict[str, Any]]]:
    """Every size whole; the one in the middle in slices too."""
    found: dict[str, list[dict[str, Any]]] = {"whole": [], "slices": []}
    for hosts in sizes:
        with fleet_of(hosts) as bench:
            found["whole"].append(whole(bench))
            say(f"  {found['whole'][-1]}")
            for count in slices if hosts == sizes[len(sizes) // 2] else ():
                found["slices"].append(sliced(bench, count))
                say(f"  {found['slices'][-1]}")
    return found


def main() -> int:
    """Measure and save; the exit code says only whether it could be measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--save", type=Path, required=True, help="the file for what was measured")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of targets")
    parser.add_argument("--slices", type=int, nargs="+", default=SLICES, help="numbers of jobs side by side")
    options = parser.parse_args()
    found = measure(options.sizes, options.slices)
    options.save.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
