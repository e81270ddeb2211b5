# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bodies in XML. A place is a path of elements with slashes, below the root: ``email/host``, ``email/@enabled``,
``entry[@name='smtp.host']/@value``; a name with a prefix is compared without it.

What comes from outside is parsed without document types, so without entities, and bounded in size and depth.
"""

from __future__ import annotations

import copy
import functools
import re
import typing as t
import xml.etree.ElementTree as ET

from ansible_collections.cai.console.plugins.module_utils._bindings._words import MISSING

MAX_BYTES = 2 * 1024 * 1024
PIECE_BYTES = 65536
MAX_DEPTH = 64
MAX_ELEMENTS = 50000
STEP = re.compile(r"@?[^/\[\]]+(?:\[@(?P<key>[^=\]]+)='(?P<is>[^']*)'\])?")
Step = t.Tuple[str, t.Optional[str], t.Optional[str]]


class _Builder(ET.TreeBuilder):
    """Builds a tree, and gives up on what no settings need."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0
        self._count = 0

    def doctype(self, *_unused: t.Any) -> None:
        """There is no need for one, and it is where entities are declared."""
        raise ValueError("it declares a document type")

    def start(self, *element: t.Any) -> t.Any:
        """Count."""
        self._depth += 1
        self._count += 1
        if self._depth > MAX_DEPTH or self._count > MAX_ELEMENTS:
            raise ValueError("it is nested too deeply or has too many elements")
        return super().start(*element)

    def end(self, *element: t.Any) -> t.Any:
        """Count back."""
        self._depth -= 1
        return super().end(*element)


def parse(data: bytes) -> ET.Element:
    """Return the root of a document; ValueError says what is wrong with it, without repeating any of it."""
    if len(data) > MAX_BYTES:
        raise ValueError(f"it has more than {MAX_BYTES} bytes")
    parser = ET.XMLParser(target=_Builder())
    try:
        # In pieces: after an error, what is left of a piece is parsed all the same.
        for at in range(0, len(data), PIECE_BYTES):
            parser.feed(data[at : at + PIECE_BYTES])
        return parser.close()
    except (ET.ParseError, LookupError):
        raise ValueError("it is not well-formed XML") from None


def local(name: str) -> str:
    """Return an element's name without its namespace."""
    return name.rpartition("}")[2]


@functools.lru_cache(maxsize=512)
def steps(place: str) -> tuple[Step, ...]:
    """Return the steps of a place: (name, attribute, its value)."""
    found: list[Step] = []
    at = 0
    while at < len(place):
        match = STEP.match(place, at)
        if match is None:
            raise ValueError(place)
        name = match.group().partition("[")[0]
        found.append((name if name.startswith("@") else name.rpartition(":")[2], match["key"], match["is"]))
        at = match.end() + 1
    return tuple(found)


class XmlBody:
    """A document, and what stands where in it. ``raw`` is its root."""

    content_type = "text/xml; charset=utf-8"

    def __init__(self, raw: t.Any = None) -> None:
        self.raw: ET.Element = ET.Element("settings") if raw is None else raw

    def copy(self) -> XmlBody:
        """Return one that can be changed."""
        return XmlBody(copy.deepcopy(self.raw))

    def get(self, place: str) -> t.Any:
        """Return the text or the attribute there, or MISSING."""
        at: ET.Element | None = self.raw
        for step in steps(place):
            if step[0].startswith("@"):
                return MISSING if at is None else at.get(step[0][1:], MISSING)
            at = None if at is None else _child(at, step)
        return MISSING if at is None else (at.text or "")

    def put(self, place: str, value: t.Any) -> None:
        """Let a text stand there; None takes the element or attribute away."""
        if value is None:
            self.drop(place)
            return
        text = str(value).lower() if isinstance(value, bool) else str(value)
        at = self.raw
        for step in steps(place):
            if step[0].startswith("@"):
                at.set(step[0][1:], text)
                return
            child = _child(at, step)
            at = _made(at, step) if child is None else child
        at.text = text

    def drop(self, place: str) -> None:
        """Let nothing stand there. An entry that is found by an attribute goes as a whole."""
        path = list(steps(place))
        if path[-1][0].startswith("@") and len(path) > 1 and path[-2][1] is not None:
            path.pop()
        at: ET.Element | None = self.raw
        for step in path[:-1]:
            at = None if at is None else _child(at, step)
        if at is None:
            return
        if path[-1][0].startswith("@"):
            at.attrib.pop(path[-1][0][1:], None)
            return
        child = _child(at, path[-1])
        if child is not None:
            at.remove(child)

    def below(self, place: str) -> t.Any:
        """Return the element there, or MISSING."""
        at: ET.Element | None = self.raw
        for step in steps(place):
            at = None if at is None else _child(at, step)
        return MISSING if at is None else at

    def wrapped(self, place: str | None, fixed: t.Mapping[str, t.Any]) -> XmlBody:
        """Return a document with what is fixed in it."""
        outer = self.copy()
        for name, value in fixed.items():
            outer.put(name, value)
        return outer

    def encoded(self) -> bytes:
        """Return it as it travels."""
        return t.cast(bytes, ET.tostring(self.raw, encoding="utf-8", xml_declaration=True))


def tree(element: ET.Element) -> t.Any:
    """Return a document as plain values in which the order of elements, and blanks between them, mean nothing."""
    children = sorted((repr(tree(child)) for child in element), key=str)
    return (element.tag, sorted(element.attrib.items()), (element.text or "").strip(), children)


def _child(at: ET.Element, step: Step) -> ET.Element | None:
    name, key, wanted = step
    for child in at:
        if local(child.tag) == name and (key is None or child.get(key) == wanted):
            return child
    return None


def _made(at: ET.Element, step: Step) -> ET.Element:
    name, key, wanted = step
    space = at.tag[: len(at.tag) - len(local(at.tag))]
    return ET.SubElement(at, f"{space}{name}", {} if key is None else {key: wanted or ""})
