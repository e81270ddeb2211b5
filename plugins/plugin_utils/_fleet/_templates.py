# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Templating the variables of thousands of hosts in one worker."""

from __future__ import annotations

import contextlib
import typing as t

from jinja2 import Environment
from jinja2.utils import internalcode

if t.TYPE_CHECKING:
    from types import CodeType

MOST = 512
"""So many templates are kept; they take some KiB each."""


@contextlib.contextmanager
def compiled_once() -> t.Iterator[None]:
    """Let Jinja compile a template once while the block runs, though many hosts have it. In this process nothing else
    changes.

    A variable of a group is a template of each of its hosts, and compiling it takes more time than to render it.
    """
    compiled = Environment.compile
    known: dict[t.Any, CodeType] = {}

    @internalcode
    def once(self: Environment, source: t.Any, *args: t.Any, **options: t.Any) -> t.Any:
        # What a backslash means is not told by the text alone: Ansible has two ways to take it.
        if args or options or not isinstance(source, str) or "\\" in source:
            return compiled(self, source, *args, **options)
        # A lexer stands for all settings of an environment that say how a text is read.
        key = type(self), self.lexer, str(source)
        if key not in known:
            if len(known) >= MOST:
                known.clear()
            known[key] = compiled(self, source)
        return known[key]

    Environment.compile = once  # type: ignore[method-assign]  # for as long as the block runs
    try:
        yield
    finally:
        Environment.compile = compiled  # type: ignore[method-assign]
