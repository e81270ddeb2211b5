# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Install Chromium and its driver with apt, where they are missing: ``python tests/browser/install.py``.

The exit status is 0 where both are there in the end, and 3, after one sentence, where they cannot be installed: without
root, or without apt. The tests are then skipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from page_support.places import missing  # noqa: E402  (the folder above has to be on the path first)

PACKAGES = ("chromium", "chromium-driver")
CANNOT = 3


def obstacle() -> str:
    """Why nothing can be installed here; empty where it can."""
    if shutil.which("apt-get") is None:
        return "there is no apt-get"
    return "" if os.geteuid() == 0 else "only root may"


def main() -> int:
    """Install what is missing; the exit status."""
    if not (reason := missing()):
        return 0
    if why_not := obstacle():
        print(f"{reason} It cannot do so here: {why_not}.", file=sys.stderr)
        return CANNOT
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", *PACKAGES]):
        ended = subprocess.run(["apt-get", "--quiet", *command], env=quiet, check=False)
        if ended.returncode:
            print(f"{reason} apt-get {command[0]} ended with {ended.returncode}.", file=sys.stderr)
            return CANNOT
    return 0 if not missing() else CANNOT


if __name__ == "__main__":
    sys.exit(main())
