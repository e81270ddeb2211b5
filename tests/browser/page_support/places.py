# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where Debian puts Chromium and its driver."""

from __future__ import annotations

import os
from pathlib import Path

CHROMIUM = Path("/usr/bin/chromium")
DRIVER = Path("/usr/bin/chromedriver")


def missing(programs: tuple[Path, ...] = (CHROMIUM, DRIVER)) -> str:
    """Why no browser can be started here; empty where one can."""
    lacking = [str(path) for path in programs if not os.access(path, os.X_OK)]
    return f"There is no {' and no '.join(lacking)}; tests/browser/install.py installs them." if lacking else ""
