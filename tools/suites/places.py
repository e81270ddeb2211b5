# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where things lie, and the environment that the suites' programs get."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
HOME = BUILD / "home"
LOGS = BUILD / "log"
RESULTS = BUILD / "results"
COLLECTIONS = BUILD / "collections"
BENDING = ("ANSIBLE_", "CAI_", "LAB_PORT", "MAKE", "MFLAGS", "PYTHON")
SKIPS = ROOT / "tests" / "skips.yml"


def environment(*path: Path, **more: str) -> dict[str, str]:
    """Return the environment for a program: ``path`` in front of PATH, a home below build/, nothing that bends Ansible.

    Settings of the user's own (BENDING) would make a suite's verdict depend on whose shell it ran in.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(BENDING)}
    HOME.mkdir(parents=True, exist_ok=True)
    return {
        **kept,
        "HOME": str(HOME),
        # With another home git does not see that the user trusts this folder, where it belongs to someone else.
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": str(ROOT),
        "PATH": os.pathsep.join([*map(str, path), os.environ.get("PATH", os.defpath)]),
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        **more,
    }


def venv_bin(purpose: str) -> Path:
    """Return the folder of programs of an environment that tools/bootstrap.py made."""
    return BUILD / "venv" / purpose / "bin"
