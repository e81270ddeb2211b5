# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pieces of reStructuredText for the pages that are made from code and data."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence

# What would be read as markup in reStructuredText.
MARKUP = re.compile(r"([*`|\\]|(?<=\w)_(?!\w))")
WIDTH = 140


def plain(text: str) -> str:
    """Return a text in which nothing is markup."""
    return MARKUP.sub(r"\\\1", text)


def literal(text: object) -> str:
    """Return a text as an inline literal."""
    return f"``{text}``"


def list_table(head: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[int], title: str = "") -> str:
    """Return a table of cells that are reStructuredText already."""
    first = f".. list-table:: {title}".rstrip()
    options = f"   :header-rows: 1\n   :widths: {' '.join(map(str, widths))}\n"
    body = "".join("   * - " + "\n     - ".join(row) + "\n" for row in (head, *rows))
    return f"{first}\n{options}\n" + re.sub(r" +$", "", body, flags=re.M)


def wrapped(text: str, indent: str = "") -> str:
    """Return a text in lines of bounded length; ``indent`` stands before each line but the first."""
    return textwrap.fill(text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def replaced(text: str, marks: tuple[str, str], made: str) -> str:
    """Return a page's text with what stands between its two marks replaced."""
    begin, end = marks
    before, rest = text.split(begin)
    _old, after = rest.split(end)
    return f"{before}{begin}{made}{end}{after}"
