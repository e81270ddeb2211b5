# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guides: each is in the table of contents, and what they show exists and is valid."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ..pages import GUIDES as FOLDER
from ..pages import ROOT, blocks, commands

GUIDES = sorted(path.stem for path in FOLDER.glob("guide_*.rst"))
FQCN = "cai.console."


def text_of(guide: str) -> str:
    return (FOLDER / f"{guide}.rst").read_text(encoding="utf-8")


def tasks(data: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every use of one of the collection's modules anywhere in the data."""
    if isinstance(data, dict):
        for key, value in data.items():
            if isinstance(key, str) and key.startswith(FQCN):
                yield key.removeprefix(FQCN), value or {}
            yield from tasks(value)
    elif isinstance(data, list):
        for entry in data:
            yield from tasks(entry)


def plain(arguments: dict[str, Any]) -> dict[str, Any]:
    """Arguments without those that are templates, which may become values of any type."""
    kept = {name: plain(value) if isinstance(value, dict) else value for name, value in arguments.items()}
    return {name: value for name, value in kept.items() if "{{" not in str(value)}


def test_every_guide_is_in_the_table_of_contents() -> None:
    sections = yaml.safe_load((ROOT / "docs/docsite/extra-docs.yml").read_text(encoding="utf-8"))["sections"]
    assert sorted(entry for section in sections for entry in section["toctree"]) == GUIDES


@pytest.mark.parametrize("guide", GUIDES)
def test_tasks_are_valid(guide: str) -> None:
    for block in blocks(FOLDER / f"{guide}.rst", "yaml"):
        for module, arguments in tasks(yaml.safe_load(block.text)):
            action = importlib.import_module(f"ansible_collections.cai.console.plugins.action.{module}")
            given = plain(arguments)
            assert set(arguments) <= set(action.ActionModule.task.spec)
            assert ArgumentSpecValidator(action.ActionModule.task.spec).validate(given).error_messages == []


@pytest.mark.parametrize("guide", GUIDES)
def test_playbooks_and_chores_exist(guide: str) -> None:
    for line in commands(FOLDER / f"{guide}.rst"):
        playbook = re.search(rf"ansible-playbook {re.escape(FQCN)}(\w+)", line)
        chore = re.search(r"^make (\S+)", line)
        assert playbook is None or (ROOT / "playbooks" / f"{playbook[1]}.yml").is_file()
        assert chore is None or re.search(rf"^{chore[1]}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)


def test_the_options_of_the_connection_are_all_explained() -> None:
    edge = importlib.import_module("ansible_collections.cai.console.plugins.module_utils._connection")
    explained = text_of("guide_connecting") + text_of("guide_first_hour")
    plain = {"console_username", "console_password", "console_timeout"}
    assert [name for name in sorted(set(edge.CONNECTION_SPEC) - plain) if name not in explained] == []


def test_the_guide_about_errors_has_a_row_for_each_code() -> None:
    errors = importlib.import_module("ansible_collections.cai.console.plugins.module_utils._errors")
    assert sorted(re.findall(r"^   \* - ``(\w+)``$", text_of("guide_errors"), re.M)) == sorted(errors.FAULTS)
