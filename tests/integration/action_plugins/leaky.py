# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An action that does everything that must not be done with a secret: the control of the canary scan."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ansible.plugins.action import ActionBase

LONG_ENOUGH = "import time; time.sleep(1.5)"


class ActionModule(ActionBase):
    """Shows its ``secret`` on the screen, to processes, in files and to ``console``; ``folder`` is the run's."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Leak."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        secret, folder = str(self._task.args["secret"]), Path(str(self._task.args["folder"]))
        (folder / "local" / "left").write_text(secret, encoding="utf-8")
        passing = folder / "local" / "passing"
        passing.write_text(secret, encoding="utf-8")
        command = [sys.executable, "-c", LONG_ENOUGH, secret]
        subprocess.run(command, env={**os.environ, "LEAKED": secret}, check=True)
        passing.unlink()
        with contextlib.suppress(urllib.error.URLError):
            urllib.request.urlopen(f"{self._task.args['console']}/{quote(secret, safe='')}", timeout=10)
        return {**result, "failed": True, "msg": f"not taken: {secret}"}
