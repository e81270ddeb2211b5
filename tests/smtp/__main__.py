# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Play the table: a line for each scenario judged wrongly, then ``N of N scenarios right, N forbidden acts``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from . import certificates
from .scenarios import play
from .table import table


def main() -> int:
    """Return 0 if all are right and nothing forbidden was done."""
    with tempfile.TemporaryDirectory() as folder:
        kinds = certificates.make(Path(folder))
        scenarios = table(kinds, Path(folder) / "mail")
        right = acts = 0
        for scenario in scenarios:
            wrong, forbidden = play(scenario, kinds)
            right += not wrong
            acts += len(forbidden)
            for problem in [*wrong, *(f"FORBIDDEN: {act}" for act in forbidden)]:
                print(f"{scenario.name}: {problem}")
    print(f"{right} of {len(scenarios)} scenarios right, {acts} forbidden acts")
    return int(right != len(scenarios) or acts > 0)


if __name__ == "__main__":
    sys.exit(main())
