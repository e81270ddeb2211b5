# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes ``fleet`` quick leaves no secret behind, and nothing of Ansible's changed."""

from __future__ import annotations

import pytest
from ansible.inventory.group import Group
from ansible.inventory.host import Host
from ansible.module_utils.common.parameters import remove_values
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import connection_loader
from ansible.template import Templar
from ansible.vars import manager
from ansible_collections.cai.console.plugins.plugin_utils._fleet._host_variables import read_quickly
from ansible_collections.cai.console.plugins.plugin_utils._fleet._masks import masked
from ansible_collections.cai.console.plugins.plugin_utils._fleet._templates import MOST, compiled_once
from jinja2 import Environment, TemplateSyntaxError

try:
    from ansible.template import trust_as_template as trusted
except ImportError:
    trusted = str

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


def test_a_template_is_compiled_once_for_all_hosts(monkeypatch):
    asked = []
    parse = Environment._parse
    monkeypatch.setattr(Environment, "_parse", lambda self, text, *more: asked.append(text) or parse(self, text, *more))
    templar = Templar(loader=DataLoader(), variables={})
    found = []
    with compiled_once():
        for number in range(3):
            templar.available_variables = {"number": number, "name": f"host-{number}", "inner": trusted("{{ name }}!")}
            found.append(templar.template(trusted("no. {{ number + 1 }}")))
            found.append(templar.template({"a": [trusted("{{ inner }} {{ number }}")]}))
    assert found == [
        *("no. 1", {"a": ["host-0! 0"]}),
        *("no. 2", {"a": ["host-1! 1"]}),
        *("no. 3", {"a": ["host-2! 2"]}),
    ]
    assert sorted(asked) == ["no. {{ number + 1 }}", "{{ inner }} {{ number }}", "{{ name }}!"]


@pytest.mark.parametrize(
    "settings",
    [
        {"variable_start_string": "[[", "variable_end_string": "]]"},
        {"trim_blocks": True},
        {"comment_start_string": "[[", "comment_end_string": "]]"},
    ],
)
def test_a_text_that_another_environment_reads_otherwise_is_compiled_for_it(settings):
    text = "{{ a }}[[ a ]]{% if a %}\n{% endif %}"
    environments = [Environment(), Environment(**settings), Environment().overlay(**settings)]
    wanted = [environment.from_string(text).render(a=1) for environment in environments]
    with compiled_once():
        assert [environment.from_string(text).render(a=1) for environment in environments] == wanted
    assert wanted[0] != wanted[1] == wanted[2]


def test_a_text_with_a_backslash_is_read_in_both_of_ansibles_ways():
    templar = Templar(loader=DataLoader(), variables={})
    text = trusted(r"""{{ 'a\nb' }}""")

    def both():
        return [templar.template(text, escape_backslashes=escape) for escape in (True, False, True)]

    wanted = both()
    with compiled_once():
        assert both() == wanted
    assert wanted[0] != wanted[1]


def test_a_template_that_is_wrong_fails_each_time():
    with compiled_once():
        for _time in range(2):
            with pytest.raises(TemplateSyntaxError):
                Environment().from_string("{{ a")


def test_the_kept_templates_are_bounded_and_jinja_is_as_before_after_an_error():
    before, environment = Environment.compile, Environment()
    with pytest.raises(KeyError), compiled_once():
        first = environment.compile("0")
        assert environment.compile("0") is first
        for number in range(1, MOST + 1):
            environment.compile(str(number))
        assert environment.compile("0") is not first
        raise KeyError
    assert Environment.compile is before
