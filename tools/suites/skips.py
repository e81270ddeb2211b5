# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The list of skips that are accounted for (tests/skips.yml). Any other skip is a failure."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import yaml

from .results import Case

if TYPE_CHECKING:
    from pathlib import Path

    from .results import SuiteResult


@dataclass(frozen=True)
class Skip:
    """A suite, a pattern of test names (``*`` and ``?``) and why they may be skipped."""

    suite: str
    test: str
    reason: str

    def covers(self, suite: str, case: Case) -> bool:
        """Say whether this entry accounts for a skipped case."""
        return suite == self.suite and fnmatchcase(case.name, self.test)


def read_skips(path: Path) -> list[Skip]:
    """Return the list. Raises ValueError when an entry lacks one of its three fields or has another."""
    skips = []
    for entry in yaml.safe_load(path.read_text(encoding="utf-8")) or []:
        if not isinstance(entry, dict) or set(entry) != {"suite", "test", "reason"} or not all(entry.values()):
            raise ValueError(f"{path.name}: an entry has suite, test and reason, and nothing else: {entry!r}")
        skips.append(Skip(**entry))
    return skips


def refuse_unlisted(result: SuiteResult, skips: list[Skip]) -> None:
    """Turn skips that are not on the list into failures."""
    result.cases = [_judged(result.suite, case, skips) for case in result.cases]


def _judged(suite: str, case: Case, skips: list[Skip]) -> Case:
    if case.outcome != "skipped" or any(skip.covers(suite, case) for skip in skips):
        return case
    return Case(case.name, "failed", f"skipped, and tests/skips.yml does not account for it: {case.detail}")
