# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run test suites and end with one line of totals: ``N passed, N failed, N skipped``.

    run_tests.py [--suite NAME]... [--more] [--carry FILE]

Without a wish the suites of ``make test`` run, with ``--more`` those that need more than Python packages or more time
(``make test-all``). A line per suite comes before the totals. A suite without tests, a skip that tests/skips.yml does
not account for and a result that cannot be read count as failures. ``--carry`` adds the totals that an earlier run left
in the file, and leaves the sums there. Exit code: 0 when nothing failed (in this run), else 1.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from suites.house import run_docs, run_importer, run_molecule
from suites.lint import run_lint
from suites.matrix import run_core, run_py38
from suites.more import run_awx_runner, run_browser
from suites.places import SKIPS
from suites.pytest_suite import run_pytest
from suites.real_parts import run_real_parts
from suites.results import Outcome, SuiteResult, require_tests
from suites.sanity import run_sanity
from suites.skips import Skip, read_skips, refuse_unlisted

Suites = dict[str, Callable[[], SuiteResult]]

SUITES: Suites = {
    "lint": run_lint,
    "tools": partial(run_pytest, "tools", "tests/tools", workers=2),
    "unit": partial(run_pytest, "unit", "tests/unit"),
    "smtp": partial(run_pytest, "smtp", "tests/smtp", workers=2),
    "unit-py38": run_py38,
    "certification": partial(run_pytest, "certification", "tests/certification", workers=2),
    "lab": partial(run_pytest, "lab", "lab/tests", workers=2),
    "oauth": partial(run_pytest, "oauth", "tests/oauth", workers=2),
    "integration": partial(run_pytest, "integration", "tests/integration", workers=2),
    "awx": partial(run_pytest, "awx", "tests/awx"),
    "readme": partial(run_pytest, "readme", "tests/readme"),
    "docs": run_docs,
    "galaxy-importer": run_importer,
    "sanity": run_sanity,
}
MORE: Suites = {
    "soak": partial(run_pytest, "soak", "tests/soak"),
    "molecule": run_molecule,
    "oldest": partial(run_core, "oldest"),
    "newest": partial(run_core, "newest"),
    "browser": run_browser,
    # It installs the mail servers that a template of awx-runner is tried with.
    "real-parts": run_real_parts,
    "awx-runner": run_awx_runner,
}
OUTCOMES: tuple[Outcome, ...] = ("passed", "failed", "skipped")


def main(arguments: Sequence[str]) -> int:
    """Run what was asked for and print the totals."""
    parser = argparse.ArgumentParser(description="Run the test suites.")
    parser.add_argument("--suite", action="append", choices=[*SUITES, *MORE], help="run this one only (repeatable)")
    parser.add_argument("--more", action="store_true", help="run the suites of make test-all")
    parser.add_argument("--carry", type=Path, metavar="FILE", help="add the totals of an earlier run")
    options = parser.parse_args(arguments)
    wanted = options.suite or list(MORE if options.more else SUITES)
    try:
        skips = read_skips(SKIPS)
    except (OSError, ValueError) as error:
        print(f"the list of skips cannot be used: {error}")
        print("0 passed, 1 failed, 0 skipped")
        return 1
    results = [_run(name, skips) for name in dict.fromkeys(wanted)]
    totals: dict[str, int] = {kind: sum(result.count(kind) for result in results) for kind in OUTCOMES}
    failed = totals["failed"]
    if options.carry:
        totals = carry(options.carry, totals)
    print(", ".join(f"{totals[kind]} {kind}" for kind in OUTCOMES), flush=True)
    return 1 if failed else 0


def carry(path: Path, totals: dict[str, int]) -> dict[str, int]:
    """Add the totals in a file, if there is one, and leave the sums there."""
    if path.exists():
        earlier = json.loads(path.read_text(encoding="utf-8"))
        totals = {kind: totals[kind] + earlier[kind] for kind in OUTCOMES}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(totals) + "\n", encoding="utf-8")
    return totals


def _run(name: str, skips: list[Skip]) -> SuiteResult:
    started = time.monotonic()
    try:
        result = {**SUITES, **MORE}[name]()
    except Exception as error:  # a suite that cannot even start is a failure, and the others still run
        result = SuiteResult(name)
        result.problem(f"the suite could not be run: {type(error).__name__}: {error}")
    refuse_unlisted(result, skips)
    require_tests(result)
    result.seconds = time.monotonic() - started
    _report(result)
    return result


def _report(result: SuiteResult) -> None:
    for case in result.cases:
        if case.outcome == "failed":
            print(f"FAILED {result.suite}: {case.name}\n{case.detail.rstrip()}\n")
        elif case.outcome == "skipped":
            print(f"skipped {result.suite}: {case.name}: {case.detail.splitlines()[0] if case.detail else ''}")
    for note in result.notes:
        print(f"{result.suite}: {note}")
    counts = ", ".join(f"{result.count(kind)} {kind}" for kind in OUTCOMES)
    print(f"{result.suite:15} {counts}  ({result.seconds:.1f} s)", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
