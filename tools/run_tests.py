# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run test suites and end with one line of totals: ``N passed, N failed, N skipped``.

    run_tests.py [--suite NAME]... [--more] [--carry FILE]

Without a wish the suites of ``make test`` run, with ``--more`` those that need more than Python packages or more time
(``make test-all``). Several suites run three at a time, each in one process; one alone has two processes for its tests.
A line per suite comes before the totals, in the order in which they end. A suite without tests, a skip that
tests/skips.yml does not account for and a result that cannot be read count as failures. ``--carry`` adds the totals
that an earlier run left in the file, and leaves the sums there. Exit code: 0 when nothing failed (in this run), else 1.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from suites.house import run_docs, run_importer, run_molecule
from suites.lint import run_lint
from suites.matrix import RUN_CACHE, run_core, run_py38
from suites.more import run_awx_runner, run_browser
from suites.places import SKIPS
from suites.pytest_suite import run_pytest
from suites.real_parts import run_real_parts
from suites.results import Outcome, SuiteResult, require_tests
from suites.sanity import run_sanity
from suites.skips import Skip, read_skips, refuse_unlisted

Suites = dict[str, Callable[[], SuiteResult]]
CORES = 2
# Measured: two suites at a time leave a quarter of two cores idle: each waits for servers, disks and its own pauses.
LANES = CORES + 1
SCENES = "tests/integration/scenes"
OAUTH_PLAYBOOKS = "tests/oauth/test_playbooks.py"


def fast_suites(workers: int) -> Suites:
    """The suites of ``make test``, in the order in which they begin: what takes long is not left for the end.

    ``workers`` is how many processes the tests of one suite may share.
    """
    tests = partial(run_pytest, workers=workers)
    return {
        "integration": partial(tests, "integration", "tests/integration", leave_out=[SCENES, RUN_CACHE]),
        "lint": partial(run_lint, workers),
        "sanity": run_sanity,
        "unit-py38": run_py38,
        "readme": partial(run_pytest, "readme", "tests/readme"),
        "docs": run_docs,
        "galaxy-importer": run_importer,
        "oauth": partial(tests, "oauth", "tests/oauth", leave_out=[OAUTH_PLAYBOOKS]),
        "unit": partial(tests, "unit", "tests/unit"),
        "smtp": partial(tests, "smtp", "tests/smtp"),
        "lab": partial(tests, "lab", "lab/tests"),
        "tools": partial(tests, "tools", "tests/tools"),
        "certification": partial(tests, "certification", "tests/certification"),
        "awx": partial(tests, "awx", "tests/awx"),
    }


def slow_suites(workers: int) -> Suites:
    """The suites of ``make test-all``, in the order in which they begin. Those that install packages are neighbours."""
    tests = partial(run_pytest, workers=workers)
    return {
        "scenes": partial(tests, "scenes", SCENES),
        "soak": partial(run_pytest, "soak", "tests/soak"),
        "oldest": partial(run_core, "oldest", workers),
        "newest": partial(run_core, "newest", workers),
        "browser": run_browser,
        "real-parts": run_real_parts,
        "oauth-playbooks": partial(tests, "oauth-playbooks", OAUTH_PLAYBOOKS),
        "molecule": partial(run_molecule, workers),
        "awx-runner": run_awx_runner,
    }


OUTCOMES: tuple[Outcome, ...] = ("passed", "failed", "skipped")


def main(arguments: Sequence[str]) -> int:
    """Run what was asked for and print the totals."""
    parser = argparse.ArgumentParser(description="Run the test suites.")
    parser.add_argument(
        "--suite", action="append", choices=[*fast_suites(1), *slow_suites(1)], help="run this one only (repeatable)"
    )
    parser.add_argument("--more", action="store_true", help="run the suites of make test-all")
    parser.add_argument("--carry", type=Path, metavar="FILE", help="add the totals of an earlier run")
    options = parser.parse_args(arguments)
    wanted = list(dict.fromkeys(options.suite or (slow_suites(1) if options.more else fast_suites(1))))
    try:
        skips = read_skips(SKIPS)
    except (OSError, ValueError) as error:
        print(f"the list of skips cannot be used: {error}")
        print("0 passed, 1 failed, 0 skipped")
        return 1
    results = run_all(wanted, skips)
    totals: dict[str, int] = {kind: sum(result.count(kind) for result in results) for kind in OUTCOMES}
    failed = totals["failed"]
    if options.carry:
        totals = carry(options.carry, totals)
    print(", ".join(f"{totals[kind]} {kind}" for kind in OUTCOMES), flush=True)
    return 1 if failed else 0


def run_all(wanted: Sequence[str], skips: list[Skip]) -> list[SuiteResult]:
    """Run suites, ``LANES`` at a time. An interrupt begins no other."""
    lanes = min(LANES, len(wanted))
    workers = max(1, CORES // lanes)
    suites = {**fast_suites(workers), **slow_suites(workers)}
    pool = ThreadPoolExecutor(lanes)
    try:
        return list(pool.map(lambda name: _run(name, suites[name], skips), wanted))
    finally:
        pool.shutdown(cancel_futures=True)


def carry(path: Path, totals: dict[str, int]) -> dict[str, int]:
    """Add the totals in a file, if there is one, and leave the sums there."""
    if path.exists():
        earlier = json.loads(path.read_text(encoding="utf-8"))
        totals = {kind: totals[kind] + earlier[kind] for kind in OUTCOMES}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(totals) + "\n", encoding="utf-8")
    return totals


def _run(name: str, suite: Callable[[], SuiteResult], skips: list[Skip]) -> SuiteResult:
    started = time.monotonic()
    try:
        result = suite()
    except Exception as error:  # a suite that cannot even start is a failure, and the others still run
        result = SuiteResult(name)
        result.problem(f"the suite could not be run: {type(error).__name__}: {error}")
    refuse_unlisted(result, skips)
    require_tests(result)
    result.seconds = time.monotonic() - started
    # In one piece: another suite may end at the same time.
    print("".join(f"{line}\n" for line in _report(result)), end="", flush=True)
    return result


def _report(result: SuiteResult) -> Iterator[str]:
    for case in result.cases:
        if case.outcome == "failed":
            yield f"FAILED {result.suite}: {case.name}\n{case.detail.rstrip()}\n"
        elif case.outcome == "skipped":
            yield f"skipped {result.suite}: {case.name}: {case.detail.splitlines()[0] if case.detail else ''}"
    for note in result.notes:
        yield f"{result.suite}: {note}"
    counts = ", ".join(f"{result.count(kind)} {kind}" for kind in OUTCOMES)
    yield f"{result.suite:15} {counts}  ({result.seconds:.1f} s)"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
