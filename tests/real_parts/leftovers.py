# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a bed that was stopped must not leave behind."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from .processes import is_alive


def leftovers(*folders: Path) -> list[str]:
    """Name the folders that still exist, and the processes that work in one of them or have one in their command."""
    found = [f"folder {folder}" for folder in folders if folder.exists()]
    for process in Path("/proc").glob("[0-9]*"):
        used = _places(process)
        if any(str(folder) in used for folder in folders) and is_alive(int(process.name)):
            found.append(f"process {process.name}")
    return found


def _places(process: Path) -> str:
    with contextlib.suppress(OSError):
        command = (process / "cmdline").read_text(encoding="utf-8", errors="replace")
        return f"{command}\0{os.readlink(process / 'cwd')}"
    return ""
