# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs of a template: a private data folder for each, the credentials' environment, slices, and what came of them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from awx.content import ROOT, Content, Item
from awx.injectors import Injected, credentials_of, inject

HERE = Path(__file__).resolve().parent
TIME_LIMIT = 300
Hosts = Mapping[str, Mapping[str, Any]]
# awx/main/tasks/jobs.py: what AWX has ansible-runner write; the output file is kept here, so that it is searched too.
SETTINGS = {"suppress_ansible_output": True, "suppress_output_file": False}


def sliced(hosts: Hosts, number: int, count: int) -> Hosts:
    """The hosts of slice ``number`` (from 1) of ``count``: sorted, each n-th.

    As awx/main/models/inventory.py, get_sliced_hosts.
    """
    names = sorted(hosts)
    return {name: hosts[name] for name in names[number - 1 :: count]}


@dataclass(frozen=True)
class Done:
    """What came of a job. ``stats`` is the recap, by kind and host; ``kept`` what set_stats left."""

    code: int
    status: str
    output: str
    artifacts: Path
    stats: dict[str, dict[str, int]]
    kept: dict[str, Any]

    def files(self) -> Iterator[tuple[str, str]]:
        """Name and text of each artifact.

        The file ``command`` holds the process's environment, which AWX replaces by the masked one; it is shown without.
        """
        for path in sorted(self.artifacts.rglob("*")):
            if path.is_file():
                text = path.read_text(encoding="utf-8", errors="replace")
                if path.name == "command":
                    text = json.dumps({key: value for key, value in json.loads(text).items() if key != "env"})
                yield path.name, text


@dataclass
class Job:
    """A template's job for some hosts. ``inputs`` are the credentials' by name, ``answers`` those to the survey."""

    content: Content
    template: Item
    folder: Path
    hosts: Hosts
    variables: Mapping[str, Any]
    inputs: Mapping[str, Mapping[str, Any]]
    answers: Mapping[str, Any] = field(default_factory=dict)
    inherited: Mapping[str, Any] = field(default_factory=dict)
    travels: bool = False
    watch: Callable[[str], None] = lambda line: None

    def start(self) -> subprocess.Popen[str]:
        """Start it in a process of its own."""
        private = self.folder / "private"
        (private / "env").mkdir(parents=True)
        (private / "inventory").mkdir()
        shutil.copytree(self.content.project, private / "project")
        inventory = {
            "all": {"hosts": self.hosts, "vars": {**self.variables, "ansible_python_interpreter": sys.executable}}
        }
        (private / "inventory" / "hosts.json").write_text(json.dumps(inventory), encoding="utf-8")
        (private / "env" / "settings").write_text(json.dumps(SETTINGS), encoding="utf-8")
        worker = self.folder / "worker"
        injected = inject(
            credentials_of(self.template, self.content, self.inputs),
            private / "env",
            seen_in=(worker if self.travels else private) / "env",
        )
        # A file, as in AWX (awx/main/tasks/jobs.py, _write_extra_vars_file); the command line is an artifact.
        extra = {**self.template.get("extra_vars", {}), **self.inherited, **self.answers, **injected.extra_vars}
        (private / "env" / "extravars").write_text(json.dumps(extra), encoding="utf-8")
        process = subprocess.Popen(
            [sys.executable, str(HERE / "one_job.py")],
            env=self._environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        assert process.stdin
        job = {"arguments": self._arguments(private, injected), "worker": str(worker) if self.travels else ""}
        process.stdin.write(json.dumps(job))
        process.stdin.close()
        return process

    def finish(self, process: subprocess.Popen[str]) -> Done:
        """Wait for it, and let ``watch`` see each line."""
        timer = threading.Timer(TIME_LIMIT, process.kill)
        timer.start()
        lines = []
        with process:
            for line in process.stdout or ():
                lines.append(line)
                self.watch(line)
        timer.cancel()
        output = "".join(lines)
        assert process.returncode == 0 and lines, output
        found = json.loads(lines[-1])
        artifacts = self.folder / ("processed" if self.travels else "private") / "artifacts" / "job"
        recap = last_event(artifacts)
        stats = {kind: recap.get(kind, {}) for kind in ("changed", "failures", "ok", "processed")}
        code = int((artifacts / "rc").read_text(encoding="utf-8"))
        return Done(code, found["status"], output, artifacts, stats, recap.get("artifact_data", {}))

    def run(self) -> Done:
        """Start and finish it."""
        return self.finish(self.start())

    def _arguments(self, private: Path, injected: Injected) -> dict[str, Any]:
        vault = next((given["vault_password"] for given in self.inputs.values() if "vault_password" in given), None)
        asks = bool(vault) and "CAI vault" in self.template["credentials"]
        options = ["--check"] * (self.template.get("job_type") == "check") + ["--diff"] * bool(
            self.template.get("diff_mode")
        )
        # awx/main/tasks/jobs.py, build_args
        options += ["-t", self.template["job_tags"]] if self.template.get("job_tags") else []
        return {
            "private_data_dir": str(private),
            "ident": "job",
            "playbook": self.template["playbook"],
            "envvars": injected.env,
            "cmdline": " ".join([*options, *["--ask-vault-pass"] * asks]),
            "passwords": {r"Vault password:\s*?$": vault} if asks else {},
            "suppress_env_files": True,
        }

    def _environment(self) -> dict[str, str]:
        """That of an execution environment: the collection, the programs, a home that ends with the job."""
        home = self.folder / "home"
        home.mkdir()
        programs = str(Path(sys.executable).parent)
        return {
            "PATH": os.pathsep.join([programs, os.environ.get("PATH", "/usr/bin:/bin")]),
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "build" / "collections"),
            "ANSIBLE_HOME": str(home / ".ansible"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
        }


def events(artifacts: Path) -> Iterator[dict[str, Any]]:
    """The job's events, in order."""
    paths = (artifacts / "job_events").glob("*.json")
    for path in sorted(paths, key=lambda found: int(found.name.partition("-")[0])):
        yield json.loads(path.read_text(encoding="utf-8"))


def last_event(artifacts: Path) -> dict[str, Any]:
    """The recap, which also has what set_stats left (awx/main/tasks/callback.py, artifact_data)."""
    found = [event["event_data"] for event in events(artifacts) if event["event"] == "playbook_on_stats"]
    return dict(found[-1]) if found else {}


def merged(jobs: Sequence[Done]) -> dict[str, dict[str, int]]:
    """The recaps of slices as one. AssertionError if a host is in two of them."""
    whole: dict[str, dict[str, int]] = {}
    seen: set[str] = set()
    for job in jobs:
        hosts = set(job.stats.get("processed", {})) - {"localhost"}
        assert not seen & hosts, f"in two slices: {seen & hosts}"
        seen |= hosts
        for kind, counts in job.stats.items():
            whole.setdefault(kind, {}).update(counts)
    return whole
