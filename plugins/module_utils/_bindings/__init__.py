# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a kind of console speaks, as data: the format, what reads and writes by it, and the bindings that ship. Those are
a static list, because AnsiballZ packs only what is imported by name; ``extensions/bindings`` has them as files.
"""

from __future__ import annotations

import typing as t

from ansible_collections.cai.console.plugins.module_utils._bindings.activebpel_admin import ACTIVEBPEL_ADMIN
from ansible_collections.cai.console.plugins.module_utils._bindings.lab import LAB

BINDINGS: dict[str, dict[str, t.Any]] = {"activebpel_admin": ACTIVEBPEL_ADMIN, "lab": LAB}
