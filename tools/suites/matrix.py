# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The same tests on the oldest and the newest ansible-core, and the modules' code on the oldest Python."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .environments import first_interpreter, prepare
from .places import BUILD, venv_bin
from .pytest_suite import run_pytest
from .results import SuiteResult
from .sanity import run_sanity

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

# Interpreters in order of preference.
PYTHONS = {"oldest": ("3.11", "3.12", "3.13"), "newest": ("3.14", "3.13", "3.12"), "py38": ("3.8",)}
RUN_CACHE = "tests/integration/run_cache"
# What rests on Ansible's inside: its workers and how a run ends, both doors, roles, the keywords of a task.
TOUCHES_CORE = (
    RUN_CACHE,
    "tests/integration/scenes/test_doors.py::test_both_doors_give_the_same_results",
    "tests/integration/scenes/test_doors.py::test_a_keyword_means_the_same_through_both_doors",
    "tests/integration/test_check_mode.py",
    "tests/integration/test_examples.py",
    "tests/integration/test_roles.py",
)
MODULE_SIDE = ("tests/unit/plugins/module_utils", "tests/unit/plugins/modules")


def run_core(suite: str, workers: int) -> SuiteResult:
    """Run on the ansible-core of ``suite``, oldest or newest, what its version can break: see TOUCHES_CORE."""
    result = SuiteResult(suite)
    if (version := _prepared(result, suite)) is None:
        return result
    # The suite ``sanity`` is for every Python.
    parts = [
        ("sanity", run_sanity(f"{suite}-sanity", suite, only=version)),
        ("unit", run_pytest(f"{suite}-unit", "tests/unit", workers=workers, purpose=suite)),
        ("integration", run_pytest(f"{suite}-integration", *TOUCHES_CORE, workers=workers, purpose=suite)),
    ]
    return merge(result, parts)


def run_py38() -> SuiteResult:
    """Run the unit tests of what travels to a host on Python 3.8, with the module_utils that the oldest core sends."""
    result = SuiteResult("unit-py38")
    if _prepared(result, "py38") is None or _prepared(result, "oldest") is None:
        return result
    tests = run_pytest(
        "unit-py38", *MODULE_SIDE, purpose="py38", more_paths=[_core_of("oldest", BUILD / "py38" / "core")]
    )
    return merge(result, [("", tests)])


def _prepared(result: SuiteResult, purpose: str) -> str | None:
    """Leave the environment complete; the version of its Python, None where the machine has none that will do."""
    found = first_interpreter(PYTHONS[purpose])
    if found is None:
        result.lack(f"Python {' or '.join(PYTHONS[purpose])}")
        return None
    prepare(purpose, found[1])
    core = next(venv_bin(purpose).parent.glob("lib/*/site-packages/ansible_core-*.dist-info"), None)
    where = f"{purpose}: Python {found[0]}"
    result.notes.append(f"{where}, ansible-core {core.name.split('-')[1].removesuffix('.dist')}" if core else where)
    return found[0]


def _core_of(purpose: str, folder: Path) -> Path:
    """Return a folder that holds nothing but the ansible package of another environment."""
    package = next(venv_bin(purpose).parent.resolve().glob("lib/*/site-packages/ansible"))
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / "ansible"
    link.unlink(missing_ok=True)
    link.symlink_to(package)
    return folder


def merge(result: SuiteResult, parts: Iterable[tuple[str, SuiteResult]]) -> SuiteResult:
    """Take over the parts' cases, each with the part's name in front, and their notes; a part without tests fails."""
    for name, part in parts:
        if not part.count("passed") + part.count("failed"):
            part.problem("no test ran")
        result.cases += [replace(case, name=f"{name}: {case.name}" if name else case.name) for case in part.cases]
        result.notes += part.notes
    return result
