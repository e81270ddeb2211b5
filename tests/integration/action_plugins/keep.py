# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An action that writes ``content`` to ``path`` with nothing in between, so that a test learns what a play obtained."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """Writes a file."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Write it."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        content = self._task.args["content"]
        Path(str(self._task.args["path"])).write_text(
            content if isinstance(content, str) else json.dumps(content), encoding="utf-8"
        )
        return result
