# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bodies in JSON. A place is a dotted path: ``mail.server.port``; ``settings[name=smtp.host].value`` is a member of the
item of a list whose member ``name`` is that; ``servers[0]`` is an item by its number; ``"a.b"`` is a name with a dot.
"""

from __future__ import annotations

import copy
import functools
import json
import re
import typing as t

from ansible_collections.cai.console.plugins.module_utils._bindings._words import MISSING

STEP = re.compile(
    r'\.?("(?P<quoted>[^"]*)"|(?P<name>[^.\[\]"]+))|\[(?P<number>\d+)\]|\[(?P<key>[^\]=]+)=(?P<is>[^\]]*)\]'
)
Step = t.Union[str, int, t.Tuple[str, str]]


@functools.lru_cache(maxsize=512)
def steps(place: str) -> tuple[Step, ...]:
    """Return the steps of a place: names, numbers of items, and (member, value) for an item of a list."""
    if "[" not in place and '"' not in place:
        return tuple(place.split("."))
    found: list[Step] = []
    at = 0
    while at < len(place):
        match = STEP.match(place, at)
        if match is None:
            raise ValueError(place)
        if match["number"] is not None:
            found.append(int(match["number"]))
        elif match["key"] is not None:
            found.append((match["key"], match["is"]))
        else:
            found.append(match["name"] if match["quoted"] is None else match["quoted"])
        at = match.end()
    return tuple(found)


class JsonBody:
    """An object, and what stands where in it."""

    content_type = "application/json"

    def __init__(self, raw: t.Any = None) -> None:
        self.raw: t.Any = {} if raw is None else raw

    def copy(self) -> JsonBody:
        """Return one that can be changed."""
        return JsonBody(copy.deepcopy(self.raw))

    def get(self, place: str) -> t.Any:
        """Return what stands there, or MISSING."""
        at = self.raw
        for step in steps(place):
            at = _step(at, step)
            if at is MISSING:
                return MISSING
        return at

    def put(self, place: str, value: t.Any) -> None:
        """Let ``value`` stand there; what is on the way is made."""
        *parents, last = steps(place)
        at = self.raw
        for step, following in zip(parents, [*parents[1:], last]):
            at = _open(at, step, following)
        _set(at, last, value)

    def drop(self, place: str) -> None:
        """Let nothing stand there."""
        *parents, last = steps(place)
        at = self.raw
        for step in parents:
            at = _step(at, step)
        if isinstance(at, dict) and isinstance(last, str):
            at.pop(last, None)

    def below(self, place: str) -> t.Any:
        """Return the object there."""
        return self.get(place)

    def rows(self, place: str) -> list[JsonBody]:
        """Return each item of the list there."""
        found = self.get(place)
        return [JsonBody(item) for item in found if isinstance(item, dict)] if isinstance(found, list) else []

    def leaves(self) -> list[tuple[str, str]]:
        """Return every plain value as it is written, each with its place."""
        return list(_leaves(self.raw, ""))

    def wrapped(self, place: str | None, fixed: t.Mapping[str, t.Any]) -> JsonBody:
        """Return a body with this one at ``place``, beside what is fixed."""
        outer = JsonBody({} if place else self.raw)
        if place:
            outer.put(place, self.raw)
        for name, value in fixed.items():
            outer.put(name, value)
        return outer

    def encoded(self) -> bytes:
        """Return it as it travels."""
        return json.dumps(self.raw).encode()


def _leaves(value: t.Any, at: str) -> t.Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            step = f'"{name}"' if STEP.fullmatch(name) is None else name
            yield from _leaves(inner, f"{at}.{step}" if at else step)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _leaves(inner, f"{at}[{number}]")
    else:
        yield at, value if isinstance(value, str) else json.dumps(value)


def _step(at: t.Any, step: Step) -> t.Any:
    if isinstance(step, str):
        return at.get(step, MISSING) if isinstance(at, dict) else MISSING
    if not isinstance(at, list):
        return MISSING
    if isinstance(step, int):
        return at[step] if step < len(at) else MISSING
    key, wanted = step
    return next((item for item in at if isinstance(item, dict) and str(item.get(key)) == wanted), MISSING)


def _open(at: t.Any, step: Step, following: Step) -> t.Any:
    """Return the container there; where there is none, it is made."""
    inner = _step(at, step)
    if isinstance(inner, (dict, list)):
        return inner
    made: t.Any = {} if isinstance(following, str) else []
    return _set(at, step, made)


def _set(at: t.Any, step: Step, value: t.Any) -> t.Any:
    if isinstance(step, str):
        at[step] = value
    elif isinstance(step, int):
        at[step : step + 1] = [value]
    else:
        key, wanted = step
        value = {key: wanted}
        at.append(value)
    return value
