# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules by which AWX takes or refuses an object, each with the file of AWX that it comes from."""

from __future__ import annotations

from . import (
    credential_types,
    credentials,
    formats,
    inventories,
    notifications,
    schedules,
    surveys,
    templates,
    workflows,
)
from .rule import RULES, Rule, problems

__all__ = [
    "RULES",
    "Rule",
    "credential_types",
    "credentials",
    "formats",
    "inventories",
    "notifications",
    "problems",
    "schedules",
    "surveys",
    "templates",
    "workflows",
]
