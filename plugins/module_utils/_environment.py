# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where an option that is not given is looked for: in an environment variable."""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import env_fallback
from ansible.module_utils.errors import AnsibleFallbackNotFound

Fallback = t.Tuple[t.Callable[[str], str], t.List[str]]


def _set_in_environment(name: str) -> str:
    """Return the variable's value; AnsibleFallbackNotFound if there is none.

    An empty one is none: AWX renders a field of a credential that nobody filled in as an empty text.
    """
    value: str = env_fallback(name)
    if not value:
        raise AnsibleFallbackNotFound
    return value


def environment(name: str) -> Fallback:
    """Return what an argument spec has as ``fallback`` for the environment variable ``name``."""
    return _set_in_environment, [name]
