# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Suites of ``make test-all``: they need more than Python packages, or more time."""

from __future__ import annotations

from .environments import install_chromium, prepare
from .pytest_suite import run_pytest
from .results import SuiteResult

CANNOT_INSTALL = 3


def run_awx_runner() -> SuiteResult:
    """Run each job template's playbook by ansible-runner, and make the execution environment's context."""
    prepare("awx")
    return run_pytest("awx-runner", "tests/awx_runner", purpose="awx")


def run_browser() -> SuiteResult:
    """Run the tests of the lab's page in Chromium, installed with apt where it is missing and that can be done."""
    ended = install_chromium()
    if ended.code == CANNOT_INSTALL:
        result = SuiteResult("browser")
        result.lack(f"Chromium: {ended.tail(1)}")
        return result
    return run_pytest("browser", "tests/browser", purpose="browser")
