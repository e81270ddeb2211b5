# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read of each target: every service that the binding states."""

from __future__ import annotations

import typing as t

from ansible_collections.cai.console.plugins.module_utils._access import require_target
from ansible_collections.cai.console.plugins.module_utils._apply import SERVICES
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._plan import nest
from ansible_collections.cai.console.plugins.module_utils._tasks import Params, Task, Work

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._access import Access
    from ansible_collections.cai.console.plugins.module_utils._console import Console

Result = dict[str, t.Any]


def reading_all() -> Task:
    """Return the task that reads all services of a target. It has no options of its own, and writes nothing."""

    def prepare(params: Params) -> Work:
        name = require_target(params["target"])

        def there(access: Access) -> Result:
            console = access.console(name)
            found = {
                service.name: console.read(service.name) for service in SERVICES if _is_stated(console, service.name)
            }
            settings = {name: nest(stored.settings) for name, stored in found.items()}
            secrets = {name: dict(stored.secrets) for name, stored in found.items() if stored.secrets}
            return {"changed": False, "settings": settings, "secrets": secrets}

        return there

    return Task({}, prepare)


def _is_stated(console: Console, name: str) -> bool:
    """Whether the binding states the service well enough for it to be set by the collection."""
    try:
        console.service(name)
        console.require_writable(name)
    except ConsoleError:
        return False
    return True
