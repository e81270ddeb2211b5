# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inventory files of ``cai.console.targets``, and real runs of ``ansible-inventory`` over them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from cai_lab.control_client import LabControl

from support.labs import ROBOT, password_of
from support.places import PROGRAMS
from support.play import surroundings


class Inventories:
    """Files in a folder, over one lab. Each is one organisation."""

    def __init__(self, folder: Path, lab: LabControl) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.lab = lab

    def write(self, name: str = "lab", user: str = ROBOT, **more: Any) -> Path:
        """Write ``NAME.cai_targets.yml`` for a user of the lab; what is None is left out."""
        content = {
            "plugin": "cai.console.targets",
            "console_url": self.lab.addresses["console"],
            "console_username": user,
            "console_password": password_of(self.lab, user),
            **more,
        }
        path = self.folder / f"{name}.cai_targets.yml"
        kept = {option: value for option, value in content.items() if value is not None}
        path.write_text(yaml.safe_dump(kept, allow_unicode=True), encoding="utf-8")
        return path

    def ask(
        self, *arguments: str | Path, variables: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run ``ansible-inventory``; nobody demands an exit code."""
        return subprocess.run(
            [str(PROGRAMS / "ansible-inventory"), *map(str, arguments)],
            env={**surroundings(self.folder), **(variables or {})},
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def listed(self, *files: Path, options: tuple[str, ...] = (), **variables: str) -> dict[str, Any]:
        """What ``--list`` says of these files, which must be readable."""
        sources = [word for path in files for word in ("-i", str(path))]
        strict = {"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true", **variables}
        ended = self.ask(*sources, "--list", *options, variables=strict)
        assert ended.returncode == 0, ended.stderr
        return dict(json.loads(ended.stdout, object_hook=_plain))

    def hosts(self, *files: Path, **more: Any) -> dict[str, dict[str, Any]]:
        """Each host's variables."""
        return dict(self.listed(*files, **more)["_meta"]["hostvars"])


def _plain(value: dict[str, Any]) -> Any:
    """A text that is no template, as newer versions of Ansible write it, as the text."""
    return value["__ansible_unsafe"] if set(value) == {"__ansible_unsafe"} else value
