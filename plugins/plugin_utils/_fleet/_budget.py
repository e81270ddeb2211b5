# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many targets may fail, over a whole run: a play with ``serial`` runs the task once for each batch."""

from __future__ import annotations

import hashlib
import json
import os
import re

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._files import locked, replace_file


class Budget:
    """``limit``: a number (``3``), a percentage of ``total`` (``5%``), or None, which means that all are tried.

    ``failed`` counts the failures of the run, those of earlier batches included.
    """

    def __init__(self, limit: str | None, total: int, failed: int = 0) -> None:
        self.limit = limit
        self.total = total
        self.failed = failed
        self._allowed = 0.0 if limit is None else _allowed(limit, total)

    @property
    def is_exceeded(self) -> bool:
        """Whether more failed than may."""
        return self.failed > self._allowed

    @property
    def stops(self) -> bool:
        """Whether no further target may be begun."""
        return self.limit is not None and self.is_exceeded


def _allowed(limit: str, total: int) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(%?)", limit.strip())
    if not found or (not found[2] and "." in found[1]):
        raise ConsoleError(
            "invalid_option",
            f"max_failed is {limit}, which is neither a number of targets nor a percentage.",
            stage="options",
        )
    return float(found[1]) * total / 100 if found[2] else float(found[1])


class Tally:
    """The failures of one task over the batches of a run, in a file of the run's private folder.

    ``task``: what tells one task of the playbook from another, whichever batch runs it.
    """

    def __init__(self, folder: str, task: str) -> None:
        self._path = os.path.join(folder, f"cai.console.fleet.{hashlib.sha256(task.encode()).hexdigest()[:16]}")

    def read(self) -> int:
        """Return the failures so far."""
        try:
            with open(self._path, encoding="utf-8") as stream:
                return int(json.load(stream)["failed"])
        except FileNotFoundError:
            return 0

    def add(self, failed: int) -> None:
        """Add the failures of a batch."""
        with locked(self._path):
            replace_file(self._path, json.dumps({"failed": self.read() + failed}).encode())
