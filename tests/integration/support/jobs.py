# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs as a job runner does them: ansible-runner, with a home and a private folder that do not outlive the job."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from support.places import PROGRAMS
from support.play import GROUP, TaskData, surroundings

TIME_LIMIT = 300
STATUS = {"runner_on_ok": "ok", "runner_on_failed": "failed", "runner_on_skipped": "skipped"}


class Job:
    """One job. ``folder`` is ansible-runner's private data folder, made here."""

    def __init__(self, folder: Path, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.folder = folder
        self._process = subprocess.Popen(
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def end(self, exit_code: int | None = 0) -> None:
        """Wait for the end; AssertionError if the job ends otherwise than with this code."""
        found = self._process.wait(TIME_LIMIT)
        assert exit_code in (None, found), f"exit code {found}\n{self.output}"

    def kill(self) -> None:
        """End it and all that it started, as ``kill -9`` does."""
        with contextlib.suppress(psutil.NoSuchProcess):
            mine = psutil.Process(self._process.pid)
            for process in [mine, *mine.children(recursive=True)]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.send_signal(signal.SIGKILL)
        self._process.wait(TIME_LIMIT)

    def ask_to_end(self) -> None:
        """Send SIGTERM to Ansible, as a job runner's host does that goes down."""
        (playbook,) = psutil.Process(self._process.pid).children()
        playbook.terminate()

    def throw_away(self) -> None:
        """Delete its private folder, its home included."""
        shutil.rmtree(self.folder)

    @property
    def artifacts(self) -> Path:
        """Where ansible-runner leaves its events, the screen, and the facts."""
        return self.folder / "artifacts"

    @property
    def output(self) -> str:
        """What was on the screen."""
        return "".join(path.read_text(encoding="utf-8") for path in self.artifacts.glob("*/stdout"))

    def events(self) -> list[dict[str, Any]]:
        """The events, in order."""
        paths = self.artifacts.glob("*/job_events/*-*.json")
        return sorted(
            (json.loads(path.read_text(encoding="utf-8")) for path in paths), key=lambda it: int(it["counter"])
        )

    def results(self, task: str) -> list[tuple[str, str, dict[str, Any]]]:
        """Host, status and result of each host's task of this name."""
        return [
            (event["event_data"]["host"], STATUS[event["event"]], event["event_data"]["res"])
            for event in self.events()
            if event["event"] in STATUS and event["event_data"]["task"] == task
        ]

    def result(self, task: str) -> dict[str, Any]:
        """The only result of the task of this name."""
        ((_host, _status, result),) = self.results(task)
        return result


class JobRunner:
    """Starts jobs. ``connection``: the options that every task of the group gets."""

    def __init__(self, folder: Path, connection: Mapping[str, Any]) -> None:
        self._folder = folder
        self._connection = dict(connection)
        self._jobs: list[Job] = []

    def start(
        self,
        tasks: Sequence[TaskData],
        *,
        hosts: Mapping[str, Mapping[str, Any]] | Sequence[str],
        play: Mapping[str, Any] | None = None,
        files: Mapping[str, str] | None = None,
        options: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> Job:
        """Start a job of one play. ``options`` are ansible-playbook's; ``files`` lie beside the play, by name."""
        folder = self._folder / f"job-{len(self._jobs)}"
        for name in ("project", "inventory"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        content = {
            "name": "Job",
            "hosts": "all",
            "gather_facts": False,
            "connection": "local",
            "module_defaults": {GROUP: self._connection},
            "tasks": list(tasks),
            **(play or {}),
        }
        _write(folder / "project" / "play.json", [content])
        known = hosts if isinstance(hosts, Mapping) else dict.fromkeys(hosts, {})
        _write(
            folder / "inventory" / "hosts.json", {"all": {"hosts": {host: dict(more) for host, more in known.items()}}}
        )
        for name, text in (files or {}).items():
            (folder / "project" / name).write_text(text, encoding="utf-8")
        words = ["run", str(folder), "-p", "play.json", *([f"--cmdline={' '.join(options)}"] if options else [])]
        made = Job(folder, [str(PROGRAMS / "ansible-runner"), *words], {**_environment(folder), **(environment or {})})
        self._jobs.append(made)
        return made

    def abort(self) -> None:
        """Leave no job behind."""
        for job in self._jobs:
            job.kill()


@contextlib.contextmanager
def job_runner(folder: Path, connection: Mapping[str, Any]) -> Iterator[JobRunner]:
    """A job runner whose jobs end with the block."""
    made = JobRunner(folder, connection)
    try:
        yield made
    finally:
        made.abort()


def _environment(folder: Path) -> dict[str, str]:
    """As for any run, but Ansible's home is the user's, and that is thrown away with the job."""
    settings = surroundings(folder)
    for name in ("ANSIBLE_HOME", "ANSIBLE_LOCAL_TEMP", "ANSIBLE_REMOTE_TEMP"):
        settings.pop(name)
    way = os.pathsep.join((str(PROGRAMS), settings.get("PATH", os.defpath)))
    (folder / "home").mkdir()
    return {**settings, "HOME": str(folder / "home"), "PATH": way}


def _write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
