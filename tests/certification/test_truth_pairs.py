# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Things that are said in several places are the same everywhere; lists come from the folder of modules."""

from __future__ import annotations

import ast
import importlib
import re
from typing import Any

import pytest
import yaml

from ..unit.plugins.modules import truth
from ..unit.plugins.modules.truth import action_spec
from .house import FQCN, MODULES, PLAYBOOKS, ROLES, ROOT, read_yaml

PLUGINS = "ansible_collections.cai.console.plugins"
GROUP = f"{FQCN}attributes.actiongroup_console"
SCENARIOS = ROOT / "extensions" / "molecule"


def module(name: str) -> Any:
    return importlib.import_module(f"{PLUGINS}.modules.{name}")


def documentation(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(module(name).DOCUMENTATION)
    return found


def fragments(name: str) -> set[str]:
    return set(documentation(name)["extends_documentation_fragment"])


def test_the_action_group_is_what_the_modules_say() -> None:
    members = [name for name in MODULES if GROUP in fragments(name)]
    assert read_yaml("meta/runtime.yml")["action_groups"] == {"console": members}


@pytest.mark.parametrize("name", MODULES)
def test_a_module_that_connects_is_in_the_group(name: str) -> None:
    """All others are not: a default of the group is given to every member, which then has to know the option."""
    connects = "console_url" in action_spec(name)
    assert connects == (GROUP in fragments(name))
    assert connects == (f"{FQCN}connection" in fragments(name))


@pytest.mark.parametrize("name", MODULES)
def test_a_module_has_its_own_name_and_attributes(name: str) -> None:
    assert documentation(name)["module"] == name
    assert f"{FQCN}attributes" in fragments(name)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_that_takes_a_target_says_so_by_the_fragment(name: str) -> None:
    """It means the console's execution target; without a console, a target is what the module says."""
    takes = {"target", "console_url"} <= set(action_spec(name))
    assert takes == (f"{FQCN}target" in fragments(name))


@pytest.mark.parametrize("name", MODULES)
def test_it_is_said_whether_a_module_can_check_diff_and_repeat(name: str) -> None:
    found = documentation(name)
    reads_only = f"{FQCN}attributes.info_module" in fragments(name)
    assert reads_only or {"check_mode", "diff_mode", "idempotent"} <= set(found["attributes"])
    assert reads_only or not name.endswith("_info")


@pytest.mark.parametrize("name", [name for name in MODULES if truth.has_code(name)])
def test_module_and_action_have_the_same_spec(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert truth.argument_spec(name, monkeypatch) == action_spec(name)


@pytest.mark.parametrize("name", MODULES)
def test_the_documentation_is_that_of_the_action(name: str) -> None:
    """So it is that of a module without code too, whose action does the work."""
    documented = truth.normal(truth.documentation(name)["options"], "suboptions")
    assert documented == truth.normal(action_spec(name), "options")


def test_every_action_has_a_module() -> None:
    assert sorted(path.stem for path in (ROOT / "plugins" / "action").glob("*.py")) == MODULES


@pytest.mark.parametrize("name", MODULES)
def test_a_module_has_unit_tests(name: str) -> None:
    tree = ast.parse((ROOT / "tests/unit/plugins/modules" / f"test_{name}.py").read_text(encoding="utf-8"))
    names = {
        statement.value.value
        for found in ast.walk(tree)
        if isinstance(found, ast.ClassDef)
        for statement in found.body
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)
    }
    assert name in names


@pytest.mark.parametrize("name", MODULES)
def test_a_module_has_a_scenario_that_uses_it(name: str) -> None:
    folder = SCENARIOS / name
    assert {path.name for path in folder.iterdir()} >= {"molecule.yml", "converge.yml", "verify.yml"}
    plays = yaml.safe_load((folder / "converge.yml").read_text(encoding="utf-8"))
    assert any(f"{FQCN}{name}" in task for play in plays for task in play["tasks"])


def test_a_scenario_belongs_to_a_module_or_is_the_default() -> None:
    assert sorted(path.parent.name for path in SCENARIOS.glob("*/molecule.yml")) == sorted([*MODULES, "default"])


@pytest.mark.parametrize("name", MODULES)
def test_see_also_names_things_that_exist_and_is_answered(name: str) -> None:
    named = [entry["module"].removeprefix(FQCN) for entry in documentation(name)["seealso"] if "module" in entry]
    assert named
    assert [other for other in named if other not in MODULES] == []


@pytest.mark.parametrize("name", MODULES)
def test_examples_use_full_names(name: str) -> None:
    keywords = {"name", "register", "when", "loop", "vars", "notify", "delegate_to", "run_once", "no_log", "until"}
    for task in yaml.safe_load(module(name).EXAMPLES):
        assert all(key.count(".") >= 2 for key in set(task) - keywords if key not in {"hosts", "tasks", "gather_facts"})


@pytest.mark.parametrize("name", MODULES)
def test_the_readme_names_the_module(name: str) -> None:
    assert f"`{FQCN}{name}`" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [*ROLES, *PLAYBOOKS])
def test_the_readme_names_the_role_or_playbook(name: str) -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"`{FQCN}{name}`" in page or f"`{name}`" in page


def test_the_readme_has_every_option_of_the_connection() -> None:
    spec = importlib.import_module(f"{PLUGINS}.module_utils._connection").CONNECTION_SPEC
    table = (ROOT / "README.md").read_text(encoding="utf-8").split("### Connection options")[1].split("###")[0]
    rows = [row for row in table.splitlines() if row.startswith("| `")]
    named = [name for row in rows for name in re.findall(r"`(console_\w+)`", row.split("|")[1])]
    assert sorted(named) == sorted(spec)
