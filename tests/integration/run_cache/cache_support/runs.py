# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of ``ansible-playbook`` that can be watched and ended in the middle."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil
from cai_lab.control_client import LabControl

HERE = Path(__file__).resolve().parent
COLLECTIONS = HERE.parents[3] / "build" / "collections"
GROUP = "group/cai.console.console"
ROBOT, VIEWER, PARENT = "robot@lab.test", "viewer@lab.test", "owner@parent.test"
OWN_SETTINGS = ("ANSIBLE_", "CAI_", "PYTHON")
HANGS = 60.0
"""Seconds after which something is taken for hung; never a measure of speed."""
MARK = "CAI_TEST_RUN"

Task = dict[str, Any]
READ: Task = {"cai.console.email_service_info": {}}


def cores() -> list[str]:
    """The ``ansible-playbook`` of each core to test: CAI_TEST_CORES (joined like PATH), else the environment's own."""
    listed = os.environ.get("CAI_TEST_CORES")
    return listed.split(os.pathsep) if listed else [str(Path(sys.executable).parent / "ansible-playbook")]


def connection(lab: LabControl, user: str = ROBOT, **more: Any) -> dict[str, Any]:
    """The connection options of one of the lab's users."""
    password = next(known["password"] for known in lab.addresses["users"] if known["name"] == user)
    return {
        "console_url": lab.addresses["console"],
        "console_username": user,
        "console_password": password,
        "console_binding": "lab",
        **more,
    }


def eventually(true: Callable[[], Any], what: str) -> None:
    """Wait until it is true; AssertionError when it never is."""
    deadline = time.monotonic() + HANGS
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


