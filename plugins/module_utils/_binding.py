# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a binding: how one kind of console speaks, as data. Nothing else knows a place or a wire word.

``_bindings/_spec.py`` has the format. A binding that ships has a name; any other travels as JSON.
"""

from __future__ import annotations

import typing as t

from ansible_collections.cai.console.plugins.module_utils._bindings import BINDINGS, _load, _words
from ansible_collections.cai.console.plugins.module_utils._bindings._bodies import Body, begun, body_of
from ansible_collections.cai.console.plugins.module_utils._bindings._words import MISSING
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError

Settings = t.Dict[str, t.Any]
_PARSED: dict[str, dict[str, t.Any]] = {}
"""Bindings by their text: parsed and checked once in a process."""


class Known(t.Dict[str, t.Any]):
    """Settings by option. One that the binding does not place is None: nothing is known of it."""

    def __missing__(self, option: str) -> None:
        return None


class Stored(t.NamedTuple):
    """What the console holds for one service.

    ``settings``: option path to value. ``facts``: what can only be read. ``secrets``: option path to ``set``, ``unset``
    or ``unknown``.
    ``raw``: the console's own object. ``version``: its ETag, or None. ``stamp``: when it was last modified, as the
    console says, or None. ``masked``: the secrets whose place holds the mask that keeps them.
    """

    settings: Settings
    facts: Settings
    secrets: dict[str, str]
    raw: t.Any
    version: str | None
    stamp: str | None = None
    masked: frozenset[str] = frozenset()


def find_binding(name: str | None) -> dict[str, t.Any]:
    """Return the binding of this name, or the one that the text itself is; a ConsoleError says which there are."""
    if not name:
        raise ConsoleError("binding_missing", "console_binding is not set.", stage="binding")
    if name in BINDINGS:
        return BINDINGS[name]
    if name.lstrip().startswith("{"):
        if name not in _PARSED:
            _PARSED[name] = _load.parse(name, "that was given")
        return _PARSED[name]
    raise ConsoleError(
        "binding_unknown",
        f"console_binding is {name}; known: {', '.join(sorted(BINDINGS))}.",
        stage="binding",
    )


def know_binding(text: str, binding: dict[str, t.Any]) -> None:
    """Take note that ``text`` is this binding, which was checked before."""
    _PARSED[text] = binding


def require_closed(service: str, binding: t.Mapping[str, t.Any]) -> None:
    """Refuse to write a service of which something is not known yet; the error names it."""
    fields = binding["services"].get(service, {}).get("fields", {})
    found = {option: field["open"] for option, field in fields.items() if "open" in field}
    operation = binding["operations"].get(f"write_{service}", {})
    if "open" in operation:
        found[f"write_{service}"] = operation["open"]
    if found:
        said = "; ".join(f"{name} ({why})" for name, why in found.items())
        raise ConsoleError(
            "binding_open",
            f"The binding {binding['meta']['name']} leaves open, for {service}: {said}.",
            stage="binding",
        )


def decode(bound: t.Mapping[str, t.Any], raw: t.Any, version: str | None, what: str) -> Stored:
    """Translate the console's object by what the binding says of the service.

    An ``unexpected_reply`` names every field that is missing, or not what the binding says.
    """
    body = _object_of(raw, what)
    stamp = body.get(bound["stamp"]) if "stamp" in bound else None
    stored = Stored(Known(), {}, {}, raw, version, stamp if isinstance(stamp, str) else None, _masked(bound, body))
    problems: list[str] = []
    for option, field in bound["fields"].items():
        if "open" in field:
            continue
        place = field["at"][0]
        value = body.get(place)
        if field.get("secret"):
            stored.secrets[option] = _words.secret_state(field, value)
        elif value is MISSING and not _words.may_be_absent(field):
            problems.append(f"has no {place} ({option})")
        else:
            try:
                read = _words.read(field, None if value is MISSING else value)
            except ValueError:
                problems.append(f"has a value at {place} ({option}) that the binding does not know")
            else:
                (stored.facts if field.get("read_only") else stored.settings)[option] = read
    if problems:
        raise _unexpected(what, problems)
    return stored


def encode(
    bound: t.Mapping[str, t.Any],
    stored: Stored,
    settings: t.Mapping[str, t.Any],
    secrets: t.Mapping[str, str | None],
    operation: t.Mapping[str, t.Any] | None = None,
) -> t.Any:
    """Return the console's object with ``settings`` laid over it (``raw`` of a body), as the ``operation`` writes.
    Members that no binding names stay untouched where it writes the whole object.

    ``secrets`` maps a secret to its text, or to None to clear it; every other secret is left out, so that what was read
    in its place never travels, but for the mask, or the encrypted text, of a console that keeps a secret only for that.
    """
    operation = operation or {}
    writes, old = operation.get("writes", "whole"), body_of(stored.raw)
    body = old.copy() if writes == "whole" else begun(operation)
    for option, field in bound["fields"].items():
        if "open" in field or field.get("read_only"):
            continue
        places = field.get("write_at") or field["at"]
        if field.get("secret"):
            _put_secret(bound, body, places, option, stored, secrets)
        elif writes == "named" or settings[option] != stored.settings[option]:
            value = _words.write(field, settings[option], old.get(field["at"][0]))
            for place in places:
                body.put(place, value)
    for place in operation.get("leave_out", ()):
        body.drop(place)
    return body.raw


def _put_secret(
    bound: t.Mapping[str, t.Any],
    body: Body,
    places: t.Sequence[str],
    option: str,
    stored: Stored,
    secrets: t.Mapping[str, str | None],
) -> None:
    if option not in secrets and bound.get("omit_by") == "as_read":
        return
    for place in places:
        body.drop(place)
        if option in secrets:
            body.put(place, secrets[option])
        elif option in stored.masked:
            body.put(place, bound["mask_keeps"])
        elif bound.get("omit_by") == "empty":
            body.put(place, "")


def _object_of(raw: t.Any, what: str) -> Body:
    """Return the body that has a service's fields; what is not an object is refused."""
    body = body_of(raw)
    if isinstance(raw, list) or not isinstance(body.raw, dict) and body.content_type == "application/json":
        raise _unexpected(what, ["is not an object"])
    return body


def _masked(bound: t.Mapping[str, t.Any], body: Body) -> frozenset[str]:
    mask = bound.get("mask_keeps")
    if not mask:
        return frozenset()
    fields = {option: field for option, field in bound["fields"].items() if field.get("secret") and "at" in field}
    return frozenset(option for option, field in fields.items() if body.get(field["at"][0]) == mask)


def _unexpected(what: str, problems: t.Sequence[str]) -> ConsoleError:
    return ConsoleError("unexpected_reply", f"{what} {', '.join(problems)}.", stage="read")
