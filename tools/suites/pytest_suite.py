# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Suites that pytest runs; their verdict is read from its JUnit file."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from .places import BUILD, COLLECTIONS, RESULTS, ROOT, environment, venv_bin
from .programs import run
from .results import SuiteResult, add_junit, explain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NO_TESTS = 5  # pytest's exit code; the rule for suites without tests speaks for it


def run_pytest(
    suite: str,
    *folders: str,
    workers: int = 1,
    purpose: str = "test",
    more_paths: Sequence[Path] = (),
    leave_out: Sequence[str] = (),
) -> SuiteResult:
    """Run the tests in ``folders`` (below the root) with the Python that runs this, or with that of ``purpose``.

    ``more_paths`` go in front of PYTHONPATH; ``leave_out`` are the folders and files of another suite.
    """
    result = SuiteResult(suite)
    RESULTS.mkdir(parents=True, exist_ok=True)
    report = RESULTS / f"{suite}.xml"
    report.unlink(missing_ok=True)
    python = sys.executable if purpose == "test" else venv_bin(purpose) / "python"
    how = ["-n", str(workers)] if workers > 1 else ["-p", "no:xdist"]
    how += [f"--junit-xml={report}", "-o", f"cache_dir={BUILD / 'cache' / suite}"]
    how += [f"--ignore={ROOT / path}" for path in leave_out]
    command = [python, "-m", "pytest", "-q", *how, *(ROOT / folder for folder in folders)]
    ways = os.pathsep.join(map(str, (*more_paths, ROOT / "lab", ROOT / "tools", COLLECTIONS)))
    ended = run(suite, command, environment(venv_bin(purpose), PYTHONPATH=ways))
    add_junit(result, [report], "pytest", 0 if ended.code == NO_TESTS else ended.code)
    explain(result, ended)
    return result
