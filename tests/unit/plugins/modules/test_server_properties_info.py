# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module server_properties_info."""

from __future__ import annotations

from .truth import InfoTruth


class TestServerPropertiesInfo(InfoTruth):
    """``server_properties_info``."""

    name = "server_properties_info"
    writer = "server_properties"
