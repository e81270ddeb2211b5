# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the table of error codes into ``docs/errors.md`` and into the guide, from the catalogue in the code; with
``--check``, say whether both are up to date.
"""

from __future__ import annotations

import sys
from pathlib import Path

import rst

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "errors.md"
GUIDE = ROOT / "docs" / "docsite" / "rst" / "guide_errors.rst"
MARKS = {PAGE: ("<!-- table: begin -->\n", "<!-- table: end -->\n"), GUIDE: (".. table: begin\n", ".. table: end\n")}

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


def guide_table() -> str:
    """Return the same table in reStructuredText."""
    rows = [
        (rst.literal(code), rst.plain(fault.meaning), "yes" if fault.retryable else "no", rst.plain(fault.remedy))
        for code, fault in sorted(FAULTS.items())
    ]
    head = ("Code", "What happened", "Try again?", "What to do")
    return f"\n{rst.list_table(head, rows, (22, 36, 8, 34))}\n"


def page(path: Path) -> str:
    """Return a page with the table between its marks replaced."""
    made = table() if path == PAGE else guide_table()
    return rst.replaced(path.read_text(encoding="utf-8"), MARKS[path], made)


def main() -> int:
    """Write or check the pages; 1 if one is not up to date."""
    fresh = {path: page(path) for path in MARKS}
    if "--check" in sys.argv:
        return int(any(path.read_text(encoding="utf-8") != text for path, text in fresh.items()))
    for path, text in fresh.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
