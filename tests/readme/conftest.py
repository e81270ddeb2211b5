# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Somebody who follows a page in a copy of this checkout, with a lab of their own.

Only the ports are others (LAB_PORT, and the addresses that follow from it), so that tests can run side by side.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ..pages import README, ROOT, commands

PAGES_PORT = 8400
LAYOUT = range(21)
TIME_LIMIT = 300
BENDING = ("ANSIBLE_", "CAI_", "LAB_", "MAKE", "PYTHON")


def free_base_port() -> int:
    """A port from which on the lab's whole layout is free."""
    for base in range(21000 + os.getpid() % 500 * 20, 32000, 40):
        with contextlib.ExitStack() as stack:
            try:
                for offset in LAYOUT:
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", base + offset))
            except OSError:
                continue
            return base
    raise AssertionError("no free ports")


@dataclass(frozen=True)
class Reader:
    """Somebody who follows the page in a checkout of their own."""

    checkout: Path
    port: int
    environment: dict[str, str]

    def with_own_ports(self, text: str) -> str:
        """The text with the ports of the page moved to those of this reader's lab."""
        return re.sub(r"\b84\d\d\b", lambda found: str(self.port + int(found[0]) - PAGES_PORT), text)

    def types(self, *lines: str) -> str:
        """Type commands into one shell; what was printed. They have to succeed."""
        script = "\n".join(["set -e", *map(self.with_own_ports, lines)])
        ended = subprocess.run(
            ["bash", "-c", script],
            cwd=self.checkout,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIME_LIMIT,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout + ended.stderr

    def saves(self, name: str, text: str) -> None:
        """Save a file of the page."""
        (self.checkout / name).write_text(self.with_own_ports(text), encoding="utf-8")


def recap(output: str) -> dict[str, int]:
    """How many tasks changed something, by host; none may have failed."""
    found = re.findall(r"^(\S+)\s+: ok=\d+\s+changed=(\d+)\s+unreachable=0\s+failed=0", output, re.M)
    return {host: int(changed) for host, changed in found}


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What git knows or would add here."""
    folder = tmp_path_factory.mktemp("reader") / "checkout"
    folder.mkdir()
    listing = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, check=True, capture_output=True).stdout.decode().split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())
    return folder


@pytest.fixture(scope="module")
def reader(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """A reader with a lab that is new, an empty home, and nothing of anybody's Ansible."""
    shutil.rmtree(checkout / ".lab", ignore_errors=True)
    kept = {key: value for key, value in os.environ.items() if not key.startswith(BENDING)}
    port = free_base_port()
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    home = tmp_path_factory.mktemp("home")
    python = Path(sys.base_prefix) / "bin" / "python3"
    own = {"HOME": str(home), "PATH": path, "PYTHON": str(python), "LAB_PORT": str(port), "ANSIBLE_NOCOLOR": "1"}
    return Reader(checkout, port, {**kept, **own})


@pytest.fixture(scope="module")
def installed(reader: Reader) -> None:
    """The collection, built and installed as README.md says."""
    reader.types(*(line for line in commands(README) if line.startswith("ansible-galaxy ")))


@pytest.fixture(scope="module")
def terminal_with_lab(reader: Reader) -> Iterator[str]:
    """``make lab`` in a terminal of its own, ended as Ctrl-C does; what it printed."""
    log = reader.checkout.parent / f"lab-{reader.port}.log"
    with log.open("w") as stream:
        lab = subprocess.Popen(
            ["make", "lab"],
            cwd=reader.checkout,
            env=reader.environment,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )
        try:
            deadline = time.monotonic() + TIME_LIMIT
            while "Stop it with Ctrl-C" not in log.read_text(encoding="utf-8"):
                assert lab.poll() is None, log.read_text(encoding="utf-8")
                assert time.monotonic() < deadline, log.read_text(encoding="utf-8")
                time.sleep(0.1)
            yield log.read_text(encoding="utf-8")
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(lab.pid, signal.SIGINT)
            lab.wait(30)
