# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the table of error codes into ``docs/errors.md`` from the catalogue in the code; with ``--check``, say whether
it is up to date.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "errors.md"
BEGIN, END = "<!-- table: begin -->\n", "<!-- table: end -->\n"

sys.path.insert(0, str(ROOT / "build" / "collections"))

from ansible_collections.cai.console.plugins.module_utils._errors import FAULTS  # noqa: E402  (found through the link in build/)


def table() -> str:
    """Return the table: one row per code."""
    rows = ["| code | what happened | try again? | what to do |", "|---|---|---|---|"]
    rows += [
        f"| `{code}` | {fault.meaning} | {'yes' if fault.retryable else 'no'} | {fault.remedy} |"
        for code, fault in sorted(FAULTS.items())
    ]
    return "\n".join(rows) + "\n"


def page(text: str) -> str:
    """Return the page with the table between its marks replaced."""
    before, rest = text.split(BEGIN)
    _old, after = rest.split(END)
    return f"{before}{BEGIN}{table()}{END}{after}"


def main() -> int:
    """Write or check the page; 1 if it is not up to date."""
    text = PAGE.read_text(encoding="utf-8")
    fresh = page(text)
    if "--check" in sys.argv:
        return int(text != fresh)
    PAGE.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
