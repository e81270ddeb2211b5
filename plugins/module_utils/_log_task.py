# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``server_log_info`` is, as data."""

from __future__ import annotations

import typing as t

from ansible_collections.cai.console.plugins.module_utils._connection import CONNECTION_SPEC
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._moment import moment
from ansible_collections.cai.console.plugins.module_utils._server_log import LEVELS, SERVICES, read_log
from ansible_collections.cai.console.plugins.module_utils._tasks import TARGET_SPEC, Task, at_target

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._console import Console
    from ansible_collections.cai.console.plugins.module_utils._tasks import Params, Result, Spec, Work

LOG_SPEC: Spec = {
    "service": {"type": "str", "choices": list(SERVICES)},
    "level": {"type": "str", "choices": list(LEVELS)},
    "since": {"type": "str"},
}


def reading_log() -> Task:
    """Return the task that reads a target's server log."""

    def prepare(params: Params) -> Work:
        since = moment(params["since"]) if params["since"] else None
        if params["since"] and since is None:
            raise ConsoleError("invalid_option", f"since is {params['since']}, which is no time.", stage="options")

        def read(console: Console) -> Result:
            return {"changed": False, **read_log(console, params["service"], params["level"], since)}

        return at_target(params["target"], read)

    return Task({**CONNECTION_SPEC, **TARGET_SPEC, **LOG_SPEC}, prepare)
