# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Alert Service: when a process is suspended on an uncaught fault, send email or call a custom service."""

from __future__ import annotations

import typing as t

from ansible_collections.cai.console.plugins.module_utils._resources import _rules
from ansible_collections.cai.console.plugins.module_utils._resources._service import Service

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._binding import Settings
    from ansible_collections.cai.console.plugins.module_utils._secrets import Situation

OPTIONS: dict[str, dict[str, t.Any]] = {
    "enabled": {"type": "bool"},
    "action": {"type": "str", "choices": ["send_email", "custom_service"]},
    "email": {"type": "str"},
    "service": {"type": "str"},
}


def _needs(after: Settings, situation: Situation | None) -> list[str]:
    needed = "email" if after["action"] == "send_email" else "service"
    return [] if after[needed] else [needed]


ALERT_SERVICE = Service(
    name="alert_service",
    title="Alert Service",
    options=OPTIONS,
    rules={"email": _rules.one_address, "service": _rules.not_empty},
    needs=_needs,
)
