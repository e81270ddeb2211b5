# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bodies as a browser sends a form. A place is the name of a control."""

from __future__ import annotations

import typing as t
from urllib.parse import urlencode

from ansible_collections.cai.console.plugins.module_utils._bindings._words import MISSING


class FormBody:
    """What a form would send. ``raw``: ``{"pairs": [(name, value)], "controls": [name]}``; a control that sends
    nothing now, such as a box that is not ticked, is known all the same.
    """

    content_type = "application/x-www-form-urlencoded"

    def __init__(self, raw: t.Any = None) -> None:
        self.raw: dict[str, list[t.Any]] = raw or {"pairs": [], "controls": []}

    def copy(self) -> FormBody:
        """Return one that can be changed."""
        return FormBody({name: list(items) for name, items in self.raw.items()})

    def get(self, place: str) -> t.Any:
        """Return the control's value, None where it sends nothing, or MISSING where there is none."""
        for name, value in self.raw["pairs"]:
            if name == place:
                return value
        return None if place in self.raw["controls"] else MISSING

    def put(self, place: str, value: t.Any) -> None:
        """Let the control send this; None: nothing."""
        pairs = self.raw["pairs"]
        at = next((index for index, (name, _value) in enumerate(pairs) if name == place), len(pairs))
        kept = [pair for pair in pairs if pair[0] != place]
        if value is not None:
            kept.insert(at, (place, _text(value)))
        self.raw["pairs"] = kept

    def drop(self, place: str) -> None:
        """Let the control send nothing."""
        self.put(place, None)

    def below(self, place: str) -> t.Any:
        """A form has no parts."""
        return MISSING

    def rows(self, place: str) -> list[FormBody]:
        """A form has no lists."""
        return []

    def leaves(self) -> list[tuple[str, str]]:
        """Return what each control sends, by its name."""
        return [(name, str(value)) for name, value in self.raw["pairs"]]

    def wrapped(self, place: str | None, fixed: t.Mapping[str, t.Any]) -> FormBody:
        """Return a body with what is fixed beside it."""
        outer = self.copy()
        for name, value in fixed.items():
            outer.put(name, value)
        return outer

    def encoded(self) -> bytes:
        """Return it as it travels."""
        return urlencode(self.raw["pairs"]).encode()


def _text(value: t.Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
