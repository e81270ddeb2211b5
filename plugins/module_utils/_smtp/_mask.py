# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes secrets out of a report, in every form in which a server could send them back."""

from __future__ import annotations

import base64
import typing as t

HIDDEN = "********"
_NO_TEXT = (type(None), bool, int, float)


def mask(value: t.Any, secrets: t.Iterable[str | None]) -> t.Any:
    """Return ``value`` (dictionaries, lists, texts) without the secrets, plain or in Base64."""
    forms = sorted({form for secret in secrets if secret for form in _forms(secret)}, key=len, reverse=True)
    return _masked(value, forms) if forms else value


def _forms(secret: str) -> list[str]:
    return [secret, base64.b64encode(secret.encode()).decode()]


def _masked(value: t.Any, forms: list[str]) -> t.Any:
    if isinstance(value, str):
        for form in forms:
            value = value.replace(form, HIDDEN)
        return value
    if isinstance(value, dict):
        # Most of a report is no text, and a call for each entry would cost as much as several stages.
        return {key: entry if type(entry) in _NO_TEXT else _masked(entry, forms) for key, entry in value.items()}
    if isinstance(value, list):
        return [_masked(entry, forms) for entry in value]
    return value
