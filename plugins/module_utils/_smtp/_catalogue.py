# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue of replies: what a mail server's refusal means, what to do, who must do it, and whether to try again.

The first row that fits wins, so special rows stand before general ones. A reply that no row fits passes through.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.cai.console.plugins.module_utils._smtp._replies_google import GOOGLE
from ansible_collections.cai.console.plugins.module_utils._smtp._replies_microsoft import MICROSOFT
from ansible_collections.cai.console.plugins.module_utils._smtp._replies_sign_in import SIGN_IN
from ansible_collections.cai.console.plugins.module_utils._smtp._replies_standard import STANDARD
from ansible_collections.cai.console.plugins.module_utils._smtp._row import Row

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._smtp._model import Reply

CATALOGUE: tuple[Row, ...] = (*MICROSOFT, *GOOGLE, *SIGN_IN, *STANDARD)


def explain(reply: Reply, stage: str) -> Row | None:
    """Return the row for a reply at a stage, or None."""
    return next((row for row in CATALOGUE if _fits(row, reply, stage)), None)


def _fits(row: Row, reply: Reply, stage: str) -> bool:
    if row.code is not None and row.code != reply.code:
        return False
    if row.enhanced is not None and row.enhanced != reply.enhanced:
        return False
    if row.stages and stage not in row.stages:
        return False
    return row.text is None or re.search(row.text, reply.text, re.IGNORECASE | re.DOTALL) is not None
