# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A line per test, as soon as it ended."""

from __future__ import annotations

import sys

import pytest


class Reporter:
    """A plugin of pytest that prints ``ok`` or ``FAILED`` with a test's name, and the reason of a failure."""

    def __init__(self) -> None:
        self._good: list[str] = []
        self._bad: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Print a test's outcome; what goes wrong before or after it counts as its own."""
        name = report.nodeid.rpartition("/")[2].removeprefix("test_").replace(".py::test_", ": ").replace("_", " ")
        if report.failed:
            when = "" if report.when == "call" else f" ({report.when})"
            self._bad.append(name)
            print(f"FAILED {name}{when}\n{report.longreprtext}", flush=True)
        elif report.when == "call" or report.skipped:
            self._good.append(name)
            print(f"ok     {name}", flush=True)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Print what kept a file from being read."""
        if report.failed:
            self._bad.append(report.nodeid)
            print(f"FAILED {report.nodeid}\n{report.longreprtext}", file=sys.stderr)

    def summary(self) -> None:
        """Print the totals."""
        print(f"{len(self._good)} checks passed, {len(self._bad)} failed")
