# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task has at hand while it works: the connection, the transport, a session that signs in at the first need."""

from __future__ import annotations

import contextlib
import os
import typing as t

from ansible_collections.cai.console.plugins.module_utils._binding import find_binding
from ansible_collections.cai.console.plugins.module_utils._console import Console, open_transport
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._session import Session
from ansible_collections.cai.console.plugins.module_utils._targets import find_target

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._connection import Connection
    from ansible_collections.cai.console.plugins.module_utils._session import SessionStore
    from ansible_collections.cai.console.plugins.module_utils._targets import Directory, Target
    from ansible_collections.cai.console.plugins.module_utils._transport import Pace, Transport

    Stores = t.Callable[[Connection, t.Mapping[str, str]], SessionStore]


class Access:
    """An organisation's platform and its execution targets. In check mode nothing that mutates is let through.

    With a ``directory``, targets are looked up there and nowhere else.
    """

    def __init__(
        self, connection: Connection, transport: Transport, *, check_mode: bool, store: SessionStore | None = None
    ) -> None:
        self.connection = connection
        self.transport = transport
        self.session = Session(transport, connection, store)
        self.check_mode = check_mode
        self.directory: Directory | None = None

    def console(self, name: str) -> Console:
        """Return the services of the execution target with this name or id. Without a binding no request is made."""
        binding = find_binding(self.connection.binding)
        target = self.target(name)
        return Console(self.session, self.transport, self.connection, binding, target, read_only=self.check_mode)

    def target(self, name: str) -> Target:
        """Return the execution target with this name or id. No binding is needed for that."""
        return find_target(self.session, name) if self.directory is None else self.directory.choose(name)


class NoConsole:
    """Stands in for ``Access`` where a task has everything that it needs without a console."""

    def __init__(self, *, check_mode: bool) -> None:
        self.check_mode = check_mode

    def console(self, name: str) -> Console:
        """There is none."""
        raise ConsoleError("invalid_option", f"No console is given, so {name} cannot be asked.", stage="options")


@contextlib.contextmanager
def opened(
    connection: Connection,
    *,
    check_mode: bool,
    environ: t.Mapping[str, str] | None = None,
    stores: Stores | None = None,
    pool: int = 10,
    pace: Pace | None = None,
) -> t.Iterator[Access]:
    """Give access; at the end the session that was opened is signed out, whatever happened, unless it belongs to the
    store that ``stores`` returns for the connection and the environment. ``pool`` and ``pace``: see ``Transport``.
    """
    store = stores(connection, os.environ if environ is None else environ) if stores else None
    transport = open_transport(connection, environ, pool=pool, pace=pace)
    access = Access(connection, transport, check_mode=check_mode, store=store)
    try:
        yield access
    finally:
        access.session.close()
        access.transport.close()


def require_target(name: str | None) -> str:
    """Return the target's name, or say that there is none."""
    if not name:
        raise ConsoleError(
            "invalid_option",
            "target is not set.",
            stage="options",
            remedy="Set target to the name or id of an execution target.",
        )
    return name
