# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stores of this run's sessions, made once, for all that talks to a console on the controller."""

from __future__ import annotations

import functools

from ansible_collections.cai.console.plugins.plugin_utils._run_cache import RunStore
from ansible_collections.cai.console.plugins.plugin_utils._run_end import begin

# Ansible loads inventory and actions in the parent; what is made here exists once in a run, and the workers inherit it.
STORES = functools.partial(RunStore, begin())
