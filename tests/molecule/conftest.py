# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of molecule, each with a home, a cache and ports of its own; none leaves a lab behind."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = ROOT / "extensions" / "molecule"
TIME_LIMIT = 600

Molecule = Callable[..., "subprocess.CompletedProcess[str]"]


def clean_environment(home: Path) -> dict[str, str]:
    """Nothing of the caller's own settings of Ansible, this collection or molecule."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "CAI_", "MOLECULE"))}
    home.mkdir(exist_ok=True)
    return {**kept, "HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "ANSIBLE_NOCOLOR": "1", "NO_COLOR": "1"}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home for one run. At its end no lab with a state in it may be left."""
    folder = tmp_path / "home"
    yield folder
    left = [process for process in psutil.process_iter(["cmdline"]) if _is_lab_in(process, folder)]
    for process in left:
        process.kill()
    assert not left, "a lab was left behind"


def _is_lab_in(process: psutil.Process, folder: Path) -> bool:
    command = process.info["cmdline"] or []
    return "cai_lab" in command and any(part.startswith(str(folder)) for part in command)


@pytest.fixture
def molecule(home: Path) -> Molecule:
    """Run molecule in a folder with the collection of this checkout."""

    def run(*arguments: str, folder: Path = ROOT, **more: str) -> subprocess.CompletedProcess[str]:
        env = {
            **clean_environment(home),
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "build" / "collections"),
            "PYTHONPATH": "",
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            **more,
        }
        command = [str(Path(sys.executable).parent / "molecule"), *arguments]
        return subprocess.run(
            command,
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIME_LIMIT,
            check=False,
        )

    return run
