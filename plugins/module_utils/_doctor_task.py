# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``console_doctor`` is, as data."""

from __future__ import annotations

import typing as t

from ansible_collections.cai.console.plugins.module_utils._connection import CONNECTION_SPEC
from ansible_collections.cai.console.plugins.module_utils._doctor import examine
from ansible_collections.cai.console.plugins.module_utils._doctor_more import Wanted
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._secrets import check_given
from ansible_collections.cai.console.plugins.module_utils._tasks import Task

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._access import Access
    from ansible_collections.cai.console.plugins.module_utils._tasks import Params, Result, Spec, Work

DOCTOR_SPEC: Spec = {
    "targets": {"type": "list", "elements": "str"},
    "bindings": {"type": "list", "elements": "str"},
    "write": {"type": "bool", "default": False},
    "write_password": {"type": "str", "no_log": True},
    "write_client_secret": {"type": "str", "no_log": True},
    "entries": {"type": "bool", "default": False},
}


def examining() -> Task:
    """Return the task that examines whether this collection fits an organisation."""

    def work(access: Access, params: Params) -> Result:
        secrets = params["write_password"], params["write_client_secret"]
        wanted = Wanted(params["bindings"], params["write"], *secrets, params["entries"])
        return examine(access, params["targets"], wanted)

    def prepare(params: Params) -> Work:
        if params["write"] and len(params["targets"] or ()) != 1:
            raise ConsoleError("invalid_option", "write needs exactly one target in targets.", stage="options")
        check_given(
            {name: params[name] for name in ("write_password", "write_client_secret") if params[name] is not None}
        )
        return lambda access: work(access, params)

    return Task({**CONNECTION_SPEC, **DOCTOR_SPEC}, prepare)
