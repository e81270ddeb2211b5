# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One task in a process of its own, which somebody kills: ``victim.py`` reads module, connection and arguments as JSON
from its standard input, and writes the result as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from support import client

TIME_LIMIT = 120


class Victim:
    """Starts tasks that ``kill`` ends."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, module: str, connection: Mapping[str, Any], **args: Any) -> dict[str, Any] | None:
        """Run a task to its end; its result, or None when it was killed."""
        command = [sys.executable, __file__]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as process:
            self._process = process
            wish = json.dumps([module, dict(connection), args]).encode()
            output, errors = process.communicate(wish, timeout=TIME_LIMIT)
        assert process.returncode in (0, -9), errors.decode()
        return None if process.returncode else dict(json.loads(output))

    def kill(self) -> None:
        """End the task as ``kill -9`` does."""
        assert self._process
        self._process.kill()
        self._process.wait()


if __name__ == "__main__":
    name, link, options = json.load(sys.stdin)
    print(json.dumps(client.run(name, link, **options)))
