# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results of tests, from JUnit files or single commands, and the rules that make a suite's result honest."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from .programs import Ended

Outcome = Literal["passed", "failed", "skipped"]


@dataclass(frozen=True)
class Case:
    """One test: ``detail`` is the failure's text or the reason of the skip."""

    name: str
    outcome: Outcome
    detail: str = ""


@dataclass
class SuiteResult:
    """The cases of one suite, and notes for the reader that change no verdict."""

    suite: str
    cases: list[Case] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0
    lacking: bool = False

    def count(self, outcome: Outcome) -> int:
        """Return how many cases ended so."""
        return sum(case.outcome == outcome for case in self.cases)

    def problem(self, detail: str) -> None:
        """Record that the suite itself went wrong; it counts as a failed test."""
        self.cases.append(Case(f"({self.suite})", "failed", detail))

    def lack(self, what: str) -> None:
        """Record that this machine lacks what the suite runs on; it counts as a skip, which has to be listed."""
        self.cases.append(Case(f"({self.suite})", "skipped", f"this machine has no {what}"))
        self.lacking = True


def read_junit(path: Path) -> list[Case]:
    """Return the cases of a JUnit file. Raises OSError or ET.ParseError when there is no whole file."""
    return [_case(element) for element in ET.parse(path).getroot().iter("testcase")]


def _case(element: ET.Element) -> Case:
    name = "::".join(part for part in (element.get("classname"), element.get("name")) if part)
    for kind in ("failure", "error", "skipped"):
        found = element.find(kind)
        if found is not None:
            message, text = found.get("message") or "", found.text or ""
            if kind == "skipped":
                return Case(name, "skipped", message or text)
            return Case(name, "failed", text or message)
    return Case(name, "passed")


def add_junit(result: SuiteResult, paths: Iterable[Path], program: str, code: int) -> None:
    """Take over the cases of JUnit files; a file that cannot be read and an unexplained exit code are failures."""
    for path in paths:
        try:
            result.cases += read_junit(path)
        except (OSError, ET.ParseError) as error:
            result.problem(f"{program} left no readable result: {error}")
    if (code != 0) != (result.count("failed") > 0):
        result.problem(f"{program} ended with exit code {code}, and {result.count('failed')} of its tests failed")


def explain(result: SuiteResult, ended: Ended) -> None:
    """Where no single test says what went wrong, show the end of the program's output."""
    if not result.cases or any(case.name == f"({result.suite})" for case in result.cases):
        result.notes.append(ended.tail())


def require_tests(result: SuiteResult) -> None:
    """A suite in which no test ran has proven nothing; one for which something is lacking has said so."""
    if result.count("passed") + result.count("failed") == 0 and not result.lacking:
        result.problem("no test ran")
