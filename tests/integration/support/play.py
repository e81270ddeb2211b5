# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real runs of ``ansible-playbook``, with what each task returned."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.patience import eventually
from support.places import COLLECTIONS, HERE, PROGRAMS

PREFIXES = ("ANSIBLE_", "CAI_", "PYTHON")
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
TIME_LIMIT = 600
GROUP = "group/cai.console.console"

TaskData = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """One result of one task on one host; ``status`` is ok, failed, skipped or unreachable."""

    host: str
    task: str
    action: str
    status: str
    ignored: bool
    result: dict[str, Any]

    @property
    def code(self) -> str:
        """The stable name of the failure."""
        return str(self.result["error"]["code"])


@dataclass(frozen=True)
class Run:
    """What came of a playbook. ``log`` is Ansible's own log file."""

    exit_code: int
    stdout: str
    stderr: str
    log: str
    rows: list[Row] = field(default_factory=list)

    @property
    def output(self) -> str:
        """Everything that was printed or logged."""
        return f"{self.stdout}\n{self.stderr}\n{self.log}"

    def all(self, task: str, host: str | None = None) -> list[Row]:
        """The results of the task of this name."""
        return [row for row in self.rows if row.task == task and host in (None, row.host)]

    def one(self, task: str, host: str | None = None) -> Row:
        """The only result of the task of this name."""
        found = self.all(task, host)
        assert len(found) == 1, f"{task}: {len(found)} results in {[(row.host, row.task) for row in self.rows]}"
        return found[0]

    def of_collection(self) -> list[Row]:
        """The results of the collection's own modules."""
        return [row for row in self.rows if row.action.startswith("cai.console.")]


def rescued(task: TaskData) -> TaskData:
    """The task in a block whose rescue says so in a task of the same name, with "rescued: " before it."""
    told = "{{ ansible_failed_result.error.code | default('no code') }}"
    rescue = {"name": f"rescued: {task['name']}", "ansible.builtin.debug": {"msg": told}}
    return {"name": f"block: {task['name']}", "block": [task], "rescue": [rescue]}


class Player:
    """Writes playbooks into a folder and runs them. ``connection``: the options that every task of the group gets."""

    def __init__(self, folder: Path, connection: Mapping[str, Any]) -> None:
        self._folder = folder
        self._connection = dict(connection)
        self._runs = 0

    def __call__(
        self,
        tasks: Sequence[TaskData],
        *,
        hosts: Mapping[str, Mapping[str, Any]] | Sequence[str] = ("Cloud Server",),
        connection: Mapping[str, Any] | None = None,
        play: Mapping[str, Any] | None = None,
        **how: Any,
    ) -> Run:
        """Run tasks in one play over the hosts. ``how`` is as for ``playbook``; ``play``: more keywords of the play."""
        defaults = self._connection if connection is None else dict(connection)
        content = {
            "name": "Test",
            "hosts": "all",
            "gather_facts": False,
            "connection": "local",
            "module_defaults": {GROUP: defaults},
            "tasks": list(tasks),
            **(play or {}),
        }
        path = self._folder / f"play-{self._runs}.json"
        path.write_text(json.dumps([content], ensure_ascii=False), encoding="utf-8")
        return self.playbook(str(path), hosts=hosts, **how)

    def playbook(
        self,
        name: str,
        *,
        hosts: Mapping[str, Mapping[str, Any]] | Sequence[str],
        variables: Mapping[str, Any] | None = None,
        options: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        exit_code: int | None = 0,
    ) -> Run:
        """Run a playbook (path or FQCN) and demand its exit code, unless that is None."""
        folder = self._folder / f"run-{self._runs}"
        self._runs += 1
        folder.mkdir()
        known = hosts if isinstance(hosts, Mapping) else dict.fromkeys(hosts, {})
        # Ansible writes a job below HOME and looks for it below the user's home, which need not be the same.
        jobs = str(folder / "async")
        everyone = {"ansible_python_interpreter": sys.executable, "ansible_async_dir": jobs, **(variables or {})}
        inventory = {"all": {"hosts": {host: dict(more) for host, more in known.items()}, "vars": everyone}}
        (folder / "inventory.json").write_text(json.dumps(inventory, ensure_ascii=False), encoding="utf-8")
        command = [str(PROGRAMS / "ansible-playbook"), name, "-i", str(folder / "inventory.json"), *options]
        ended = subprocess.run(
            command,
            env={**surroundings(folder), **(environment or {})},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIME_LIMIT,
            check=False,
        )
        # The watcher of an async task looks every few seconds; it removes what it was given when it ends.
        eventually(lambda: not list(folder.glob("remote/ansible-tmp-*")))
        run = Run(ended.returncode, ended.stdout, ended.stderr, _text(folder / "ansible.log"), _rows(folder / "record"))
        assert exit_code in (None, run.exit_code), f"exit code {run.exit_code}\n{run.stdout}\n{run.stderr}"
        return run


def surroundings(folder: Path) -> dict[str, str]:
    """Nothing of the caller's own settings of Ansible, this collection, Python or proxies."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(PREFIXES) and name.lower() not in PROXIES
    }
    (folder / "ansible.cfg").touch()
    # What is remembered of secrets is the test's own, and outlives a single run.
    remembered = {name: os.environ[name] for name in ("CAI_STATE_DIR",) if name in os.environ}
    return {
        **kept,
        **remembered,
        "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback_plugins"),
        "ANSIBLE_CALLBACKS_ENABLED": "recorder",
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_CONNECTION_PLUGINS": str(HERE / "connection_plugins"),
        "ANSIBLE_HOME": str(folder / "home"),
        "ANSIBLE_LOCAL_TEMP": str(folder / "local"),
        "ANSIBLE_LOG_PATH": str(folder / "ansible.log"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_REMOTE_TEMP": str(folder / "remote"),
        "ANSIBLE_RETRY_FILES_ENABLED": "false",
        "CAI_TEST_RECORD": str(folder / "record"),
    }


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _rows(record: Path) -> list[Row]:
    return [Row(**json.loads(line)) for line in _text(record).splitlines()]
