# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The suite against real mail and OAuth servers, which are installed first where they are missing."""

from __future__ import annotations

import os
import sys

from .environments import INSTALLING, install_chromium
from .places import ROOT, environment, venv_bin
from .programs import run
from .pytest_suite import run_pytest
from .results import SuiteResult

SUITE = "real-parts"
CANNOT_INSTALL = 3


def run_real_parts() -> SuiteResult:
    """Install what is missing and run tests/real_parts; a machine that cannot have the parts is one skipped test."""
    env = environment(venv_bin("test"), PYTHONPATH=str(ROOT / "tests"))
    # npm keeps its settings in the user's home.
    install = [sys.executable, "-m", "real_parts", "install"]
    with INSTALLING:
        installed = run(f"{SUITE}-install", install, {**env, "HOME": os.path.expanduser("~")})
    if installed.code == CANNOT_INSTALL:
        result = SuiteResult(SUITE)
        result.lack(f"way to install them: {installed.tail(1)}")
        return result
    if installed.code:
        result = SuiteResult(SUITE)
        result.problem(installed.tail())
        return result
    # Without Chromium, the tests with a person at the provider's pages are skipped.
    install_chromium()
    return run_pytest(SUITE, "tests/real_parts", workers=1, purpose="browser")
