# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The other views of a target (server log, processes), and the lab's mailbox."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from cai_lab.console.bodies import ConsoleError
from cai_lab.console.canaries import CANARY
from cai_lab.console.processes import ENDED
from cai_lab.console.server_log import SERVICES
from cai_lab.fleet import Target
from cai_lab.page.desk import Ask, Visit
from cai_lab.page.forms import Form
from cai_lab.page.shell import ROOT, Shell, redirect

SHOWN = 100
PROCESSES = f"{ROOT}/processes"


class Views:
    """The handlers of these views."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    async def log(self, visit: Visit, target: Target, form: Form) -> web.StreamResponse:
        """The server log, newest first, of one service or all."""
        service = form.get("service") or None
        document, error = await self._read(visit, target, Ask("read_server_log", query=_query(service=service)))
        entries = list(reversed(document.get("entries", ())))
        return self._shell.page(
            visit,
            target,
            "log",
            services=SERVICES,
            service=service,
            entries=entries[:SHOWN],
            total=len(entries),
            error=error,
        )

    async def processes(self, visit: Visit, target: Target, form: Form) -> web.StreamResponse:
        """The newest processes with their states."""
        return await self._processes(visit, target, ran=form.get("ran", ""))

    async def run(self, visit: Visit, target: Target, form: Form) -> web.StreamResponse:
        """Run the canary."""
        try:
            answer = await self._shell.desk.at(visit, target, Ask("run_process", match_info={"process": CANARY}))
        except ConsoleError as refused:
            return await self._processes(visit, target, refused)
        return redirect(PROCESSES, target=target.id, ran=str((answer.document or {}).get("processId", "")))

    async def terminate(self, visit: Visit, target: Target, form: Form) -> web.StreamResponse:
        """End a process that has not ended."""
        try:
            ask = Ask("terminate_process", match_info={"id": form.get("process", "")})
            await self._shell.desk.at(visit, target, ask)
        except ConsoleError as refused:
            return await self._processes(visit, target, refused)
        return redirect(PROCESSES, target=target.id)

    async def mailbox(self, visit: Visit, target: Target, form: Form) -> web.StreamResponse:
        """All mail that the lab's mail server took, newest first."""
        messages = list(reversed(self._shell.console.mailbox.messages()))
        return self._shell.page(visit, target, "mailbox", messages=messages[:SHOWN], total=len(messages))

    async def _processes(
        self, visit: Visit, target: Target, refused: ConsoleError | None = None, ran: str = ""
    ) -> web.StreamResponse:
        document, error = await self._read(visit, target, Ask("list_processes"))
        rows = document.get("process", [])
        return self._shell.page(
            visit,
            target,
            "processes",
            refused.status if refused else 200,
            rows=rows,
            total=document.get("totalRowCount", 0),
            ended=ENDED,
            ran=next((row for row in rows if row["processId"] == ran), None),
            refused=refused.message if refused else "",
            error=error,
        )

    async def _read(self, visit: Visit, target: Target, ask: Ask) -> tuple[dict[str, Any], str]:
        """What was read, or why it could not be."""
        try:
            document = (await self._shell.desk.at(visit, target, ask)).document
        except ConsoleError as error:
            return {}, error.message
        return (document, "") if isinstance(document, dict) else ({}, "The server's answer is not what was expected.")


def _query(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}
