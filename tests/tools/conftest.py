# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A checkout in a temp folder that holds the tools and nothing else of this repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    root = tmp_path / "a checkout"
    shutil.copytree(ROOT / "tools", root / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "requirements").mkdir()
    (root / "requirements" / "demo.txt").write_text("# nothing to install\n", encoding="utf-8")
    (root / "tests").mkdir()
    (root / "tests" / "skips.yml").write_text("[]\n", encoding="utf-8")
    (tmp_path / "home").mkdir()
    return root


@pytest.fixture
def run_tool(checkout: Path, tmp_path: Path) -> Run:
    """Run a tool of the checkout, with an empty home and an index that does not answer."""

    def run(name: str, *arguments: str, python: str | Path = sys.executable) -> subprocess.CompletedProcess[str]:
        env = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "PYTHON"))}
        env |= {
            "HOME": str(tmp_path / "home"),
            "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
            "PIP_CONFIG_FILE": os.devnull,
        }
        command = [str(python), str(checkout / "tools" / name), *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=env, cwd=tmp_path, check=False, timeout=300)

    return run
