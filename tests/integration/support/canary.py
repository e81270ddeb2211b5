# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The canary scan: every place where a run could leave a secret, read as text and searched.

Two things are left out, because they are not the collection's to hide: Ansible's own payload (AnsiballZ: a file, or in
a folder, that only the user may read, and gone when its task ends), and environment variables that the user set (here:
``PLANTED_*``).
"""

from __future__ import annotations

import html
import json
import os
import re
import secrets
import stat
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cai_lab.control_client import LabControl

from support.leaks import leaks
from support.places import HERE
from support.play import Run

USERS_OWN = "PLANTED_"
PAYLOAD, PAYLOAD_HEAD = b"_ANSIBALLZ_WRAPPER", 1000
OTHERS = 0o077
PAUSE = 0.02
CALLBACKS = "recorder,ansible.builtin.junit"
TEMPORARY = ("home", "local", "remote", "async")


def unique(name: str) -> str:
    """A secret that stands nowhere else, with characters that JSON, XML, URLs and forms write in another way."""
    return f"{name}/\"'&planted+pw={secrets.token_hex(8)} ü"


def with_cores(planted: Mapping[str, str]) -> dict[str, str]:
    """The secrets, and apart the random core of each that has one: it shows a secret that was cut or wrapped."""
    cores = {
        f"{name} (core)": found[1] for name, text in planted.items() if (found := re.search(r"=([0-9a-f]{16})", text))
    }
    return {**planted, **cores}


def from_environment(name: str) -> str:
    """A template for a secret, which no file of the run holds."""
    return "{{ lookup('ansible.builtin.env', '%s%s') }}" % (USERS_OWN, name)  # noqa: UP031 - braces of a template


def user_set(planted: Mapping[str, str]) -> dict[str, str]:
    """The environment with which a user hands the secrets over, and the way to this suite's own actions."""
    return {
        **{f"{USERS_OWN}{name}": value for name, value in planted.items()},
        "ANSIBLE_ACTION_PLUGINS": str(HERE / "action_plugins"),
    }


class Sampler:
    """Watches a run that goes on: command lines and environments of its processes, and what its temporary files hold.

    Its processes are those with ``folder`` in their environment; its temporary folders are below it.
    """

    def __init__(self, folder: Path) -> None:
        self._mark = str(folder).encode()
        self._folder = folder
        self._files: dict[Path, tuple[int, int]] = {}
        self._ended = threading.Event()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.command_lines: set[str] = set()
        self.environments: set[str] = set()
        self.files: set[str] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()
        if self._failure and error is None:
            raise AssertionError("The run was not watched to its end.") from self._failure

    def texts(self) -> dict[str, str]:
        """What was seen, by place."""
        return {
            "command lines": "\n".join(self.command_lines),
            "environment": "\n".join(self.environments),
            "temporary files meanwhile": "\n".join(self.files),
        }

    def _watch(self) -> None:
        try:
            while not self._ended.wait(PAUSE):
                for process in Path("/proc").glob("[0-9]*"):
                    self._look_at_process(process)
                for path in temporary(self._folder):
                    self._look_at_file(path)
        except Exception as error:
            self._failure = error

    def _look_at_process(self, process: Path) -> None:
        try:
            variables = (process / "environ").read_bytes()
            if self._mark not in variables:
                return
            self.command_lines.add(_words((process / "cmdline").read_bytes()))
            kept = [pair for pair in variables.split(b"\0") if not pair.startswith(USERS_OWN.encode())]
            self.environments.add(_words(b"\0".join(kept)))
        except OSError:
            pass  # it has ended

    def _look_at_file(self, path: Path) -> None:
        try:
            found = path.stat()
            version = (found.st_mtime_ns, found.st_size)
            if self._files.get(path) != version:
                content = path.read_bytes()
                self.files |= set() if _is_payload(path, content) else {content.decode(errors="replace")}
                self._files[path] = version
        except OSError:
            pass  # it was removed


def temporary(folder: Path) -> Iterable[Path]:
    """The files in the temporary folders of a run, as they are now; a folder may vanish meanwhile."""
    for name in TEMPORARY:
        for place, _folders, files in os.walk(folder / name):
            yield from (path for file in files if (path := Path(place, file)).is_file())


def _is_payload(path: Path, content: bytes) -> bool:
    """Whether it is Ansible's payload, in a place that nobody else may read."""
    modes = {stat.S_IMODE(place.stat().st_mode) & OTHERS for place in (path, path.parent)}
    return PAYLOAD in content[:PAYLOAD_HEAD] and 0 in modes


def _words(zero_separated: bytes) -> str:
    return zero_separated.replace(b"\0", b"\n").decode(errors="replace")


def text_below(folder: Path, pattern: str = "*") -> str:
    """The contents of the files below a folder."""
    return "\n".join(
        path.read_bytes().decode(errors="replace") for path in sorted(folder.rglob(pattern)) if path.is_file()
    )


class Scan:
    """Prepares a run so that it leaves traces everywhere, and searches them. Made before the run; one for each run."""

    def __init__(self, folder: Path, lab: LabControl) -> None:
        self._folder = folder
        self._lab = lab
        self._log = Path(lab.addresses["ca"]).parents[1] / "lab.log"
        self._log_since = len(self._log.read_bytes())
        self._since = max((entry["n"] for entry in lab.operations()), default=0)
        self.sampler = Sampler(folder)

    def environment(self, planted: Mapping[str, str]) -> dict[str, str]:
        """The environment of the run: the secrets under names of the user's own, callbacks, a fact cache."""
        return {
            **user_set(planted),
            "ANSIBLE_CALLBACKS_ENABLED": CALLBACKS,
            "ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile",
            "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(self._folder / "facts"),
            "JUNIT_OUTPUT_DIR": str(self._folder / "junit"),
        }

    def places(self, run: Run) -> dict[str, str]:
        """Where a secret could be, by name; none of them is empty, or the scan would prove nothing."""
        junit = text_below(self._folder / "junit", "*.xml")
        found = {
            "screen": f"{run.stdout}\n{run.stderr}",
            "log file": run.log,
            "JSON callback": (self._folder / "record").read_text(encoding="utf-8"),
            "JUnit callback": f"{junit}\n{html.unescape(junit)}",
            "fact cache": text_below(self._folder / "facts"),
            "console's access log": self._log.read_bytes()[self._log_since :].decode(errors="replace"),
            "console's operations": json.dumps(self._lab.operations(since=self._since)),
            **self.sampler.texts(),
        }
        assert [place for place, text in found.items() if not text.strip()] == []
        return {
            **found,
            "temporary files left": "\n".join(path.read_text(errors="replace") for path in temporary(self._folder)),
        }


def hits(places: Mapping[str, str], planted: Mapping[str, str]) -> dict[str, list[str]]:
    """The places that hold a secret, each with the secrets' names and forms; empty where all is well."""
    wanted = with_cores(planted)
    return {place: found for place, text in places.items() if (found := leaks(text, wanted))}


def kept_facts(names: Iterable[str]) -> dict[str, Any]:
    """A task that puts registered results into the fact cache."""
    facts = {f"kept_{name}": "{{ %s | default({}) }}" % name for name in names}  # noqa: UP031 - braces of a template
    return {"name": "keep", "ansible.builtin.set_fact": {**facts, "cacheable": True}}
