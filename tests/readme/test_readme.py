# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""README.md, typed as it stands in a copy of this checkout: every command and every YAML block.

Only the ports are others (LAB_PORT, and the addresses that follow from it), so that tests can run side by side.
``make demo`` and ``make test`` are not run inside the tests; that they exist is checked.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.M | re.S)
README_PORT = 8400
LAYOUT = range(21)
NOT_NESTED = {"make demo", "make test"}
TIME_LIMIT = 300
BENDING = ("ANSIBLE_", "CAI_", "LAB_", "MAKE", "PYTHON")


def blocks(language: str) -> list[str]:
    """The blocks of a language, in order."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return [block["text"] for block in BLOCK.finditer(text) if block["language"] == language]


def commands() -> list[str]:
    """Every command, in order."""
    return [line for block in blocks("console") for line in block.splitlines()]


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
        return re.sub(r"\b84\d\d\b", lambda found: str(self.port + int(found[0]) - README_PORT), text)

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


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """A reader with what git knows or would add here, an empty home, and nothing of anybody's Ansible."""
    folder = tmp_path_factory.mktemp("reader")
    checkout, home = folder / "checkout", folder / "home"
    checkout.mkdir()
    home.mkdir()
    listing = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, check=True, capture_output=True).stdout.decode().split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            (checkout / name).write_bytes((ROOT / name).read_bytes())
    kept = {key: value for key, value in os.environ.items() if not key.startswith(BENDING)}
    port = free_base_port()
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    own = {"HOME": str(home), "PATH": path, "LAB_PORT": str(port), "ANSIBLE_NOCOLOR": "1"}
    return Reader(checkout, port, {**kept, **own})


@pytest.fixture(scope="module")
def terminal_with_lab(reader: Reader) -> Iterator[str]:
    """``make lab`` in a terminal of its own, ended as Ctrl-C does; the line that was typed."""
    assert "make lab" in commands()
    log = reader.checkout.parent / "lab.log"
    with log.open("w") as stream:
        lab = subprocess.Popen(
            ["make", "lab", f"PYTHON={Path(sys.base_prefix) / 'bin' / 'python3'}"],
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


def test_make_has_the_targets() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    typed = {line for line in commands() if line.startswith("make ")}
    assert typed >= NOT_NESTED
    for line in typed:
        assert re.search(rf"^{line.split()[1]}:", makefile, re.M), line


def test_the_collection_can_be_built_and_installed(reader: Reader) -> None:
    typed = [line for line in commands() if line.startswith("ansible-galaxy ")]
    assert len(typed) == 2
    assert "cai.console:" in reader.types(*typed)


@pytest.fixture(scope="module")
def installed(reader: Reader) -> None:
    reader.types(*(line for line in commands() if line.startswith("ansible-galaxy ")))


def test_the_lab_is_where_the_page_says(reader: Reader, terminal_with_lab: str) -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    told = set(re.findall(r"http://127\.0\.0\.1:84\d\d", page))
    assert f"http://127.0.0.1:{README_PORT}" in told
    for address in told:
        assert reader.with_own_ports(address) in terminal_with_lab, address


def test_the_inventory_and_the_commands(reader: Reader, installed: None, terminal_with_lab: str) -> None:
    inventory, playbook = blocks("yaml")
    (reader.checkout / "inventory.yml").write_text(reader.with_own_ports(inventory), encoding="utf-8")
    (reader.checkout / "move.yml").write_text(reader.with_own_ports(playbook), encoding="utf-8")
    exports = [line for line in commands() if line.startswith("export ")]
    plays = [line for line in commands() if line.startswith("ansible-playbook ")]
    assert (len(exports), len(plays)) == (1, 2)

    checked = reader.types(*exports, plays[0])
    first = reader.types(*exports, plays[1])
    second = reader.types(*exports, plays[1])
    moved = reader.types(*exports, "ansible-playbook -i inventory.yml move.yml")

    assert recap(checked) == {"agent-a": 1}
    assert recap(first) == dict.fromkeys(("cloud-server", "agent-a", "agent-b", "agent-zuerich"), 1)
    assert set(recap(second).values()) == {0}
    assert recap(moved) == {"agent-a": 1}


def recap(output: str) -> dict[str, int]:
    """How many tasks changed something, by host; none may have failed."""
    found = re.findall(r"^(\S+)\s+: ok=\d+\s+changed=(\d+)\s+unreachable=0\s+failed=0", output, re.M)
    return {host: int(changed) for host, changed in found}


def test_every_command_was_typed() -> None:
    known = ("make ", "ansible-galaxy ", "ansible-playbook ", "export ")
    assert [line for line in commands() if not line.startswith(known)] == []
    assert len(blocks("yaml")) == 2
