# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server log of a target."""

from __future__ import annotations

from aiohttp import web

from cai_lab.console.bodies import bad_request, reply
from cai_lab.console.core import Console
from cai_lab.console.gate import Call, Route

SERVICES = ("Email", "Alert", "Engine")


class ServerLog:
    """The handler of the log."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def routes(self, base: str) -> list[Route]:
        """Below a restadmin base."""
        return [Route("GET", f"{base}/server/log", "read_server_log", self._read, scope="restadmin")]

    async def _read(self, call: Call) -> web.Response:
        service = call.request.query.get("service")
        if service is not None and service not in SERVICES:
            raise bad_request(f"service must be one of {', '.join(SERVICES)}.")
        entries = self._console.state.items("log", call.target.owner).values()
        return reply({"entries": [entry for entry in entries if service in (None, entry["service"])]})
