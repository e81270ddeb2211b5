# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets are taken out of the results of thousands of targets, nearly all of which hold none."""

from __future__ import annotations

import typing as t

from ansible.module_utils.common.parameters import remove_values

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.plugin_utils._fleet._model import Result


def masked(result: Result, secrets: frozenset[str]) -> Result:
    """Return the result as Ansible masks it. Its way rebuilds every value, so it is first seen whether one needs it."""
    found: Result = remove_values(result, secrets) if _holds(result, secrets) else result
    return found


def _holds(value: t.Any, secrets: frozenset[str]) -> bool:
    """Whether a text or a number in it holds a secret. What is not known here is left to Ansible to judge."""
    if isinstance(value, dict):
        return any(_holds(inner, secrets) for inner in value.values())
    if isinstance(value, (list, tuple)):
        return any(_holds(inner, secrets) for inner in value)
    if value is None or isinstance(value, bool):
        return False
    if isinstance(value, (str, int, float)):
        text = str(value)
        return any(secret in text for secret in secrets)
    return True
