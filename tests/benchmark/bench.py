# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure a rollout against Ansible's own floor and against plain recipes. Run it by ``make bench``.

CPU of the whole process tree, in rounds in which the compared plays follow each other; medians of ratios, because
machines are shared and noisy. The last thing printed is a table: measured, goal, verdict.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "lab"), str(Path(__file__).parent)]

from measure import Bench, Cost  # noqa: E402  (the folders above have to be on the path first)


@dataclass(frozen=True)
class Row:
    """One line of the table. ``at_most`` tells whether the measured value must stay below the goal, or reach it."""

    what: str
    measured: float
    goal: float
    stretch: float | None
    unit: str = ""
    at_most: bool = True

    def line(self) -> str:
        """Return it as a line."""
        met = self.measured <= self.goal if self.at_most else self.measured >= self.goal
        sign = "<=" if self.at_most else ">="
        stretch = f" ({self.stretch:g})" if self.stretch is not None else ""
        goal = f"{sign} {self.goal:g}{stretch} {self.unit}"
        return f"{self.what:<62} {self.measured:>8.2f} {self.unit:<3} {goal:<20} {'met' if met else 'missed'}"


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)


class Measurements:
    """The measured figures, per target where that makes sense. ``rounds``: how often each comparison is repeated."""

    def __init__(self, rounds: int, hosts: int, slow_hosts: tuple[int, int]) -> None:
        self.rounds = rounds
        self.hosts = hosts
        self.slow_hosts = slow_hosts

    def _with_bench(self, hosts: int, work: Callable[[Bench], float], *options: str) -> float:
        """Return the median of ``work`` over rounds, each with a lab of its own; one warm-up run goes before."""
        found = []
        for _round in range(self.rounds):
            with (
                tempfile.TemporaryDirectory(prefix="cai-bench-") as folder,
                Bench(Path(folder), hosts, *options) as bench,
            ):
                bench.run("empty")
                found.append(work(bench))
        return statistics.median(found)

    def against_debug(self, play: str, *, first: bool) -> float:
        """Return the CPU per target of a play over that of ``debug``, both above an empty play."""

        def work(bench: Bench) -> float:
            if not first:
                bench.run(play)
            empty, cost, debug = bench.run("empty"), bench.run(play), bench.run("debug")
            return (cost.cpu - empty.cpu) / (debug.cpu - empty.cpu)

        return self._report(
            f"{play}, {'first' if first else 'second'} run, over debug", self._with_bench(self.hosts, work)
        )

    def against_slow(self, slow: str, *, first: bool) -> float:
        """Return how many times dearer per target a slow play is than ``email_service``; the slow one by its slope."""
        few, many = self.slow_hosts

        def work(bench: Bench) -> float:
            if not first:
                bench.run("email_service")
            empty, cost = bench.run("empty"), bench.run("email_service")
            return (cost.cpu - empty.cpu) / bench.hosts

        def run_slow(bench: Bench) -> float:
            if not first:
                bench.run(slow)
            return bench.run(slow).cpu

        quick = self._with_bench(self.hosts, work)
        slope = (self._with_bench(many, run_slow) - self._with_bench(few, run_slow)) / (many - few)
        return self._report(f"{slow} over email_service, {'first' if first else 'second'} run", slope / quick)

    def memory(self) -> float:
        """Return the peak memory of email_service at forks 50 over that of debug at forks 20."""

        def work(bench: Bench) -> float:
            bench.run("email_service")
            mine, floor = bench.run("email_service", 50, sample=True), bench.run("debug", 20, sample=True)
            return _memory(mine) / _memory(floor)

        return self._report("memory at forks 50, over debug at forks 20", self._with_bench(self.hosts, work))

    def tls(self) -> float:
        """Return the CPU per target, in ms, that TLS adds to a second run of email_service."""

        def work(bench: Bench) -> float:
            bench.run("email_service")
            empty, cost = bench.run("empty"), bench.run("email_service")
            return (cost.cpu - empty.cpu) / bench.hosts * 1000

        plain = self._with_bench(self.hosts, work)
        return self._report("TLS surcharge per target, ms CPU", self._with_bench(self.hosts, work, "--tls") - plain)

    def single(self) -> float:
        """Return the wall time, in ms, of a second run with one target above that of debug."""

        def work(bench: Bench) -> float:
            bench.run("email_service")
            pairs = [bench.run("email_service").wall - bench.run("debug").wall for _pair in range(5)]
            return statistics.median(pairs) * 1000

        return self._report("one target, whole run above debug, ms", self._with_bench(1, work))

    def _report(self, what: str, value: float) -> float:
        say(f"  {what}: {value:.2f}")
        return value


def _memory(cost: Cost) -> float:
    if not cost.memory:
        raise RuntimeError("The memory could not be sampled.")
    return cost.memory


def rows(found: Measurements) -> list[Row]:
    """Measure everything and return the table."""
    return [
        Row("email_service, second run, x debug", found.against_debug("email_service", first=False), 1.9, 1.5),
        Row("email_service, first run, x debug", found.against_debug("email_service", first=True), 2.0, 1.7),
        Row(
            "execution_target (three services), second run, x debug",
            found.against_debug("execution_target", first=False),
            2.6,
            2.0,
        ),
        Row(
            "uri recipe, first run, x email_service",
            found.against_slow("uri recipe", first=True),
            20,
            30,
            at_most=False,
        ),
        Row(
            "uri recipe, second run, x email_service",
            found.against_slow("uri recipe", first=False),
            10,
            15,
            at_most=False,
        ),
        Row(
            "its own module, second run, x email_service",
            found.against_slow("email_service, its module", first=False),
            9,
            12,
            at_most=False,
        ),
        Row("memory at forks 50, x debug at forks 20", found.memory(), 1.7, None),
        Row("TLS surcharge per target", found.tls(), 4, None, "ms"),
        Row("one target, whole run above debug", found.single(), 150, None, "ms"),
    ]


def main() -> int:
    """Measure, print the table; the exit code says only whether it could be measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="repetitions of each comparison")
    parser.add_argument("--hosts", type=int, default=200, help="targets of the cheap plays")
    parser.add_argument(
        "--slow-hosts", type=int, nargs=2, default=(40, 100), help="targets of the plays with a process each"
    )
    options = parser.parse_args()
    say(f"Each figure: median of {options.rounds} rounds, {options.hosts} targets, forks 20.")
    table = rows(Measurements(options.rounds, options.hosts, tuple(options.slow_hosts)))
    say("")
    for row in table:
        say(row.line())
    return 0


if __name__ == "__main__":
    sys.exit(main())
