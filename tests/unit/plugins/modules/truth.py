# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What holds for every module: its documentation, its examples and its results against its argument spec.

A module's own test file has a class that inherits from :class:`ModuleTruth` and adds what that module alone does.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import re
from typing import Any, Dict, Iterator

import pytest
import yaml
from ansible.module_utils import basic
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.cai.console.plugins.module_utils._connection import CONNECTION_SPEC

PLUGINS = "ansible_collections.cai.console.plugins"
SECRET_NAME = re.compile(r"password|secret|session|token|passphrase")
COMPARED = ("type", "choices", "default", "elements", "aliases", "required")
Data = Dict[str, Any]

CONNECTION = {
    "console_url": "http://127.0.0.1:9",
    "console_username": "robot@lab.test",
    "console_password": "a-Password-1",
    "console_binding": "lab",
}


def load(module: str) -> Any:
    """The module's Python."""
    return importlib.import_module(f"{PLUGINS}.modules.{module}")


def documentation(module: str) -> Data:
    """The module's documentation with its fragments' options merged in, as ansible-doc shows it."""
    merged: Data = yaml.safe_load(load(module).DOCUMENTATION)
    options: Data = {}
    for name in merged.get("extends_documentation_fragment", []):
        _namespace, _collection, fragment, *variant = name.split(".")
        holder = importlib.import_module(f"{PLUGINS}.doc_fragments.{fragment}").ModuleDocFragment
        text = getattr(holder, variant[0].upper() if variant else "DOCUMENTATION")
        options.update(yaml.safe_load(text).get("options", {}))
    merged["options"] = {**options, **merged.get("options", {})}
    return merged


def has_code(module: str) -> bool:
    """Whether the module can run by itself; one that cannot is the documentation of its action."""
    return hasattr(load(module), "main")


def action_spec(module: str) -> Data:
    """The argument spec of the action plugin that bears the module's name."""
    loaded = importlib.import_module(f"{PLUGINS}.action.{module}")
    # An action that is no door of a module has a spec of its own.
    task = getattr(loaded.ActionModule, "task", None)
    spec: Data = task.spec if task else loaded.ActionModule.spec
    return spec


def argument_spec(module: str, monkeypatch: pytest.MonkeyPatch) -> Data:
    """The argument spec that the module's main() hands on; without a main(), that of its action."""
    if not has_code(module):
        return action_spec(module)
    tasks: list[Any] = []
    loaded = load(module)
    monkeypatch.setattr(loaded, "run", tasks.append)
    loaded.main()
    spec: Data = tasks[0].spec
    return spec


def normal(options: Data, nested: str) -> Data:
    """Options of a spec or of documentation in one form; ``nested`` is what either calls options of options."""
    return {
        name: {
            **{key: option[key] for key in COMPARED if option.get(key) not in (None, False, [])},
            "type": option.get("type", "str"),
            "options": normal(option.get(nested) or {}, nested),
        }
        for name, option in options.items()
    }


def leaves(returned: Data, path: str = "") -> Iterator[Any]:
    """Path and description of every value that is returned and holds no other documented ones."""
    for name, value in returned.items():
        if "contains" in value:
            yield from leaves(value["contains"], f"{path}{name}.")
        else:
            yield f"{path}{name}", value


def own_tasks(module: str) -> list[Data]:
    """The arguments of the example tasks that use the module."""
    tasks = yaml.safe_load(load(module).EXAMPLES)
    return [task[f"cai.console.{module}"] or {} for task in tasks if f"cai.console.{module}" in task]


def secrets_without_decision(spec: Data) -> list[str]:
    """Options whose name sounds like a secret, and about which the spec does not say whether they are one."""
    found = [name for name, option in spec.items() if SECRET_NAME.search(name) and "no_log" not in option]
    for option in spec.values():
        found += secrets_without_decision(option.get("options") or {})
    return found


