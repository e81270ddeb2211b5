# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Draw the architecture from the code's imports: docs/docsite/rst/architecture.svg.

    architecture.py [--check]

First it is checked that all imports point one way; each that does not is one line. With ``--check`` nothing is written,
and a picture that is not up to date is one more line. Exit code: 0 when there is nothing to say, else 1.
"""

from __future__ import annotations

import sys
from pathlib import Path

from picture.imports import Code, broken_rules, card_of, cards, read_code
from picture.layout import arrange, ranks, reduced
from picture.svg import draw, make_card

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "docsite" / "rst" / "architecture.svg"


def picture(code: Code) -> str:
    """The picture of the code, as SVG."""
    graph = cards(code.files)
    members = {card: [name for name in code.files if card_of(name) == card] for card in graph}
    known = {card: make_card(card, members[card], code.about.get(card, "")) for card in graph}
    return draw(*arrange(reduced(graph), ranks(graph)), known)


def main(arguments: list[str]) -> int:
    """Check, and write unless ``--check`` is asked for."""
    code = read_code(ROOT / "plugins")
    findings = broken_rules(code)
    if not findings:
        fresh = picture(code)
        if "--check" not in arguments:
            PICTURE.write_text(fresh, encoding="utf-8")
        elif not PICTURE.exists() or PICTURE.read_text(encoding="utf-8") != fresh:
            findings = [f"{PICTURE.relative_to(ROOT)} is not up to date: run python tools/architecture.py"]
    print("\n".join(findings), end="\n" if findings else "", file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
