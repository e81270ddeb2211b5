# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of scenarios: what a server does, how it is probed, which verdict is right."""

from __future__ import annotations

from pathlib import Path

from .certificates import Kinds
from .scenarios import Scenario
from .table_arrival import arrivals
from .table_mail import mails
from .table_paths import paths
from .table_sign_in import sign_ins
from .table_tls import security


def table(kinds: Kinds, folder: Path) -> list[Scenario]:
    """Return all scenarios; ``folder`` takes Maildirs."""
    return [*paths(), *security(kinds), *sign_ins(), *mails(), *arrivals(folder)]
