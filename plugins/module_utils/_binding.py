# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a binding: how one kind of console speaks, as data. Nothing else knows a path or a wire word.

A binding is a dictionary: ``bases`` (address per kind of target), ``session_headers``, ``operations`` (method, path,
mutates) and ``services``. A service has ``fields``; a field says where the option stands (``at``, one or several dotted
places), and either its ``kind`` (boolean, integer, text, words), its ``words`` (option's word to the console's), or
that it is a ``secret``, which can be written but not read. ``may_be_absent`` and ``read_only`` do as they say; an
unknown word of a field that is only read is passed on. ``stamp`` is where the object says when it was last modified.
"""

from __future__ import annotations

import copy
import dataclasses
import typing as t

from ansible_collections.cai.console.plugins.module_utils._bindings import BINDINGS
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError

MISSING: t.Any = object()
Settings = t.Dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Stored:
    """What the console holds for one service.

    ``settings``: option path to value. ``facts``: what can only be read. ``secrets``: option path to ``set``, ``unset``
    or ``unknown``.
    ``raw``: the console's own object. ``version``: its ETag, or None. ``stamp``: when it was last modified, as the
    console says, or None.
    """

    settings: Settings
    facts: Settings
    secrets: dict[str, str]
    raw: dict[str, t.Any]
    version: str | None
    stamp: str | None = None


def find_binding(name: str | None) -> dict[str, t.Any]:
    """Return the binding of this name; a ConsoleError says which there are."""
    if not name:
        raise ConsoleError("binding_missing", "console_binding is not set.", stage="binding")
    if name not in BINDINGS:
        raise ConsoleError(
            "binding_unknown", f"console_binding is {name}; known: {', '.join(sorted(BINDINGS))}.", stage="binding"
        )
    return BINDINGS[name]


def decode(bound: t.Mapping[str, t.Any], raw: t.Any, version: str | None, what: str) -> Stored:
    """Translate the console's object by what the binding says of the service.

    An ``unexpected_reply`` names every field that is missing, or not what the binding says.
    """
    if not isinstance(raw, dict):
        raise _unexpected(what, ["is not an object"])
    stamp = _get(raw, bound["stamp"]) if "stamp" in bound else None
    stored = Stored({}, {}, {}, raw, version, stamp=stamp if isinstance(stamp, str) else None)
    problems: list[str] = []
    for option, field in bound["fields"].items():
        place, value = field["at"][0], _get(raw, field["at"][0])
        if field.get("secret"):
            stored.secrets[option] = _secret_state(value)
        elif value is MISSING and not field.get("may_be_absent"):
            problems.append(f"has no {place} ({option})")
        else:
            try:
                read = _read(field, None if value is MISSING else value)
            except ValueError:
                problems.append(f"has a value at {place} ({option}) that the binding does not know")
            else:
                (stored.facts if field.get("read_only") else stored.settings)[option] = read
    if problems:
        raise _unexpected(what, problems)
    return stored


def encode(
    bound: t.Mapping[str, t.Any], stored: Stored, settings: t.Mapping[str, t.Any], secrets: t.Mapping[str, str | None]
) -> dict[str, t.Any]:
    """Return the console's object with ``settings`` laid over it. Members that no binding names stay untouched.

    ``secrets`` maps a secret to its text, or to None to clear it; every other secret is left out, so that what was read
    in its place never travels.
    """
    body = copy.deepcopy(stored.raw)
    for option, field in bound["fields"].items():
        for place in field["at"]:
            if field.get("secret"):
                _drop(body, place)
                if option in secrets:
                    _put(body, place, secrets[option])
            elif not field.get("read_only") and settings[option] != stored.settings[option]:
                _put(body, place, _write(field, settings[option], _get(stored.raw, place)))
    return body


def _unexpected(what: str, problems: t.Sequence[str]) -> ConsoleError:
    return ConsoleError("unexpected_reply", f"{what} {', '.join(problems)}.", stage="read")


def _read(field: t.Mapping[str, t.Any], value: t.Any) -> t.Any:
    words = field.get("words")
    if words is None:
        return _READERS[field["kind"]](value)
    if field.get("read_only"):
        return next((word for word, theirs in words.items() if theirs == value), value)
    return _read_word(words, value)


def _read_boolean(value: t.Any) -> bool:
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    return value if isinstance(value, bool) else _refuse()


def _read_integer(value: t.Any) -> int | None:
    if value is None or value == "":
        return None
    return int(value) if not isinstance(value, (bool, float)) else _refuse()


def _read_text(value: t.Any) -> str | None:
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else _refuse()


def _read_words(value: t.Any) -> list[str]:
    return (_read_text(value) or "").split()


_READERS: dict[str, t.Callable[[t.Any], t.Any]] = {
    "boolean": _read_boolean,
    "integer": _read_integer,
    "text": _read_text,
    "words": _read_words,
}


def _read_word(words: t.Mapping[str, str | None], value: t.Any) -> str:
    """Return the option's word for the console's, whatever its case; no word is the one that is bound to None."""
    said = value.casefold() if isinstance(value, str) else value
    for word, theirs in words.items():
        if said == (theirs and theirs.casefold()) or theirs is None and said in ("", word):
            return word
    return _refuse()


def _refuse() -> t.NoReturn:
    raise ValueError


def _write(field: t.Mapping[str, t.Any], value: t.Any, previous: t.Any) -> t.Any:
    if "words" in field:
        return field["words"][value]
    if field["kind"] == "words":
        return " ".join(value)
    if field["kind"] == "integer" and isinstance(previous, str):
        return str(value)
    return value


def _secret_state(value: t.Any) -> str:
    """A text (a mask, or something encrypted) stands for a secret that is set, an empty text for one that is not;
    nothing tells nothing.
    """
    if value is MISSING or value is None:
        return "unknown"
    return "set" if value else "unset"


def _get(body: t.Any, place: str) -> t.Any:
    for name in place.split("."):
        if not isinstance(body, dict) or name not in body:
            return MISSING
        body = body[name]
    return body


def _put(body: dict[str, t.Any], place: str, value: t.Any) -> None:
    *parents, last = place.split(".")
    for name in parents:
        body = body.setdefault(name, {})
    body[last] = value


def _drop(body: t.Any, place: str) -> None:
    *parents, last = place.split(".")
    for name in parents:
        body = body.get(name) if isinstance(body, dict) else None
    if isinstance(body, dict):
        body.pop(last, None)
