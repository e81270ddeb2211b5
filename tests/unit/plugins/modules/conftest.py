# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What runs on the controller only is not collected on a Python that no controller runs on."""

from __future__ import annotations

import sys

CONTROLLER = (3, 11)

collect_ignore = (
    []
    if sys.version_info >= CONTROLLER
    else ["test_fleet.py", "test_fleet_export.py", "test_learn_binding.py", "test_oauth_token.py", "test_rollout.py"]
)
