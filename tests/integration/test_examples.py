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
from support.play import Player

PREFIX = "cai.console."
FILLED_IN = {
    "smtp_password": "Example-pw1",
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
            spec = client.TASKS[name.removeprefix(PREFIX)].spec
            assert ArgumentSpecValidator(spec).validate(task[name] or {}).error_messages == []
    assert shown


@pytest.mark.parametrize("module", client.TASKS)
def test_the_examples_run(module: str, play: Player, fresh: Callable[[], str]) -> None:
    run = play(examples(module), hosts=[fresh()], variables=FILLED_IN)
    assert {row.status for row in run.rows} == {"ok"}
    assert len(run.rows) == len(examples(module))
