# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes bodies apart: every value with its place, as a binding names places."""

from __future__ import annotations

import dataclasses
import json
import typing as t
import xml.etree.ElementTree as ET
from urllib.parse import parse_qsl

from ansible_collections.cai.console.plugins.module_utils._bindings import _html_form, _xml_body

MAX_LEAVES = 5000
MAX_DEPTH = 24
NAMES = ("name", "key", "id")
Leaves = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Body:
    """A body: how it is written (json, form, xml or html), its ``leaves``, and for html the ``form`` they stand in."""

    kind: str
    leaves: Leaves
    form: str | None = None


NOTHING = Body("none", {})


def sent(text: str, kind: str) -> Body:
    """Return a request's body."""
    if "form-urlencoded" in kind:
        found: Leaves = {}
        for name, value in parse_qsl(text, keep_blank_values=True)[:MAX_LEAVES]:
            found.setdefault(name, value)
        return Body("form", found)
    return _structured(text)


def got(text: str, kind: str) -> list[Body]:
    """Return an answer's body; a page has one for each of its forms."""
    if "html" not in kind:
        body = _structured(text)
        return [body] if body.kind != "none" else []
    bodies = []
    for form in page_of(text).forms:
        leaves: Leaves = dict.fromkeys(form.controls)
        leaves.update(dict(reversed(form.pairs)))
        bodies.append(Body("html", leaves, form.attributes.get("id") or form.attributes.get("name")))
    return bodies


def page_of(text: str) -> _html_form.Page:
    """Return a page; an empty one where it is too large to be one with settings."""
    try:
        return _html_form.Page(text)
    except ValueError:
        return _html_form.Page("")


def _structured(text: str) -> Body:
    text = text.strip()
    try:
        if text.startswith(("{", "[")):
            return Body("json", dict(_json(json.loads(text), "", 0)))
        if text.startswith("<"):
            return Body("xml", dict(_xml(_xml_body.parse(text.encode()), "", 0)))
    except (ValueError, RecursionError):
        return NOTHING
    return NOTHING


def _json(value: t.Any, place: str, depth: int) -> t.Iterator[tuple[str, t.Any]]:
    if depth > MAX_DEPTH:
        return
    if isinstance(value, dict):
        for name, inner in list(value.items())[:MAX_LEAVES]:
            step = f'"{name}"' if set(name) & set(".[]") else name
            if '"' not in name:
                yield from _json(inner, f"{place}.{step}" if place else step, depth + 1)
    elif isinstance(value, list):
        if value and all(isinstance(item, str) for item in value):
            yield place, tuple(value)
        for index, item in enumerate(value[:200]):
            yield from _json(item, f"{place}{_item(item, index)}", depth + 1)
    else:
        yield place, value


def _item(item: t.Any, index: int) -> str:
    """An item of a list by its name, where it has one; else by its number."""
    if isinstance(item, dict):
        for name in NAMES:
            said = item.get(name)
            if isinstance(said, str) and said and not set(said) & set("[]="):
                return f"[{name}={said}]"
    return f"[{index}]"


def _xml(at: ET.Element, place: str, depth: int) -> t.Iterator[tuple[str, t.Any]]:
    named = _named_by(at) if place else None
    here = f"{place}[@{named}='{at.get(named)}']" if named else place
    for name, value in at.attrib.items():
        if name != named:
            yield (f"{here}/@{name}" if here else f"@{name}"), value
    if place and not len(at):
        yield here, at.text or ""
    for tag, child in _reachable(at):
        yield from _xml(child, f"{here}/{tag}" if here else tag, depth + 1)


def _named_by(at: ET.Element) -> str | None:
    """Return the attribute that names an element in a place, if one does."""
    return next((name for name in NAMES if at.get(name) and "'" not in at.get(name, "")), None)


def _reachable(at: ET.Element) -> t.Iterator[tuple[str, ET.Element]]:
    """Yield the children that a place can mean, each with its tag: without a name, the first of its tag alone."""
    seen: set[str] = set()
    for child in at:
        tag = _xml_body.local(child.tag)
        if tag in seen and not any(child.get(name) for name in NAMES):
            continue
        seen.add(tag)
        yield tag, child
