# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ports, waiting, and ending processes by their id."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

HOST = "127.0.0.1"
#: Below the range from which the kernel takes ports for outgoing connections.
PORTS = range(20000, 32000)
PATIENCE = 15.0
LISTEN = "0A"


class NotReadyError(Exception):
    """Something did not come up, or did not happen, within its time."""


def free_ports(count: int) -> list[int]:
    """Return ``count`` different ports of the loopback address that nobody listens on."""
    with contextlib.ExitStack() as held:
        found: list[int] = []
        for port in random.sample(PORTS, len(PORTS)):
            if len(found) == count:
                return found
            sock = held.enter_context(socket.socket())
            with contextlib.suppress(OSError):
                sock.bind((HOST, port))
                found.append(port)
    raise NotReadyError(f"there are no {count} free ports")


def wait_until(happened: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
    """Ask again and again until ``happened`` says so. Raises NotReadyError after ``patience`` seconds."""
    end = time.monotonic() + patience
    while not happened():
        if time.monotonic() > end:
            raise NotReadyError(f"{what}: not within {patience:g} s")
        time.sleep(0.02)


def listens(port: int) -> bool:
    """Say whether a server listens on the port; it is looked up, as a connection would be in the server's log."""
    table = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    rows = (line.split() for line in table)
    return any(row[3] == LISTEN and int(row[1].rpartition(":")[2], 16) == port for row in rows)


def is_alive(pid: int) -> bool:
    """Say whether a process exists and is not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def name(pid: int) -> str:
    """Return the name of a process's program; empty when there is no such process."""
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def group(pid: int) -> list[int]:
    """Return the living processes of the process group that ``pid`` leads."""
    members = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            other = int(entry.name)
            if os.getpgid(other) == pid and is_alive(other):
                members.append(other)
    return members


class Server:
    """A server that runs in the foreground as our child and leads a process group.

    Its output goes to the file ``log``, its process id to ``pid_file`` (for a Guard).
    """

    def __init__(self, command: Sequence[str], log: Path, pid_file: Path) -> None:
        self._command = command
        self._log = log
        self._pid_file = pid_file
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, ready: Callable[[], bool]) -> None:
        """Start and wait until ``ready``. Raises NotReadyError with the end of its output when that does not happen."""
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self._process = process
        self._pid_file.write_text(str(process.pid), encoding="ascii")
        try:
            wait_until(lambda: process.poll() is not None or ready(), self._command[0])
            if process.poll() is not None:
                raise NotReadyError(f"{self._command[0]} ended with exit code {process.returncode}")
        except NotReadyError as error:
            self.stop()
            raise NotReadyError(f"{error}: {self._log.read_text('utf-8', 'replace')[-500:]}") from None

    def stop(self, patience: float = 6.0) -> None:
        """Ask it to end, then kill what is left of its group; returns when all is gone."""
        process, self._process = self._process, None
        if process is None:
            return
        family = {process.pid, *group(process.pid)}
        process.terminate()
        with contextlib.suppress(NotReadyError):
            wait_until(lambda: process.poll() is not None and not any(map(is_alive, family)), "the end", patience)
        for member in {process.pid, *group(process.pid)}:
            with contextlib.suppress(ProcessLookupError):
                os.kill(member, signal.SIGKILL)
        process.wait()
        self._pid_file.unlink()
        wait_until(lambda: not any(map(is_alive, family)), f"the end of process {process.pid}")

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process else None
