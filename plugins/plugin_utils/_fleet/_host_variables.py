# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading the variables of thousands of hosts in one worker."""

from __future__ import annotations

import contextlib
import functools
import typing as t

from ansible.plugins.loader import connection_loader


@contextlib.contextmanager
def listed_once() -> t.Iterator[None]:
    """Let Ansible look but once for the files of its connection plugins, while variables are read.

    To clean facts, it lists their folders again for every host, facts or none, which takes more than half of the time
    that a host's variables do. In this process nothing else changes.
    """
    look = connection_loader.all

    def all_once(*args: t.Any, **options: t.Any) -> t.Iterator[t.Any]:
        return iter(_paths()) if not args and options == {"path_only": True} else look(*args, **options)

    connection_loader.all = all_once  # type: ignore[method-assign]  # for as long as the block runs
    try:
        yield
    finally:
        del connection_loader.all


@functools.lru_cache(maxsize=1)
def _paths() -> tuple[str, ...]:
    return tuple(type(connection_loader).all(connection_loader, path_only=True))
