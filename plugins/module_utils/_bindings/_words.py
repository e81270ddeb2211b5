# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values, between an option and the console's words for it."""

from __future__ import annotations

import typing as t

MISSING: t.Any = object()
"""Stands for a place that an answer does not have."""
Field = t.Mapping[str, t.Any]


def read(field: Field, value: t.Any) -> t.Any:
    """Return the option's value for the console's; None is nothing. ValueError: the binding does not know it."""
    words = field.get("words")
    if words is None:
        return _READERS[field["kind"]](value)
    if field.get("read_only"):
        return next((word for word, theirs in words.items() if theirs == value), value)
    word = _read_word(words, value)
    return word == "true" if field.get("kind") == "boolean" else word


def write(field: Field, value: t.Any, previous: t.Any = MISSING) -> t.Any:
    """Return the console's value for the option's; ``previous`` is what stands there now, whose type is kept."""
    words = field.get("words")
    if words is not None:
        return words.get(str(value).lower() if isinstance(value, bool) else value)
    if value is None:
        return None
    if field["kind"] == "words":
        return " ".join(value)
    as_text = field.get("as_text") or isinstance(previous, str)
    if field["kind"] == "integer" and as_text:
        return str(value)
    if field["kind"] == "boolean" and as_text:
        return str(value).lower()
    return value


def may_be_absent(field: Field) -> bool:
    """Whether nothing in the option's place is an answer too: it is said so, or one of the words is nothing."""
    return bool(field.get("may_be_absent")) or None in field.get("words", {}).values()


def secret_state(field: Field, value: t.Any) -> str:
    """Return ``set``, ``unset`` or ``unknown``. A text (a mask, or something encrypted) stands for a secret that is
    set, an empty text for one that is not, unless the console always shows that; nothing tells nothing.
    """
    if value is MISSING or value is None or (value == "" and field.get("hidden") == "empty"):
        return "unknown"
    return "set" if value else "unset"


def _read_boolean(value: t.Any) -> bool:
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    return value if isinstance(value, bool) else _refuse()


def _read_integer(value: t.Any) -> int | None:
    if value is None or value == "":
        return None
    return int(value) if not isinstance(value, (bool, float, list, dict)) else _refuse()


def _read_text(value: t.Any) -> str | None:
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else _refuse()


def _read_words(value: t.Any) -> list[str]:
    return (_read_text(value) or "").split()


def _read_list(value: t.Any) -> list[str]:
    if value is None:
        return []
    return value if isinstance(value, list) and all(isinstance(item, str) for item in value) else _refuse()


_READERS: dict[str, t.Callable[[t.Any], t.Any]] = {
    "boolean": _read_boolean,
    "integer": _read_integer,
    "text": _read_text,
    "words": _read_words,
    "list": _read_list,
}


def _read_word(words: t.Mapping[str, t.Any], value: t.Any) -> str:
    """Return the option's word for the console's, whatever its case; no word is the one that is bound to None."""
    said = _folded(value)
    for word, theirs in words.items():
        if said == _folded(theirs) or theirs is None and said in ("", word):
            return word
    return _refuse()


def _folded(value: t.Any) -> t.Any:
    return value.casefold() if isinstance(value, str) else value


def _refuse() -> t.NoReturn:
    raise ValueError
