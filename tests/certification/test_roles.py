# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A role's variables are the options of the modules that it runs: the same names, types, choices and secrets."""

from __future__ import annotations

import re
from typing import Any

import pytest

from .house import MODULES, ROLES, module_tasks, read_yaml, role_options
from .test_truth_pairs import action_spec

VARIABLE = re.compile(r"{{ (?P<name>\w+)(?: \| default\(omit\))? }}")
COMPARED = ("type", "choices", "elements", "no_log")
TRIPLES = [(role, module, arguments) for role in ROLES for module, arguments in module_tasks(role)]

each_pair = pytest.mark.parametrize(
    ("role", "module", "arguments"), TRIPLES, ids=[f"{role}-{module}" for role, module, _arguments in TRIPLES]
)


def own_options(module: str) -> dict[str, Any]:
    """What a module can be asked for, apart from the connection and the target, which are not the role's business."""
    spec = action_spec(module)
    return {name: spec[name] for name in spec if not name.startswith("console_") and name != "target"}


def variable(text: str) -> str:
    """The name of the variable that an argument consists of, be it with or without a way to leave it out."""
    found = VARIABLE.fullmatch(text)
    assert found is not None, text
    return found["name"]


def alike(option: dict[str, Any]) -> dict[str, Any]:
    """What a role's option and a module's have in common, nested options included; ``no_log: false`` is the default."""
    found = {key: option[key] for key in COMPARED if option.get(key)}
    found["type"] = option.get("type", "str")
    found["options"] = {name: alike(nested) for name, nested in (option.get("options") or {}).items()}
    return found


@each_pair
def test_every_option_is_a_variable(role: str, module: str, arguments: dict[str, str]) -> None:
    assert set(arguments) == set(own_options(module))
    for text in arguments.values():
        assert variable(text) in role_options(role)


@each_pair
def test_a_variable_is_as_its_option(role: str, module: str, arguments: dict[str, str]) -> None:
    spec, options = own_options(module), role_options(role)
    for option, text in arguments.items():
        assert alike(options[variable(text)]) == alike(spec[option]), option


@pytest.mark.parametrize("role", ROLES)
def test_a_role_has_no_variable_that_nothing_uses(role: str) -> None:
    used = {variable(text) for _module, arguments in module_tasks(role) for text in arguments.values()}
    included = set().union(*(role_options(other) for other in included_roles(role)))
    assert set(role_options(role)) == used | included


def included_roles(role: str) -> list[str]:
    """The roles of this collection that a role includes."""
    tasks = read_yaml(f"roles/{role}/tasks/main.yml")
    names = [task["ansible.builtin.include_role"]["name"] for task in tasks if "ansible.builtin.include_role" in task]
    return [name.removeprefix("cai.console.") for name in names]


@pytest.mark.parametrize("role", ROLES)
def test_the_variables_of_an_included_role_are_documented_alike(role: str) -> None:
    for other in included_roles(role):
        for name, option in role_options(other).items():
            assert role_options(role)[name] == option, name


@pytest.mark.parametrize("role", ROLES)
def test_a_variable_begins_with_the_name_of_its_role_and_has_no_default(role: str) -> None:
    owners = tuple(f"{name}_" for name in (role, *included_roles(role)))
    for name, option in role_options(role).items():
        assert name.startswith(owners)
        assert option["description"]
        assert "default" not in option


def test_every_service_module_that_writes_is_in_a_role() -> None:
    writes = {module for module in MODULES if f"{module}_info" in MODULES}
    assert {module for _role, module, _arguments in TRIPLES} >= writes
