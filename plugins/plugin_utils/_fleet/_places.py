# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which execution target a host is: looked up in a list that is read once, and once more where something is missing."""

from __future__ import annotations

import typing as t

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._session import ANY, NEWER
from ansible_collections.cai.console.plugins.module_utils._targets import (
    CLOUD_SERVER,
    Directory,
    is_cloud_server,
    list_targets,
)

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._access import Access
    from ansible_collections.cai.console.plugins.module_utils._targets import Target
    from ansible_collections.cai.console.plugins.plugin_utils._fleet._model import Job


class Places:
    """The targets of one task. A host of another organisation is refused before the list is read."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._read_again = False
        self._taken: dict[str, str] = {}

    def find(self, job: Job) -> Target:
        """Return the job's target; a ConsoleError where there is none, or where another host has it already."""
        ids = self._access.session.organization_ids
        if job.organization and ids and job.organization not in ids:
            said = f"The host belongs to the organisation {job.organization}, but the user to {', '.join(ids)}."
            raise ConsoleError("organization_mismatch", said, stage="sign_in", target=job.host)
        target = self._choose(job.target)
        first = self._taken.setdefault(target.id, job.host)
        if first != job.host:
            said = f"It is {target.name} ({target.id}), as {first} is."
            raise ConsoleError("target_repeated", said, stage="targets", target=job.host)
        return target

    def _choose(self, name: str) -> Target:
        if is_cloud_server(name):
            return CLOUD_SERVER
        access = self._access
        if access.directory is None:
            access.directory = Directory(list_targets(access.session, need=ANY))
        try:
            return access.directory.choose(name)
        except ConsoleError:
            if self._read_again:
                raise
        self._read_again = True
        access.directory = Directory(list_targets(access.session, need=NEWER))
        return access.directory.choose(name)
