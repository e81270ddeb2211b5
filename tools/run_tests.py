# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the test suites and end with one line of totals: ``N passed, N failed, N skipped``.

    run_tests.py [--suite NAME]...

A line per suite comes before it. A suite without tests, a skip that tests/skips.yml does not account for and a result
that cannot be read count as failures. Exit code: 0 when nothing failed, else 1.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial

from suites.lint import run_lint
from suites.places import SKIPS
from suites.pytest_suite import run_pytest
from suites.results import SuiteResult, require_tests
from suites.sanity import run_sanity
from suites.skips import Skip, read_skips, refuse_unlisted

SUITES: dict[str, Callable[[], SuiteResult]] = {
    "lint": run_lint,
    "tools": partial(run_pytest, "tools", "tests/tools", workers=2),
    "unit": partial(run_pytest, "unit", "tests/unit", workers=1),
    "smtp": partial(run_pytest, "smtp", "tests/smtp", workers=2),
    "lab": partial(run_pytest, "lab", "lab/tests", workers=2),
    "oauth": partial(run_pytest, "oauth", "tests/oauth", workers=2),
    "integration": partial(run_pytest, "integration", "tests/integration", workers=2),
    "sanity": run_sanity,
}


def main(arguments: Sequence[str]) -> int:
    """Run what was asked for (all without a wish) and print the totals."""
    parser = argparse.ArgumentParser(description="Run the test suites.")
    parser.add_argument("--suite", action="append", choices=list(SUITES), help="run this one only (repeatable)")
    wanted = parser.parse_args(arguments).suite or list(SUITES)
    try:
        skips = read_skips(SKIPS)
    except (OSError, ValueError) as error:
        print(f"the list of skips cannot be used: {error}")
        print("0 passed, 1 failed, 0 skipped")
        return 1
    results = [_run(name, skips) for name in dict.fromkeys(wanted)]
    passed, failed, skipped = (sum(r.count(kind) for r in results) for kind in ("passed", "failed", "skipped"))
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    return 1 if failed else 0


def _run(name: str, skips: list[Skip]) -> SuiteResult:
    started = time.monotonic()
    try:
        result = SUITES[name]()
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
    counts = ", ".join(f"{result.count(kind)} {kind}" for kind in ("passed", "failed", "skipped"))
    print(f"{result.suite:12} {counts}  ({result.seconds:.1f} s)", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
