# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Grant ``client_credentials``: the client for itself. Nothing is spent, so it runs in check mode too."""

from __future__ import annotations

import typing as t

from ansible_collections.cai.console.plugins.plugin_utils._oauth import tokens
from ansible_collections.cai.console.plugins.plugin_utils._oauth.libraries import BackendApplicationClient

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.plugin_utils._oauth.exchange import Work

SPENDS = False


def run(work: Work) -> dict[str, t.Any]:
    """Return the task's result."""
    answer = work.exchange().fetch(BackendApplicationClient(work.client.client_id), "token")
    got = tokens.read(answer, work.provider.scope, work.now())
    tokens.judge(got, work.provider.scope, None)
    return {**got.as_result(), "changed": False}
