# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure a rollout against Ansible's own floor and against plain recipes. Run it by ``make bench``.

CPU of the whole process tree, in rounds in which the compared plays follow each other; medians of ratios, because
machines are shared and noisy. Plays with a process for each target run at two small numbers of targets: they are
linear, and their slope stands for larger ones. The last thing printed is a table: measured, goal, verdict.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "lab"), str(Path(__file__).parent)]

import fleet  # noqa: E402  (the folders above have to be on the path first)
from authorizations import exchange_task, renewal  # noqa: E402
from measure import Bench  # noqa: E402
from table import Row, Samples, say  # noqa: E402

EMAIL, TOGETHER, FAR, RECIPE = "email_service", "execution_target", "email_service, its module", "uri recipe"


@dataclass(frozen=True)
class Effort:
    """How much is measured. ``sizes``: numbers of targets and how many rounds each gets; ``slow``: the two numbers of
    targets, and the rounds, of the plays with a process for each target; ``oauth``: targets and rounds of those;
    ``fleet``: the numbers of targets that ``fleet`` gets.
    """

    sizes: tuple[tuple[int, int], ...] = ((100, 5), (500, 2), (2000, 1))
    slow: tuple[int, int] = (40, 100)
    slow_rounds: int = 2
    oauth: tuple[int, int] = (200, 3)
    rounds: int = 5
    fleet: tuple[int, int, int, int] = (500, 1000, 2000, 5000)

    @classmethod
    def small(cls) -> Effort:
        """Return just enough to see that everything can be measured."""
        return cls(sizes=((10, 1),), slow=(2, 4), slow_rounds=1, oauth=(4, 1), rounds=1, fleet=(4, 8, 12, 16))


@contextlib.contextmanager
def fresh(hosts: int, *options: str) -> Iterator[Bench]:
    """Give a lab of its own that nobody has configured, after one warm-up run."""
    with tempfile.TemporaryDirectory(prefix="cai-bench-") as folder, Bench(Path(folder), hosts, *options) as bench:
        bench.run("empty")
        yield bench


def per_target(bench: Bench, play: str) -> float:
    """Return the CPU seconds per target of a play, above an empty one."""
    empty, cost = bench.run("empty"), bench.run(play)
    return (cost.cpu - empty.cpu) / bench.hosts


def over_debug(bench: Bench, play: str) -> float:
    """Return the CPU of a play over that of ``debug``, both above an empty one."""
    empty, cost, debug = bench.run("empty"), bench.run(play), bench.run("debug")
    return (cost.cpu - empty.cpu) / (debug.cpu - empty.cpu)


def rollouts(effort: Effort) -> list[Row]:
    """Each size: first and second run of one service, second run of all three, over ``debug``."""
    rows: list[tuple[str, float, float | None]] = [
        (f"{EMAIL}, second run, x debug", 1.9, 1.5),
        (f"{EMAIL}, first run, x debug", 2.0, 1.7),
        (f"{TOGETHER} (three services), second run, x one debug", 2.6, 2.0),
    ]
    found, table = Samples(), []
    for hosts, rounds in effort.sizes:
        for _round in range(rounds):
            with fresh(hosts) as bench:
                found.add(f"N = {hosts}: {rows[1][0]}", over_debug(bench, EMAIL))
                found.add(f"N = {hosts}: {rows[0][0]}", over_debug(bench, EMAIL))
                bench.run(TOGETHER)
                found.add(f"N = {hosts}: {rows[2][0]}", over_debug(bench, TOGETHER))
        names = [(f"N = {hosts}: {what}", goal, stretch) for what, goal, stretch in rows]
        table += [Row(name, found.median(name), goal, stretch) for name, goal, stretch in names]
    return table


