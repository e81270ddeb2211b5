# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A role's variables are the options of the modules that it runs: the same names, types, choices and secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from .house import MODULES, ROLES, ROOT, module_tasks, read_yaml, role_options
from .test_truth_pairs import action_spec

ENVIRONMENT = r"lookup\('ansible\.builtin\.env', '\w+'\) \| default\(omit, true\)"
VARIABLE = re.compile(rf"{{{{ (?P<name>\w+)(?: \| default\((?:omit|\w+__\w+|{ENVIRONMENT})\))? }}}}")
COMPARED = ("type", "choices", "elements", "no_log")
# Roles whose variables are all that their module can be asked for.
WHOLE = {"email_service": "email_service", "fault_alerts": "execution_target", "smtp_test": "smtp_test"}
# Variables that are no option of a module: where a role's report goes.
OF_THE_ROLE = {"smtp_test": {"smtp_test_report"}}
TRIPLES = [(role, module, arguments) for role in ROLES for module, arguments in module_tasks(role)]

each_pair = pytest.mark.parametrize(
    ("role", "module", "arguments"), TRIPLES, ids=[f"{role}-{module}" for role, module, _arguments in TRIPLES]
)


def own_options(module: str) -> dict[str, Any]:
    """What a module can be asked for, apart from the connection and the target, which are not the role's business."""
    spec = action_spec(module)
    return {name: spec[name] for name in spec if not name.startswith("console_") and name != "target"}


def leaves(role: str, arguments: dict[str, Any], spec: dict[str, Any]) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """Option, text and spec of every argument; a variable of the role's own that holds a dictionary is looked into."""
    held = read_yaml(f"roles/{role}/vars/main.yml") if (ROOT / "roles" / role / "vars" / "main.yml").exists() else {}
    for option, text in arguments.items():
        inner = next((value for name, value in held.items() if str(text).startswith(f"{{{{ {name} ")), text)
        if isinstance(inner, dict):
            yield from leaves(role, inner, spec[option]["options"])
        else:
            yield option, inner, spec[option]


def variable(text: Any) -> str | None:
    """The name of the variable that an argument consists of, be it with or without a way to leave it out."""
    found = VARIABLE.fullmatch(str(text))
    return found["name"] if found else None


def alike(option: dict[str, Any]) -> dict[str, Any]:
    """What a role's option and a module's have in common, nested options included; ``no_log: false`` is the default.

    A role's argument spec knows no aliases; there each is an option of its own.
    """
    found = {key: option[key] for key in COMPARED if option.get(key)}
    found["type"] = option.get("type", "str")
    nested = (option.get("options") or {}).items()
    found["options"] = {
        name: alike(inner) for first, inner in nested for name in (first, *(inner.get("aliases") or ()))
    }
    return found


@each_pair
def test_a_variable_is_as_its_option(role: str, module: str, arguments: dict[str, Any]) -> None:
    options = role_options(role)
    compared = 0
    for option, text, spec in leaves(role, arguments, own_options(module)):
        name = variable(text)
        if name in options:
            compared += 1
            assert alike(options[name]) == alike(spec), option
    assert compared or role not in WHOLE


@pytest.mark.parametrize(("role", "module"), WHOLE.items())
def test_every_option_of_the_module_is_a_variable_of_the_role(role: str, module: str) -> None:
    (arguments,) = [arguments for name, arguments in module_tasks(role) if name == module]
    assert set(arguments) == set(own_options(module))
    found = {variable(text) for _option, text, _spec in leaves(role, arguments, own_options(module))}
    assert found == set(role_options(role)) - OF_THE_ROLE.get(role, set())


@pytest.mark.parametrize("role", ROLES)
def test_a_role_has_no_variable_that_nothing_uses(role: str) -> None:
    playbooks = [path.read_text(encoding="utf-8") for path in (ROOT / "playbooks").glob("*.yml")]
    texts = playbooks + [
        path.read_text(encoding="utf-8")
        for path in (ROOT / "roles" / role).rglob("*")
        if path.suffix in (".yml", ".j2") and "meta" not in str(path)
    ]
    unused = [name for name in role_options(role) if not any(re.search(rf"\b{name}\b", text) for text in texts)]
    assert unused == []


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
def test_a_variable_begins_with_the_name_of_its_role_and_its_default_is_documented(role: str) -> None:
    owners = tuple(f"{name}_" for name in (role, *included_roles(role), *(("email_service",) if role in WHOLE else ())))
    path = ROOT / "roles" / role / "defaults" / "main.yml"
    defaults = read_yaml(f"roles/{role}/defaults/main.yml") if path.exists() else {}
    for name, option in role_options(role).items():
        assert name.startswith(owners)
        assert option["description"]
        assert option.get("default") == defaults.get(name)


def test_every_service_module_that_writes_is_in_a_role() -> None:
    writes = {module for module in MODULES if f"{module}_info" in MODULES}
    run = {module for _role, module, _arguments in TRIPLES}
    together = set(own_options("execution_target")) if "execution_target" in run else set()
    assert run | together >= writes
