# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Suites that pytest runs; their verdict is read from its JUnit file."""

from __future__ import annotations

import os
import sys

from .places import BUILD, COLLECTIONS, RESULTS, ROOT, environment, venv_bin
from .programs import run
from .results import SuiteResult, add_junit, explain

NO_TESTS = 5  # pytest's exit code; the rule for suites without tests speaks for it


def run_pytest(suite: str, folder: str, workers: int) -> SuiteResult:
    """Run the tests in ``folder`` (below the root) with the Python that runs this."""
    result = SuiteResult(suite)
    RESULTS.mkdir(parents=True, exist_ok=True)
    report = RESULTS / f"{suite}.xml"
    report.unlink(missing_ok=True)
    options = ["-n", str(workers)] if workers > 1 else ["-p", "no:xdist"]
    options += [f"--junit-xml={report}", "-o", f"cache_dir={BUILD / 'cache' / suite}"]
    command = [sys.executable, "-m", "pytest", "-q", *options, ROOT / folder]
    ways = os.pathsep.join(map(str, (ROOT / "lab", ROOT / "tools", COLLECTIONS)))
    ended = run(suite, command, environment(venv_bin("test"), PYTHONPATH=ways))
    add_junit(result, [report], "pytest", 0 if ended.code == NO_TESTS else ended.code)
    explain(result, ended)
    return result
