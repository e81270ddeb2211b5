# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small process that ends the servers of a process that died without ending them.

    python guard.py FOLDER PIDFILE...

It waits for its input to end, which the kernel sees to when the parent dies.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType


class Guard:
    """Ends the servers named by ``pid_files`` and removes ``folder`` when this process is killed."""

    def __init__(self, folder: Path, *pid_files: Path) -> None:
        self._command = [sys.executable, "-I", __file__, str(folder), *map(str, pid_files)]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Guard:
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, start_new_session=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        process = self._process
        if process is not None and process.stdin is not None:
            process.stdin.close()
            process.wait(30)


def end(folder: str, pid_files: list[str]) -> None:
    """Kill the process groups that the files name, and remove the folder."""
    for name in pid_files:
        with contextlib.suppress(OSError, ValueError):
            os.killpg(int(Path(name).read_text(encoding="ascii")), signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.stdin.read()
    end(sys.argv[1], sys.argv[2:])
