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
    forms = longest_first(form for secret in secrets if secret for form in (secret, in_base64(secret)))
    return _masked(value, forms) if forms else value


def in_base64(text: str) -> str:
    """Return the text as SASL sends it."""
    return base64.b64encode(text.encode()).decode()


def longest_first(forms: t.Iterable[str]) -> list[str]:
    """Return the forms in the order in which they must be hidden: one can be a part of another."""
    return sorted(set(forms), key=len, reverse=True)


def without(text: str, forms: t.Iterable[str]) -> str:
    """Return a text without the forms. To be done before it is shortened: the rest of a secret would not be found."""
    for form in forms:
        text = text.replace(form, HIDDEN)
    return text


def _masked(value: t.Any, forms: list[str]) -> t.Any:
    if isinstance(value, str):
        return without(value, forms)
    if isinstance(value, dict):
        # Most of a report is no text, and a call for each entry would cost as much as several stages.
        return {key: entry if type(entry) in _NO_TEXT else _masked(entry, forms) for key, entry in value.items()}
    if isinstance(value, list):
        return [_masked(entry, forms) for entry in value]
    return value
