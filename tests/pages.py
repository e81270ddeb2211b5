# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the project's pages show to be typed or copied: the code blocks of README.md and of the guides."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
GUIDES = ROOT / "docs" / "docsite" / "rst"
MARKDOWN = re.compile(r"^```(?P<language>\w+)\n(?P<file>)(?P<text>.*?)^```$", re.M | re.S)
RST = re.compile(
    r"^\.\. code-block:: (?P<language>\w+)\n(?:   :caption: (?P<file>\S+)\n|   :\w+: .*\n)*\n(?P<text>(?:   .*\n|\n)+)",
    re.M,
)


@dataclass(frozen=True)
class Block:
    """A code block; ``file`` is the caption of one that is to be saved under this name, else empty."""

    language: str
    file: str
    text: str


def blocks(page: Path, language: str = "") -> list[Block]:
    """The blocks of a page (``.md`` or ``.rst``), in order; of one language, or all."""
    pattern = MARKDOWN if page.suffix == ".md" else RST
    found = [
        Block(block["language"], block["file"] or "", textwrap.dedent(block["text"]).strip() + "\n")
        for block in pattern.finditer(page.read_text(encoding="utf-8"))
    ]
    return [block for block in found if language in ("", block.language)]


def commands(page: Path) -> list[str]:
    """Every command of a page, in order, without the prompt."""
    lines = [line for block in blocks(page, "console") for line in block.text.splitlines()]
    return [line.removeprefix("$ ") for line in lines]
