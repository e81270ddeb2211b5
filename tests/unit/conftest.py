# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the checkout importable as ``ansible_collections.cai.console`` where nothing else has done so."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

if (
    importlib.util.find_spec("ansible_collections") is None
    or importlib.util.find_spec("ansible_collections.cai") is None
):
    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "build" / "collections"))
