# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times as consoles and people write them."""

from __future__ import annotations

import datetime
import re

FRACTION = re.compile(r"\.(\d{1,6})\d*")


def moment(text: str | None) -> datetime.datetime | None:
    """Return a time in ISO 8601, which is in UTC where it names no zone; None where it cannot be read.

    Before Python 3.11, ``fromisoformat`` knows neither ``Z`` nor a fraction of a second with other than 3 or 6 digits.
    """
    plain = FRACTION.sub(lambda found: f".{found.group(1):0<6}", (text or "").replace("Z", "+00:00"))
    try:
        found = datetime.datetime.fromisoformat(plain)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=datetime.timezone.utc)
