# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Server properties that decide whether alerts fire at all."""

from __future__ import annotations

import typing as t

from ansible_collections.cai.console.plugins.module_utils._resources._service import Service

OPTIONS: dict[str, dict[str, t.Any]] = {"suspend_on_uncaught_fault": {"type": "bool"}}

SERVER_PROPERTIES = Service(name="server_properties", title="server properties", options=OPTIONS)
