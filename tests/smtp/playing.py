# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbooks of a user, played by ``ansible-playbook`` with the role and the module, and what they report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
# A connection that is not local, so that the probe travels as a module.
CONNECTIONS = ROOT / "tests" / "integration" / "connection_plugins"
ELSEWHERE = {"ansible_connection": "elsewhere", "ansible_python_interpreter": sys.executable}


def ansible(
    folder: Path, hosts: int | Sequence[str], play: str, variables: dict[str, Any], *options: str, **environ: str
) -> Any:
    """Play for ``hosts`` (names, how many, or none where ``options`` hold an inventory) with six workers; return what
    it said and its exit code.
    """
    names = [f"t{number}" for number in range(hosts)] if isinstance(hosts, int) else hosts
    command = [Path(sys.executable).parent / "ansible-playbook", "-f", "6", play, *options]
    command += ["-e", json.dumps(variables)] + (["-i", ",".join(names) + ","] if names else [])
    env = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "CAI_"))}
    env.update(ANSIBLE_COLLECTIONS_PATH=str(ROOT / "build" / "collections"), ANSIBLE_HOME=str(folder / "home"))
    env.update(ANSIBLE_REMOTE_TEMP=str(folder / "remote"), ANSIBLE_CONNECTION_PLUGINS=str(CONNECTIONS), **environ)
    return subprocess.run(
        [str(word) for word in command], env=env, capture_output=True, text=True, timeout=400, check=False
    )


def as_role(found: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The module's options as variables of the role, with a report in ``folder``."""
    return {**{f"smtp_test_{name}": value for name, value in found.items()}, "smtp_test_report": str(folder / "report")}


def rows(folder: Path) -> list[dict[str, Any]]:
    """The report for programs: host and result of each target."""
    found: list[dict[str, Any]] = json.loads((folder / "report" / "smtp_test.json").read_text())
    return found
