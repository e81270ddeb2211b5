# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to agree across files: the group and the folders, the names of options, the codes and their page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.cai.console.plugins.module_utils._connection import CONNECTION_SPEC
from ansible_collections.cai.console.plugins.module_utils._errors import FAULTS
from ansible_collections.cai.console.plugins.module_utils._tasks import (
    SECRETS_SPEC,
    TARGET_SPEC,
    TRANSACTION_SPEC,
)
from support import client
from support.places import ROOT

GROUP = "console"
ROLES = ("email_service", "fault_alerts")
PLAYBOOKS = sorted((ROOT / "playbooks").glob("*.yml"))


# Run on the controller: without an option of the connection, and with them but for many targets.
NO_CONSOLE = ("learn_binding", "oauth_token")
MANY_TARGETS = ("fleet", "rollout")
# Run on the controller too, for many targets, with the options of the connection.
OF_MANY = ("fleet", "fleet_export", "rollout")


def names(folder: str) -> set[str]:
    """The plugins in a folder."""
    return {path.stem for path in (ROOT / "plugins" / folder).glob("*.py")}


def read(path: Path) -> Any:
    """A file's YAML."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_the_action_group_is_the_modules_and_the_actions() -> None:
    group = read(ROOT / "meta" / "runtime.yml")["action_groups"][GROUP]
    assert group == sorted(group)
    assert names("modules") == names("action") == {*client.TASKS, *OF_MANY, *NO_CONSOLE}
    assert set(group) == {*client.TASKS, *OF_MANY}


@pytest.mark.parametrize("module", client.TASKS)
def test_every_module_takes_the_defaults_of_the_group_and_says_so(module: str) -> None:
    text = (ROOT / "plugins" / "modules" / f"{module}.py").read_text(encoding="utf-8")
    assert "cai.console.attributes.actiongroup_console" in text
    assert set(CONNECTION_SPEC) <= set(client.TASKS[module].spec)


@pytest.mark.parametrize("service", client.SERVICES)
def test_no_option_of_the_connection_is_named_like_a_setting(service: str) -> None:
    """A default of the group must never hand the console's password to the mail server."""
    settings = set(client.SERVICES[service].options)
    settings |= {path.rpartition(".")[2] for path in client.option_paths(client.SERVICES[service])}
    assert not settings & (set(CONNECTION_SPEC) | set(TARGET_SPEC) | set(SECRETS_SPEC))
    assert all(name.startswith("console_") for name in CONNECTION_SPEC)


def test_every_secret_is_hidden_by_its_option() -> None:
    for service in client.SERVICES.values():
        for secret in service.secrets:
            head, _dot, rest = secret.name.partition(".")
            spec = service.options[head]
            assert (spec["options"][rest] if rest else spec)["no_log"] is True
    assert all(CONNECTION_SPEC[name]["no_log"] is True for name in ("console_password", "console_session"))


def test_every_code_is_on_the_page_about_errors() -> None:
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    assert sorted(FAULTS) == re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=[path.stem for path in PLAYBOOKS])
def test_a_playbook_that_maps_variables_to_the_connection_maps_all_as_the_actions_do(playbook: Path) -> None:
    for play in read(playbook):
        mapped = play.get("module_defaults", {}).get(f"group/cai.console.{GROUP}")
        assert mapped in (None, {name: f"{{{{ cai_{name} | default(omit) }}}}" for name in CONNECTION_SPEC})


@pytest.mark.parametrize("role", ROLES)
def test_a_roles_arguments_are_those_of_the_modules_that_it_runs(role: str) -> None:
    options = read(ROOT / "roles" / role / "meta" / "argument_specs.yml")["argument_specs"]["main"]["options"]
    shared = {
        f"email_service_{name}": spec
        for name, spec in {**client.SERVICES["email_service"].options, **SECRETS_SPEC, **TRANSACTION_SPEC}.items()
    }
    own = {
        f"fault_alerts_{name}": spec
        for service in ("alert_service", "server_properties")
        for name, spec in client.SERVICES[service].options.items()
    }
    own["fault_alerts_require_suspend"] = {"type": "bool"}
    wanted = shared if role == "email_service" else {**shared, **own}
    assert set(options) == set(wanted)
    for name, spec in wanted.items():
        assert (options[name]["type"], options[name].get("choices")) == (spec["type"], spec.get("choices"))
        assert options[name].get("no_log", False) is spec.get("no_log", False)
        assert "default" not in options[name]
        assert set(options[name].get("options", {})) == set(spec.get("options", {}))
