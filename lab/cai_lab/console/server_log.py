# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server log of a target."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from cai_lab.clock import seconds
from cai_lab.console.bodies import bad_request, reply
from cai_lab.console.core import Console
from cai_lab.console.gate import Call, Route
from cai_lab.fleet import Target

SERVICES = ("Email", "Alert", "Engine")


def entries(console: Console, target: Target, service: str | None = None) -> list[dict[str, Any]]:
    """The entries of a target's log that can be seen by now, the oldest first."""
    until = console.clock.now() - float(console.switches["log_delay_s"])
    listed = console.state.items("log", target.owner).values()
    return [entry for entry in listed if service in (None, entry["service"]) and seconds(entry["time"]) <= until]


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
        return reply({"entries": entries(self._console, call.target, service)})