@contextlib.contextmanager
def arguments(params: Data) -> Iterator[None]:
    """Let an AnsibleModule find these arguments, whichever ansible-core this is."""
    try:
        from ansible.module_utils.testing import patch_module_args
    except ImportError:
        before = basic._ANSIBLE_ARGS
        basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": params}).encode()
        try:
            yield
        finally:
            basic._ANSIBLE_ARGS = before
    else:
        with patch_module_args(params):
            yield


def run(module: str, params: Data, capfd: pytest.CaptureFixture) -> Data:
    """Run the real module to its end, and return what it printed."""
    with arguments({**CONNECTION, **params}), pytest.raises(SystemExit):
        load(module).main()
    printed: Data = json.loads(capfd.readouterr().out)
    return printed


class ModuleTruth:
    """Tests that every module has to pass; ``name`` is the module's, ``wrong`` an option that can never be right."""

    name = ""
    wrong: Data = {"console_url": "ftp://console.example.org"}

    def ended(self, params: Data, capfd: pytest.CaptureFixture) -> Data:
        """Run it to its end, and return its result."""
        return run(self.name, params, capfd)

    def test_documentation_and_argument_spec_say_the_same(self, monkeypatch):
        spec = argument_spec(self.name, monkeypatch)
        assert normal(documentation(self.name)["options"], "suboptions") == normal(spec, "options")

    def test_every_description_is_a_sentence(self):
        texts = [text for option in documentation(self.name)["options"].values() for text in _texts(option)]
        assert texts
        assert [text for text in texts if not text.rstrip().endswith((".", ":"))] == []

    def test_the_examples_are_valid(self, monkeypatch):
        validator = ArgumentSpecValidator(argument_spec(self.name, monkeypatch))
        assert own_tasks(self.name)
        for task in own_tasks(self.name):
            assert validator.validate(dict(task)).error_messages == []

    def test_every_leaf_of_the_result_has_a_sample(self):
        returned = yaml.safe_load(load(self.name).RETURN)
        found = dict(leaves(returned))
        assert found
        for path, value in found.items():
            assert {"description", "returned", "type", "sample"} <= set(value), path

    def test_it_is_decided_for_each_option_whether_it_is_a_secret(self, monkeypatch):
        assert secrets_without_decision(argument_spec(self.name, monkeypatch)) == []

    def test_a_failure_before_the_first_request_has_a_code(self, capfd):
        target = {"target": "agent-a"} if "target" in documentation(self.name)["options"] else {}
        printed = self.ended({**self.wrong, **target}, capfd)
        assert printed["failed"] is True
        assert printed["error"]["code"] == "invalid_option"
        assert next(iter(self.wrong)) in printed["msg"]


class ServiceTruth(ModuleTruth):
    """Tests of modules that read or write a service of one execution target."""

    def test_without_a_binding_nothing_is_requested(self, capfd):
        printed = run(self.name, {"target": "agent-a", "console_binding": None}, capfd)
        assert printed["error"]["code"] == "binding_missing"
        assert printed["error"]["stage"] == "binding"


class InfoTruth(ServiceTruth):
    """Tests of modules that read a service; ``writer`` is the module that writes it."""

    writer = ""

    def test_it_takes_a_connection_and_a_target_and_nothing_else(self, monkeypatch):
        assert set(argument_spec(self.name, monkeypatch)) == {*CONNECTION_SPEC, "target"}

    def test_it_returns_what_the_module_that_writes_returns(self):
        read, written = (_settings(name, self.writer) for name in (self.name, self.writer))
        assert written
        assert set(written) <= set(read)


def _settings(module: str, service: str) -> Data:
    """The documented settings in a module's result."""
    found: Data = yaml.safe_load(load(module).RETURN)[service]["contains"]
    return found


def _texts(option: Data) -> Iterator[str]:
    description = option["description"]
    yield from [description] if isinstance(description, str) else description
    for nested in (option.get("suboptions") or {}).values():
        yield from _texts(nested)
