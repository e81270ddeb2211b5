# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scripted mail server tells the whole of what happened."""

from __future__ import annotations

import socket

from .script import Script
from .scripted import ScriptedServer


def test_a_session_that_ends_at_once_is_seen_each_time() -> None:
    with ScriptedServer(Script(), {}) as server:
        for number in range(1, 201):
            socket.create_connection(("127.0.0.1", server.port)).close()
            server.settle()
            assert len(server.sessions) == number
