# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages in HTML: what their forms hold, and what they say. Tolerant, as a browser is, and never recursive."""

from __future__ import annotations

import html.parser
import typing as t

MAX_ELEMENTS = 20000
VOID = ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
SILENT = ("submit", "button", "reset", "image", "file")
Attributes = t.Dict[str, str]


class Form:
    """A form of a page: its attributes, the pairs that it would send, and the names of its controls."""

    def __init__(self, attributes: Attributes) -> None:
        self.attributes = attributes
        self.pairs: list[tuple[str, str]] = []
        self.controls: list[str] = []

    def raw(self) -> dict[str, list[t.Any]]:
        """Return it as a ``FormBody`` takes it."""
        return {"pairs": list(self.pairs), "controls": list(self.controls)}


class Page(html.parser.HTMLParser):
    """A page: its ``forms``, its ``metas`` (name to content), and ``said``: text by the id and classes it stands in. A
    ValueError says what it has too much of.
    """

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.metas: dict[str, str] = {}
        self.said: dict[str, str] = {}
        self._form: Form | None = None
        self._select: tuple[str, list[tuple[str, bool]]] | None = None
        self._option: str | None = None
        self._area: tuple[str, list[str]] | None = None
        self._inside: list[tuple[str, list[str]]] = []
        self._count = 0
        # Not closed: at the end the parser goes over every tag that was never finished, which takes squared time.
        self.feed(text)

    def form(self, name: str | None) -> Form | None:
        """Return the form with this name or id, or the first one."""
        if name is None:
            return self.forms[0] if self.forms else None
        wanted = (form for form in self.forms if name in (form.attributes.get("name"), form.attributes.get("id")))
        return next(wanted, None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a control, or that text of interest begins."""
        self._count += 1
        if self._count > MAX_ELEMENTS:
            raise ValueError(f"it has more than {MAX_ELEMENTS} elements")
        attributes = {name: value or "" for name, value in attrs}
        begin = getattr(self, f"_begin_{tag}", None)
        if begin:
            begin(attributes, {name for name, _value in attrs})
        if tag not in VOID:
            names = [f".{name}" for name in attributes.get("class", "").split()]
            names += [f"#{attributes['id']}"] if attributes.get("id") else []
            self._inside.append((tag, names))

    def handle_endtag(self, tag: str) -> None:
        """Note that something ends; what was left open inside ends too."""
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._end_select()
        elif tag == "textarea" and self._area and self._form:
            name, texts = self._area
            self._form.pairs.append((name, "".join(texts).lstrip("\n")))
            self._area = None
        for index in range(len(self._inside) - 1, max(-1, len(self._inside) - 64), -1):
            if self._inside[index][0] == tag:
                del self._inside[index:]
                break

    def handle_data(self, data: str) -> None:
        """Note text."""
        if self._area:
            self._area[1].append(data)
        text = " ".join(data.split())
        if text:
            for _tag, names in self._inside[-16:]:
                for name in names:
                    self.said[name] = f"{self.said.get(name, '')} {text}".strip()[:1000]

    def _begin_form(self, attributes: Attributes, flags: t.AbstractSet[str]) -> None:
        self._form = Form(attributes)
        self.forms.append(self._form)

    def _begin_meta(self, attributes: Attributes, flags: t.AbstractSet[str]) -> None:
        if attributes.get("name"):
            self.metas[attributes["name"]] = attributes.get("content", "")

    def _begin_input(self, attributes: Attributes, flags: t.AbstractSet[str]) -> None:
        name, kind = attributes.get("name"), attributes.get("type", "text").lower()
        if self._form is None or not name or kind in SILENT or "disabled" in flags:
            return
        self._form.controls.append(name)
        if kind not in ("checkbox", "radio"):
            self._form.pairs.append((name, attributes.get("value", "")))
        elif "checked" in flags:
            self._form.pairs.append((name, attributes.get("value", "on")))

    def _begin_textarea(self, attributes: Attributes, flags: t.AbstractSet[str]) -> None:
        if self._form is not None and attributes.get("name") and "disabled" not in flags:
            self._form.controls.append(attributes["name"])
            self._area = (attributes["name"], [])

    def _begin_select(self, attributes: Attributes, flags: t.AbstractSet[str]) -> None:
        if self._form is not None and attributes.get("name") and "disabled" not in flags:
            self._form.controls.append(attributes["name"])
            self._select = (attributes["name"], [])

    def _begin_option(self, attributes: Attributes, flags: t.AbstractSet[str]) -> None:
        if self._select is not None:
            self._select[1].append((attributes.get("value", ""), "selected" in flags))

    def _end_select(self) -> None:
        if self._form is None or self._select is None:
            return
        name, options = self._select
        self._select = None
        chosen = [value for value, selected in options if selected] or [value for value, _selected in options[:1]]
        self._form.pairs += [(name, value) for value in chosen[-1:]]
