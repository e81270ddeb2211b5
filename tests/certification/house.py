# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the rules look, and lists that are derived from folders, never kept by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir() if path.is_dir())
PLAYBOOKS = sorted(path.stem for path in (ROOT / "playbooks").glob("*.yml"))
FQCN = "cai.console."


def read_yaml(path: str) -> Any:
    """The data of a file below the root."""
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def read(path: str) -> str:
    """The text of a file below the root."""
    return (ROOT / path).read_text(encoding="utf-8")


def role_options(role: str) -> dict[str, Any]:
    """The options in a role's argument specs."""
    options: dict[str, Any] = read_yaml(f"roles/{role}/meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    return options


def module_tasks(role: str) -> list[tuple[str, dict[str, str]]]:
    """The modules of this collection that a role runs, each with its arguments as they stand in the file."""
    tasks = read_yaml(f"roles/{role}/tasks/main.yml")
    return [(key.removeprefix(FQCN), task[key]) for task in tasks for key in task if key.startswith(FQCN)]
