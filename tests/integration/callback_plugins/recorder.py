# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes each task's result as one line of JSON, so that tests need not read what is meant for the screen."""

from __future__ import annotations

import json
import os
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: recorder
type: aggregate
short_description: Record task results as lines of JSON
description: Appends a line per result to the file that the environment variable CAI_TEST_RECORD names.
requirements: [set as callback in tests only]
"""


class CallbackModule(CallbackBase):
    """One line per result: host, task, status, ignored, result."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "recorder"
    CALLBACK_NEEDS_ENABLED = True

    def v2_runner_on_ok(self, result: Any) -> None:
        """Record a success."""
        self._record("ok", result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """Record a failure."""
        self._record("failed", result, ignore_errors)

    def v2_runner_on_skipped(self, result: Any) -> None:
        """Record a task that was skipped."""
        self._record("skipped", result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        """Record a host that could not be reached."""
        self._record("unreachable", result)

    def _record(self, status: str, result: Any, ignored: bool = False) -> None:
        row = {
            "host": result._host.get_name(),
            "task": result._task.get_name().rpartition(" : ")[2],
            "action": result._task.action,
            "status": status,
            "ignored": bool(ignored),
            "result": dict(result._result),
        }
        with open(os.environ["CAI_TEST_RECORD"], "a", encoding="utf-8") as stream:
            stream.write(json.dumps(row, default=str) + "\n")