def recipes(effort: Effort) -> list[Row]:
    """The same work by plain tasks, and by the module in a process of its own, by their slope, over ours."""
    few, many = effort.slow
    found = Samples()
    first, second, far = (
        f"{RECIPE}, first run, x {EMAIL}",
        f"{RECIPE}, second run, x {EMAIL}",
        f"its own module, second run, x {EMAIL}",
    )
    for _round in range(effort.slow_rounds):
        with fresh(few) as small, fresh(many) as large, fresh(many) as ours:
            for name, play in ((first, RECIPE), (second, RECIPE), (far, FAR)):
                if play == FAR:
                    for bench in (small, large):
                        bench.run(EMAIL)
                slope = (large.run(play).cpu - small.run(play).cpu) / (many - few)
                found.add(name, slope / per_target(ours, EMAIL))
    return [
        Row(first, found.median(first), 20, 30, at_most=False),
        Row(second, found.median(second), 10, 15, at_most=False),
        Row(far, found.median(far), 9, 12, at_most=False),
    ]


def memory(effort: Effort) -> list[Row]:
    """Peak memory of the tree (PSS) at forks 50, over that of ``debug`` at forks 20."""
    found, name = Samples(), "memory at forks 50, x debug at forks 20"
    with fresh(effort.sizes[0][0]) as bench:
        bench.run(EMAIL)
        for _round in range(effort.rounds):
            mine, floor = bench.run(EMAIL, 50, sample=True).memory, bench.run("debug", 20, sample=True).memory
            if not mine or not floor:
                raise RuntimeError("The memory could not be sampled.")
            found.add(name, mine / floor)
    return [Row(name, found.median(name), 1.7)]


def tls(effort: Effort) -> list[Row]:
    """CPU per target that TLS adds to a second run, in ms."""
    found, name = Samples(), "TLS surcharge per target, second run"
    hosts = effort.sizes[0][0]
    with fresh(hosts) as plain, fresh(hosts, "--tls") as secure:
        for bench in (plain, secure):
            bench.run(EMAIL)
        # A small difference of two long runs needs many rounds, and an empty play is the same over both.
        for _round in range(3 * effort.rounds):
            found.add(name, (secure.run(EMAIL).cpu - plain.run(EMAIL).cpu) / hosts * 1000)
    return [Row(name, found.median(name), 4, unit="ms")]


def single(effort: Effort) -> list[Row]:
    """Wall time of a second run with one target, above ``debug``, in ms."""
    found, name = Samples(), "N = 1: whole run above debug"
    with fresh(1) as bench:
        bench.run(EMAIL)
        for _round in range(2 * effort.rounds):
            found.add(name, (bench.run(EMAIL).wall - bench.run("debug").wall) * 1000)
    return [Row(name, found.median(name), 150, unit="ms")]


def oauth(effort: Effort) -> list[Row]:
    """A nightly renewal over a rollout of the same targets, and a task that finds a living token over ``debug``."""
    return [*renewal(*effort.oauth), *exchange_task(*effort.oauth)]


SECTIONS: tuple[Callable[[Effort], list[Row]], ...] = (
    rollouts,
    recipes,
    memory,
    tls,
    single,
    oauth,
    *fleet.SECTIONS,
)


def main() -> int:
    """Measure, print the table; the exit code says only whether all could be measured."""
    names = [section.__name__ for section in SECTIONS]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="few targets, one round: only to see that it works")
    parser.add_argument("--only", action="append", choices=names, help="measure this section only (repeatable)")
    options = parser.parse_args()
    effort, begun = Effort.small() if options.small else Effort(), time.monotonic()
    table: list[Row] = []
    code = 0
    for section in (section for section in SECTIONS if section.__name__ in (options.only or names)):
        say(f"{section.__name__}: {(section.__doc__ or '').strip()}")
        try:
            table += section(effort)
        except RuntimeError as error:  # what took half an hour to measure is not lost with one section
            code = 1
            say(f"  {section.__name__} could not be measured: {error}")
    say(f"\nForks 20; medians of paired rounds; measured in {(time.monotonic() - begun) / 60:.0f} min.\n")
    for row in table:
        say(row.line())
    return code


if __name__ == "__main__":
    sys.exit(main())
