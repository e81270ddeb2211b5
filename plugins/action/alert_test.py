# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on the controller in place of, or in front of, the module ``cai.console.alert_test``."""

from __future__ import annotations

from ansible_collections.cai.console.plugins.module_utils._alert_test import alert_testing
from ansible_collections.cai.console.plugins.plugin_utils._probe_ledger import FileLedger
from ansible_collections.cai.console.plugins.plugin_utils._series_door import SeriesDoor


class ActionModule(SeriesDoor):
    """The door of ``alert_test``."""

    task = alert_testing(FileLedger())