class Run:
    """A run of ``ansible-playbook`` under way."""

    def __init__(self, folder: Path, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.folder = folder
        self._mark = environment[MARK]
        with (folder / "output").open("wb") as output:
            self._process = subprocess.Popen(
                command,
                env=dict(environment),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        """What was printed so far."""
        return (self.folder / "output").read_text(encoding="utf-8", errors="replace")

    def send(self, number: int, *, group: bool = False) -> None:
        """Send a signal to the run, or to its process group, as a terminal does."""
        (os.killpg if group else os.kill)(self._process.pid, number)

    def end(self, within: float = HANGS) -> int:
        """Wait for the end; the exit code, negative for a signal."""
        return self._process.wait(within)

    def succeed(self, within: float = HANGS) -> None:
        """Wait for the end, which must be a good one."""
        code = self.end(within)
        assert code == 0, f"exit code {code}\n{self.output}"

    def processes(self) -> list[psutil.Process]:
        """What still runs of it, wherever it was moved to."""
        return [process for process in psutil.process_iter() if _environment_of(process).get(MARK) == self._mark]

    def files(self) -> list[Path]:
        """The files in its private folder."""
        return [path for path in (self.folder / "local").rglob("*") if path.is_file()]

    def notes(self, kind: str) -> list[tuple[int, str]]:
        """What the spy noted: process id and what."""
        path = self.folder / "spy"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [(pid, what) for noted, pid, what in map(json.loads, lines) if noted == kind]

    def assert_nothing_left(self) -> None:
        """No process, and no file with anything in it."""
        eventually(lambda: not self.processes(), f"still running: {self.processes()}")
        assert [path for path in self.files() if path.stat().st_size] == []

    def abort(self) -> None:
        """End whatever is left of it."""
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait(HANGS)


def _environment_of(process: psutil.Process) -> dict[str, str]:
    try:
        return {} if process.status() == psutil.STATUS_ZOMBIE else dict(process.environ())
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return {}


class Runner:
    """Starts runs on one core."""

    def __init__(self, folder: Path, core: str) -> None:
        self.folder = folder
        self.core = core
        self._runs: list[Run] = []

    def start(
        self,
        tasks: Sequence[Task],
        link: Mapping[str, Any],
        *,
        hosts: Mapping[str, Mapping[str, Any]] | Sequence[str],
        play: Mapping[str, Any] | None = None,
        options: Sequence[str] = (),
        **environment: str,
    ) -> Run:
        """Start one play of ``tasks`` over ``hosts`` with 20 forks. ``link``: the options of the action group."""
        folder = self.folder / f"run-{len(self._runs)}"
        folder.mkdir()
        everyone = {
            "ansible_connection": "local",
            "ansible_python_interpreter": str(Path(self.core).parent / "python"),
            "ansible_async_dir": str(folder / "async"),
        }
        known = hosts if isinstance(hosts, Mapping) else dict.fromkeys(hosts, {})
        inventory = {"all": {"hosts": {host: dict(more) for host, more in known.items()}, "vars": everyone}}
        (folder / "inventory.json").write_text(json.dumps(inventory), encoding="utf-8")
        content = {
            "name": "Test",
            "hosts": "all",
            "gather_facts": False,
            "module_defaults": {GROUP: dict(link)},
            "tasks": list(tasks),
            **(play or {}),
        }
        (folder / "play.json").write_text(json.dumps([content]), encoding="utf-8")
        command = [self.core, "-i", "inventory.json", "-f", "20", *options, "play.json"]
        run = Run(folder, command, {**_environment(folder), **environment})
        self._runs.append(run)
        return run

    def file(self, name: str, content: Any) -> str:
        """Write a file of YAML; its path."""
        path = self.folder / name
        path.write_text(json.dumps(content), encoding="utf-8")
        return str(path)

    def program(self, name: str, script: str) -> str:
        """Make a shell script; its path."""
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
        return str(path)

    def abort(self) -> None:
        """Leave nothing of any run behind."""
        for run in self._runs:
            run.abort()


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OWN_SETTINGS)}
    kept = {name: value for name, value in kept.items() if not name.lower().endswith("_proxy")}
    (folder / "ansible.cfg").touch()
    return {
        **kept,
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_CONNECTION_PLUGINS": str(HERE.parent / "connection_plugins"),
        "ANSIBLE_HOME": str(folder / "home"),
        "ANSIBLE_LOCAL_TEMP": str(folder / "local"),
        "ANSIBLE_REMOTE_TEMP": str(folder / "remote"),
        "ANSIBLE_NOCOLOR": "1",
        "CAI_STATE_DIR": str(folder / "state"),
        "CAI_TEST_SPY": str(folder / "spy"),
        "PYTHONPATH": str(HERE / "spy"),
        MARK: uuid.uuid4().hex,
    }


class Ledger:
    """What a lab counted since the ledger was opened."""

    def __init__(self, lab: LabControl) -> None:
        self._lab = lab
        self._before = lab.sessions()
        self._since = max((entry["n"] for entry in lab.operations()), default=0)

    def counts(self) -> dict[str, int]:
        """Sign-ins, refused sign-ins, sign-outs since then, and the sessions that are open beyond those of before."""
        return {name: number - self._before[name] for name, number in self._lab.sessions().items()}

    def operations(self, **filters: Any) -> list[dict[str, Any]]:
        """The requests since then."""
        return self._lab.operations(since=self._since, **filters)

    def number(self, operation: str) -> int:
        """How many requests of a kind came since then."""
        return len(self.operations(operation=operation))

    def assert_signed(self, ins: int, *, refused: int = 0) -> None:
        """So many sign-ins, and no session is left."""
        eventually(lambda: self.counts()["open"] == 0, f"sessions are left: {self.counts()}")
        counts = self.counts()
        assert (counts["sign_ins"], counts["refused_sign_ins"]) == (ins, refused)
        assert counts["logout_alls"] == 0


@contextlib.contextmanager
def ignoring(number: signal.Signals) -> Iterator[None]:
    """Ignore a signal here, which what is started here inherits, as under nohup."""
    before = signal.signal(number, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(number, before)
