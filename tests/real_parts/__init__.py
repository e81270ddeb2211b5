# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real servers for tests: Postfix, Dovecot and oidc-provider, and other people's clients to compare with."""

from __future__ import annotations

from .bed import Bed
from .mail import RealMail
from .parts import InstallError, Missing, missing
from .pki import Pki
from .processes import NotReadyError
from .provider import RealProvider

__all__ = ["Bed", "InstallError", "Missing", "NotReadyError", "Pki", "RealMail", "RealProvider", "missing"]
