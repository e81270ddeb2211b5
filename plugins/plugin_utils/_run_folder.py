# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The private folder of a run, which Ansible makes and removes."""

from __future__ import annotations

from ansible import constants


def run_folder() -> str:
    """Return the folder's path. Only the user can enter it."""
    return str(constants.DEFAULT_LOCAL_TMP)  # type: ignore[attr-defined]  # made at run time
