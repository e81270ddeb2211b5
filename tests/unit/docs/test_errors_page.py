# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page about errors and the catalogue say the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from ansible_collections.cai.console.plugins.module_utils._errors import FAULTS, ConsoleError

ROOT = Path(__file__).resolve().parents[3]


def test_the_page_is_up_to_date():
    done = subprocess.run([sys.executable, str(ROOT / "tools" / "docs_errors.py"), "--check"], check=False)
    assert done.returncode == 0, "run: python tools/docs_errors.py"


def test_every_code_has_a_remedy_that_is_a_sentence():
    assert [
        code for code, fault in FAULTS.items() if not fault.meaning.endswith(".") or not fault.remedy.endswith(".")
    ] == []


def test_a_failure_names_target_and_next_step():
    result = ConsoleError(
        "secret_required", "host would change.", stage="plan", target="agent-a", remedy="Give password."
    ).as_result()
    assert result["msg"] == "agent-a: host would change. Give password."
    assert result["error"] == {
        "code": "secret_required",
        "stage": "plan",
        "target": "agent-a",
        "retryable": False,
        "remedy": "Give password.",
    }
