# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The form of a row of the reply catalogue."""

from __future__ import annotations

import typing as t

MAIL_ADMIN, TENANT_ADMIN, YOU = "mail_admin", "tenant_admin", "you"


class Row(t.NamedTuple):
    """Which reply: ``code``, ``enhanced`` code, a pattern of its ``text`` (None fits any), at ``stages`` (none: all).

    What it means: ``cause``, ``remedy``, ``who`` must act, whether to ``retry``. ``source``: where that is known from;
    "documented" by its author, or "observed" in a run of that server.
    """

    code: int | None
    enhanced: str | None
    text: str | None
    cause: str
    remedy: str
    who: str
    retry: bool
    source: str
    stages: tuple[str, ...] = ()
