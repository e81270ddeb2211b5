# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes ``fleet`` quick leaves no secret behind, and nothing of Ansible's changed."""

from __future__ import annotations

import pytest
from ansible.inventory.group import Group
from ansible.inventory.host import Host
from ansible.module_utils.common.parameters import remove_values
from ansible.plugins.loader import connection_loader
from ansible.vars import manager
from ansible_collections.cai.console.plugins.plugin_utils._fleet._host_variables import read_quickly
from ansible_collections.cai.console.plugins.plugin_utils._fleet._masks import masked

SECRETS = frozenset(["top-secret", "4711"])


@pytest.mark.parametrize(
    "value",
    [
        "a top-secret text",
        {"a": [{"b": ("x", "top-secret")}]},
        {"a": {"b": 47110}},
        [4711.5],
        {"a": b"top-secret"},
        {"a": {"top-secret"}},
    ],
)
def test_what_holds_a_secret_is_masked_as_ansible_does_it(value):
    result = {"kept": 1, "value": value}
    assert masked(result, SECRETS) == remove_values(result, SECRETS) != result


def test_what_holds_none_is_handed_on_as_it_is():
    result = {"a": ["text", 1, 2.5, True, None, {"b": {}}]}
    assert masked(result, SECRETS) is result
    assert masked({"a": "top-secret"}, frozenset()) == {"a": "top-secret"}


def test_ansible_finds_the_same_connection_plugins_and_looks_for_them_once(monkeypatch):
    before = list(connection_loader.all(path_only=True))
    with read_quickly():
        assert list(connection_loader.all(path_only=True)) == before
    monkeypatch.setattr("ansible.plugins.loader.glob.glob", lambda *_unused, **_more: pytest.fail("It looked again."))
    with read_quickly():
        assert list(connection_loader.all(path_only=True)) == before


@pytest.mark.parametrize("facts", [{}, {"ansible_host": "a", "ansible_port": 1, "seen": [1], "ansible_local": {}}])
def test_facts_are_cleaned_as_ansible_does_it(facts):
    wanted = manager.clean_facts(facts)
    with read_quickly():
        assert manager.clean_facts(facts) == wanted


def test_where_are_no_facts_nothing_is_cleaned(monkeypatch):
    monkeypatch.setattr(manager, "clean_facts", lambda facts: pytest.fail("It was cleaned."))
    with read_quickly():
        assert manager.clean_facts({}) == {}


def test_it_is_as_before_after_an_error():
    before = dict(vars(manager))
    with pytest.raises(KeyError), read_quickly():
        assert vars(manager) != before
        raise KeyError
    assert "all" not in vars(connection_loader)
    assert vars(manager) == before


def test_vars_plugins_are_asked_once_for_the_same_groups_and_each_time_for_a_host(monkeypatch):
    asked = []

    def read(_loader, place, entities, stage):
        asked.append((place, [entity.name for entity in entities], stage))
        return {"number": len(asked)}

    monkeypatch.setattr(manager, "get_vars_from_path", read)
    monkeypatch.setattr(manager, "get_vars_from_inventory_sources", read)
    one, other, host = Group("one"), Group("other"), Host("host")
    questions = [("here", [one], "task"), ("here", [one], "inventory"), ("there", [one], "task")]
    questions += [("here", [one, other], "task"), ("here", [], "task")]
    with read_quickly():
        first = [manager.get_vars_from_path(None, *question) for question in questions]
        again = [manager.get_vars_from_path(None, *question) for question in questions]
        hosts = [manager.get_vars_from_path(None, "here", [host], "task") for _time in range(2)]
        sources = [manager.get_vars_from_inventory_sources(None, ["here"], [one], "task") for _time in range(2)]
    assert again == first == [{"number": number} for number in range(1, 6)]
    assert hosts == [{"number": 6}, {"number": 7}]
    assert sources == [{"number": 8}] * 2
