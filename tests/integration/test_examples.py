# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples in the modules' documentation are right: they fit the modules' arguments, and they run."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from support import client
from support import examples as given
from support.play import Player

PREFIX = "cai.console."
FILLED_IN = {
    "smtp_password": "Example-pw1",
    "former_smtp_password": "Example-pw0",
    "oauth_client_id": "11111111-2222-3333-4444-555555555555",
    "oauth_client_secret": "Example-cs1",
}


def examples(module: str) -> list[dict[str, Any]]:
    """The tasks in the documentation of a module."""
    found = importlib.import_module(f"ansible_collections.cai.console.plugins.modules.{module}")
    return list(yaml.safe_load(found.EXAMPLES))


@pytest.mark.parametrize("module", client.TASKS)
def test_every_example_fits_the_arguments_of_its_module(module: str) -> None:
    shown = 0
    for task in examples(module):
        assert task["name"][0].isupper()
        for name in (key for key in task if key.startswith(PREFIX)):
            shown += name == PREFIX + module
            assert (
                ArgumentSpecValidator(arguments_of(name.removeprefix(PREFIX))).validate(task[name] or {}).error_messages
                == []
            )
    assert shown


@pytest.mark.parametrize("module", client.TASKS)
def test_the_examples_run(module: str, play: Player, fresh: Callable[[], str], link: dict[str, Any]) -> None:
    """Against the lab. What would reach a mail server that is only an example's does so in check mode."""
    if module == "email_service_authorization":
        oauth = {**given.OAUTH, "client_secret": "Example-cs1"}
        client.done("email_service", link, **{**given.EMAIL, "authentication": "oauth", "oauth": oauth})
    tasks = [{**task, "check_mode": True} if reaches_mail(task) else task for task in examples(module)]
    tasks = [task for task in tasks if not needs_a_person(task)]
    run = play(tasks, hosts=[fresh()], variables=FILLED_IN)
    assert {row.status for row in run.rows} == {"ok"}
    assert len(run.rows) == len(tasks) > 0


def arguments_of(module: str) -> Any:
    """The argument spec of a module's action: of the task that it is a door of, or its own."""
    action = importlib.import_module(f"ansible_collections.cai.console.plugins.action.{module}").ActionModule
    return action.task.spec if hasattr(action, "task") else action.spec


def reaches_mail(task: dict[str, Any]) -> bool:
    """Whether a task lets somebody talk to a mail server, or to people."""
    args = next((args for name, args in task.items() if name.startswith(PREFIX)), None) or {}
    return PREFIX + "smtp_test" in task or PREFIX + "alert_test" in task or "test" in args


def needs_a_person(task: dict[str, Any]) -> bool:
    """Whether somebody has to consent before; the tests below tests/oauth/ do that."""
    has_token = "token" in task.get(PREFIX + "smtp_test", {}) or PREFIX + "oauth_token" in task
    return has_token or task.get(PREFIX + "email_service_authorization", {}).get("state") == "confirmed"
