# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module email_service_info."""

from __future__ import annotations

from .truth import InfoTruth


class TestEmailServiceInfo(InfoTruth):
    """``email_service_info``."""

    name = "email_service_info"
    writer = "email_service"
