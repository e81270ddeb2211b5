# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a program with its output in a log, bounded in time, and leave nothing of it behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .places import LOGS, ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

TIME_LIMIT = 3600
TIMED_OUT = 124


@dataclass(frozen=True)
class Ended:
    """How a program ended: its exit code (124 when it ran out of time) and its output, both streams together."""

    code: int
    output: str

    def tail(self, lines: int = 60) -> str:
        """Return the end of the output."""
        return "\n".join(self.output.splitlines()[-lines:])


def run(
    name: str, command: Sequence[object], env: Mapping[str, str], *, cwd: Path = ROOT, limit: float = TIME_LIMIT
) -> Ended:
    """Run ``command`` (texts and paths); ``name`` names the log (build/log/NAME.log), ``limit`` is in seconds."""
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"{name}.log"
    with log.open("w+", encoding="utf-8", errors="replace") as stream:
        try:
            process = subprocess.Popen(
                [str(part) for part in command],
                cwd=cwd,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            return Ended(127, f"{command[0]} could not be started: {error}")
        code = _wait(process, limit)
        stream.seek(0)
        return Ended(code, stream.read())


def _wait(process: subprocess.Popen[bytes], limit: float) -> int:
    try:
        return process.wait(limit)
    except subprocess.TimeoutExpired:
        return TIMED_OUT
    finally:
        # What the program started shares its session; nothing of it may outlive it.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
