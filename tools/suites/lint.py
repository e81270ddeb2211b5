# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks that read the files; each is one test, passed when its program ends with 0."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from .places import COLLECTIONS, ROOT, environment, venv_bin
from .programs import run
from .results import Case, SuiteResult


@dataclass(frozen=True)
class Check:
    """A program of the lint environment with its arguments; ``types`` is where mypy finds the checked packages."""

    name: str
    command: tuple[str, ...]
    types: str = ""


CHECKS = (
    Check("ansible-lint", ("ansible-lint", "--profile", "production", "--offline", "--nocolor")),
    Check("ruff check", ("ruff", "check", ".")),
    Check("ruff format", ("ruff", "format", "--check", ".")),
    Check("mypy plugins", ("mypy", str(COLLECTIONS / "ansible_collections/cai/console/plugins")), str(COLLECTIONS)),
    Check("mypy lab", ("mypy", "lab/cai_lab"), "lab"),
    Check("mypy tools", ("mypy", "tools"), f"tools:lab:{COLLECTIONS}"),
    Check("yamllint", ("yamllint", "--strict", ".")),
    Check("antsibull-changelog", ("antsibull-changelog", "lint")),
    Check("antsibull-docs", ("antsibull-docs", "lint-collection-docs", "--plugin-docs", "--skip-rstcheck", ".")),
    Check("reuse", ("reuse", "lint", "--lines")),
    Check("shellcheck", ("shellcheck", ".ci/run")),
)


def run_lint(workers: int) -> SuiteResult:
    """Run all checks, ``workers`` at a time."""
    with ThreadPoolExecutor(workers) as pool:
        return SuiteResult("lint", list(pool.map(_run, CHECKS)))


def _run(check: Check) -> Case:
    program, *arguments = check.command
    folder = venv_bin("lint")
    env = environment(folder, **({"MYPYPATH": check.types} if check.types else {}))
    ended = run(f"lint-{check.name.replace(' ', '-')}", [folder / program, *arguments], env, cwd=ROOT)
    return Case(check.name, "passed") if ended.code == 0 else Case(check.name, "failed", ended.tail())
