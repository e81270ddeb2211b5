# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an action has to do itself for arguments that Ansible only prepares for modules."""

from __future__ import annotations

import os
import typing as t

from ansible import constants
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import UnsupportedError
from ansible_collections.cai.console.plugins.module_utils._connection import CONNECTION_SPEC

if t.TYPE_CHECKING:
    from ansible.module_utils.common.arg_spec import ValidationResult
    from ansible.plugins.action import ActionBase


def environment_of(action: ActionBase) -> dict[str, str]:
    """Return the process's environment under what the task's keyword ``environment`` says."""
    found: dict[str, str] = {}
    action._compute_environment_string(found)
    return {**os.environ, **found}


def connection_of(action: ActionBase, task_vars: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the connection options that the task leaves out and the host variables ``cai_console_x`` give.

    One variable costs next to nothing; one templated argument of a task costs half a millisecond on each host.
    """
    given = action._task.args
    raw = {name: task_vars[f"cai_{name}"] for name in CONNECTION_SPEC if f"cai_{name}" in task_vars}
    found = action._templar.template({name: value for name, value in raw.items() if given.get(name) is None})
    return {name: value for name, value in found.items() if value not in (None, task_vars.get("omit"))}


def keep_state(arguments: dict[str, t.Any], environ: t.Mapping[str, str]) -> None:
    """Let what is remembered of secrets be kept below Ansible's home, unless the task or the environment names a
    folder.
    """
    if not arguments.get("state_dir") and not environ.get("CAI_STATE_DIR"):
        arguments["state_dir"] = os.path.join(str(constants.config.get_config_value("ANSIBLE_HOME")), "cai_console")


def secret_variables(spec: t.Mapping[str, t.Mapping[str, t.Any]]) -> dict[str, str]:
    """Return the environment variables that secret options fall back to, by option."""
    return {
        name: known["fallback"][1][0] for name, known in spec.items() if known.get("no_log") and "fallback" in known
    }


class Arguments:
    """An argument spec, made ready for many checks: in the parent, so that no worker has to."""

    def __init__(self, spec: dict[str, dict[str, t.Any]]) -> None:
        self._variables = {name: option["fallback"][1][0] for name, option in spec.items() if "fallback" in option}
        # The task's environment has the last word; the fallback itself would look at the process's own.
        self._validator = ArgumentSpecValidator(
            {name: {key: value for key, value in option.items() if key != "fallback"} for name, option in spec.items()}
        )

    def check(self, arguments: t.Mapping[str, t.Any], environ: t.Mapping[str, str]) -> ValidationResult:
        """Check arguments, completed by the variables of ``environ`` that they fall back to; an empty one is none."""
        given = {name: environ[variable] for name, variable in self._variables.items() if environ.get(variable)}
        result: ValidationResult = self._validator.validate({**given, **arguments})
        return result


def validate(
    spec: dict[str, dict[str, t.Any]], arguments: t.Mapping[str, t.Any], environ: t.Mapping[str, str]
) -> ValidationResult:
    """Check arguments once; see ``Arguments``."""
    return Arguments(spec).check(arguments, environ)


def said_of(action: ActionBase, error: t.Any) -> str:
    """Return Ansible's words for a wrong argument, as a module would say them."""
    unknown = isinstance(error, UnsupportedError)
    return f"Unsupported parameters for ({action._task.action}) module: {error.msg}" if unknown else str(error.msg)
