# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a play and measures the whole process tree: CPU and wall seconds, and the memory that it shares out (PSS)."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from cai_lab.control_client import LabControl
from plays import plays, variables

MorePlays = Callable[[LabControl, Path], dict[str, list[dict[str, Any]]]]
ROOT = Path(__file__).resolve().parents[2]
PLAYBOOK = Path(sys.executable).parent / "ansible-playbook"


@dataclass(frozen=True)
class Cost:
    """What a run took: CPU and wall in seconds, peak memory in MiB (None where it was not sampled)."""

    cpu: float
    wall: float
    memory: float | None = None


class Bench:
    """Plays over ``hosts`` bulk agents of a lab of its own. Its folder holds inventory, plays and Ansible's home.

    ``more`` makes further plays for a lab and the folder, by name.
    """

    def __init__(self, folder: Path, hosts: int, *options: str, more: MorePlays = lambda _lab, _folder: {}) -> None:
        self.lab = LabControl.start(folder / "lab", *options)
        self._folder = folder
        self.hosts = hosts
        self.lab.add_agents(hosts)
        (folder / "ansible.cfg").touch()
        self._plays = {**plays(self.lab), **more(self.lab, folder)}
        for number, play in enumerate(self._plays.values()):
            (folder / f"{number}.json").write_text(json.dumps(play))
        agents = [target for target in self.lab.targets() if target["name"].startswith("bulk-")]
        inventory: dict[str, Any] = {target["name"]: {"wire_id": target["id"]} for target in agents[:hosts]}
        (folder / "inventory.json").write_text(json.dumps({"all": {"hosts": inventory, "vars": variables(self.lab)}}))

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *_unused: object) -> None:
        self.lab.stop()

    def run(self, play: str, forks: int = 20, *, sample: bool = False) -> Cost:
        """Run a play once; RuntimeError, with the end of its output, when it fails."""
        command = [
            str(PLAYBOOK),
            "-i",
            "inventory.json",
            f"{list(self._plays).index(play)}.json",
            "--forks",
            str(forks),
        ]
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        log = self._folder / "output.log"
        with log.open("w") as output:
            process = subprocess.Popen(
                command,
                cwd=self._folder,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
            memory = _peak(process) if sample else None
            code = process.wait()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if code:
            raise RuntimeError(f"{play} ended with {code}:\n{log.read_text()[-2000:]}")
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Cost(cpu, time.monotonic() - began, memory)

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "CAI_"))}
        kept.pop("PYTHONDONTWRITEBYTECODE", None)
        return {
            **kept,
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "build" / "collections"),
            "ANSIBLE_CONNECTION_PLUGINS": str(Path(__file__).parent / "connection_plugins"),
            "ANSIBLE_CONFIG": str(self._folder / "ansible.cfg"),
            "ANSIBLE_HOME": str(self._folder / "home"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
        }


def _peak(process: subprocess.Popen[bytes]) -> float:
    """Return the peak of the tree's proportional memory, in MiB, while the process runs."""
    peak, parent = 0.0, psutil.Process(process.pid)
    while process.poll() is None:
        total = 0
        with contextlib.suppress(psutil.Error):
            for member in [parent, *parent.children(recursive=True)]:
                with contextlib.suppress(psutil.Error):
                    total += member.memory_full_info().pss
        peak = max(peak, total / 2**20)
        time.sleep(0.05)
    return peak
