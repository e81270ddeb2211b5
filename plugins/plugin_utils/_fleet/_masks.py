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
    texts: list[str] = []
    is_known = _gather(result, texts)
    whole = "\n".join(texts)
    if is_known and not any(secret in whole for secret in secrets):
        return result
    found: Result = remove_values(result, secrets)
    return found


def _gather(value: t.Any, texts: list[str]) -> bool:
    """Add the texts and numbers in it to ``texts``; False where something else is in it, which Ansible has to judge."""
    if isinstance(value, str):
        texts.append(value)
    elif isinstance(value, dict):
        return all(_gather(inner, texts) for inner in value.values())
    elif isinstance(value, (list, tuple)):
        return all(_gather(inner, texts) for inner in value)
    elif isinstance(value, (int, float)):
        texts.append(str(value))
    else:
        return value is None
    return True
