# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an action has to do itself for arguments that Ansible only prepares for modules."""

from __future__ import annotations

import os
import typing as t

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

if t.TYPE_CHECKING:
    from ansible.module_utils.common.arg_spec import ValidationResult
    from ansible.plugins.action import ActionBase


def environment_of(action: ActionBase) -> dict[str, str]:
    """Return the process's environment under what the task's keyword ``environment`` says."""
    found: dict[str, str] = {}
    action._compute_environment_string(found)
    return {**os.environ, **found}


def secret_variables(spec: t.Mapping[str, t.Mapping[str, t.Any]]) -> dict[str, str]:
    """Return the environment variables that secret options fall back to, by option."""
    return {
        name: known["fallback"][1][0] for name, known in spec.items() if known.get("no_log") and "fallback" in known
    }


def validate(
    spec: dict[str, dict[str, t.Any]], arguments: t.Mapping[str, t.Any], environ: t.Mapping[str, str]
) -> ValidationResult:
    """Check arguments, completed by the variables of ``environ`` that the options fall back to."""
    variables = {name: option["fallback"][1][0] for name, option in spec.items() if "fallback" in option}
    given = {name: environ[variable] for name, variable in variables.items() if variable in environ}
    result: ValidationResult = ArgumentSpecValidator(spec).validate({**given, **arguments})
    return result
