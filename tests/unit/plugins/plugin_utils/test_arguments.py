# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that fall back to the environment."""

from __future__ import annotations

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.cai.console.plugins.module_utils._connection import CONNECTION_SPEC
from ansible_collections.cai.console.plugins.plugin_utils._arguments import validate


def test_what_is_not_given_comes_from_the_environment() -> None:
    result = validate(
        CONNECTION_SPEC, {"console_timeout": 3}, {"CAI_CONSOLE_PASSWORD": "pw", "CAI_CONSOLE_TIMEOUT": "5"}
    )
    assert (result.validated_parameters["console_password"], result.validated_parameters["console_timeout"]) == (
        "pw",
        3,
    )
    assert "pw" in result._no_log_values


def test_an_empty_variable_is_none(monkeypatch) -> None:
    names = ["CAI_" + name.upper() for name in CONNECTION_SPEC]
    for name in names:
        monkeypatch.setenv(name, "")
    expected = {name: option.get("default") for name, option in CONNECTION_SPEC.items()}
    assert validate(CONNECTION_SPEC, {}, dict.fromkeys(names, "")).validated_parameters == expected
    assert ArgumentSpecValidator(CONNECTION_SPEC).validate({}).validated_parameters == expected


def test_a_tasks_own_environment_has_the_last_word(monkeypatch) -> None:
    monkeypatch.setenv("CAI_CONSOLE_USERNAME", "of-the-process")
    result = validate(CONNECTION_SPEC, {}, {"CAI_CONSOLE_USERNAME": ""})
    assert result.validated_parameters["console_username"] is None
