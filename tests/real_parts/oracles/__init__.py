# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Other people's mail clients, asked the same questions as ours."""

from __future__ import annotations

from .cases import DIFFERENCES, Asked, Difference, asked
from .curl import Curl
from .msmtp import Msmtp
from .openssl import OpenSsl
from .ours import Ours
from .swaks import Swaks
from .verdicts import Case, Oracle, Verdict

ORACLES: tuple[Oracle, ...] = (Msmtp(), Curl(), Swaks(), OpenSsl())

__all__ = ["DIFFERENCES", "ORACLES", "Asked", "Case", "Difference", "Oracle", "Ours", "Verdict", "asked"]
