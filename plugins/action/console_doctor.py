# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on the controller in place of, or in front of, the module ``cai.console.console_doctor``."""

from __future__ import annotations

from ansible_collections.cai.console.plugins.module_utils._doctor_task import examining
from ansible_collections.cai.console.plugins.plugin_utils._door import Door


class ActionModule(Door):
    """The door of ``console_doctor``. Elsewhere it signs in by itself: whether that works is what it is to tell."""

    task = examining()
    lends_session = False
