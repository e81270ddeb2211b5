# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read of each target: every service that the binding states."""

from __future__ import annotations

import typing as t

from ansible_collections.cai.console.plugins.module_utils._apply import SERVICES
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._plan import nest

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._access import Access
    from ansible_collections.cai.console.plugins.module_utils._console import Console
    from ansible_collections.cai.console.plugins.module_utils._targets import Target
    from ansible_collections.cai.console.plugins.module_utils._tasks import Work
    from ansible_collections.cai.console.plugins.plugin_utils._fleet._model import Job

Result = dict[str, t.Any]


def read_all(_job: Job, target: Target) -> Work:
    """Return the work that reads all services of a target."""

    def work(access: Access) -> Result:
        console = access.console(target.id)
        found = {service.name: console.read(service.name) for service in SERVICES if _is_stated(console, service.name)}
        settings = {name: nest(stored.settings) for name, stored in found.items()}
        secrets = {name: dict(stored.secrets) for name, stored in found.items() if stored.secrets}
        return {"changed": False, "settings": settings, "secrets": secrets}

    return work


def _is_stated(console: Console, name: str) -> bool:
    """Whether the binding states the service well enough for it to be set by the collection."""
    try:
        console.service(name)
        console.require_writable(name)
    except ConsoleError:
        return False
    return True
