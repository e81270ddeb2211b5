# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The OAuth token exchange, on the controller. ``modules/oauth_token.py`` is its documentation only."""

from __future__ import annotations

import typing as t

from ansible.module_utils.common.parameters import remove_values
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.cai.console.plugins.plugin_utils._arguments import (
    environment_of,
    keep_state,
    said_of,
    validate,
)
from ansible_collections.cai.console.plugins.plugin_utils._oauth import exchange

Result = dict[str, t.Any]


class ActionModule(ActionBase):
    """Runs in the worker itself, whatever the task's connection: tokens never travel to a managed host."""

    spec: t.ClassVar[dict[str, dict[str, t.Any]]] = exchange.SPEC
    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> Result:
        """Run the task and return its result."""
        result: Result = super().run(tmp, task_vars)
        environ = environment_of(self)
        arguments = dict(self._task.args)
        keep_state(arguments, environ)
        valid = validate(self.spec, arguments, environ)
        hidden = valid._no_log_values
        if valid.error_messages:
            masked: Result = remove_values({"failed": True, "msg": said_of(self, valid.errors[0])}, hidden)
            return {**result, **masked}
        params = valid.validated_parameters
        found = exchange.run(
            params,
            check_mode=self._task.check_mode,
            environ=environ,
            vault=getattr(self._loader, "_vault", None) if _has_vault(self._loader) else None,
            say=Display().display,
            host=(task_vars or {}).get("inventory_hostname"),
        )
        if not found.get("failed"):
            return {**result, **found}
        failed: Result = remove_values(found, hidden)
        return {**result, **failed}


def _has_vault(loader: t.Any) -> bool:
    """Whether this run was given a vault secret."""
    return bool(getattr(getattr(loader, "_vault", None), "secrets", None))
