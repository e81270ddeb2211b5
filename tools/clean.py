# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Remove what the other chores made: environments, logs, caches and the lab's state."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MADE = ("build", ".lab", ".ansible", ".mypy_cache", ".pytest_cache", ".ruff_cache", "tests/output")


def main() -> None:
    """Remove the folders; one that is not there is fine."""
    for name in MADE:
        shutil.rmtree(ROOT / name, ignore_errors=True)
    for folder in ("lab", "plugins", "tests", "tools"):
        for cache in list((ROOT / folder).rglob("__pycache__")):
            shutil.rmtree(cache, ignore_errors=True)


if __name__ == "__main__":
    main()
