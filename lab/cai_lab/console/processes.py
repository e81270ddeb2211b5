# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes of a target: what is deployed, runs by ``/rt/``, the list, termination."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from cai_lab.console import alerts
from cai_lab.console.bodies import ConsoleError, forbidden, not_found, reply
from cai_lab.console.canaries import CANARIES, UNLISTED, Canary
from cai_lab.console.core import Console
from cai_lab.console.deployment import CallFailed, deployed, invoke
from cai_lab.console.gate import Call, Route
from cai_lab.fleet import ORGANISATIONS, Target, uuid

NAMESPACE = "urn:cai-lab:processes"
ROWS = 20
BUSY = "agent-b"
BUSY_STATES = ("FAULTED", "SUSPENDED", "SUSPENDED", *["COMPLETED"] * 22)
ENDED = ("COMPLETED", "FAULTED", "TERMINATED")
FAULT = {"faultName": "canaryFault", "faultNamespace": "urn:cai-lab:faults", "locationPath": "/process/throw"}


class Processes:
    """The handlers of processes."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def routes(self, base: str, runtime: str) -> list[Route]:
        """Below a restadmin base, and below the base of ``/rt/``."""
        return [
            Route("GET", f"{base}/processes/", "list_processes", self._list, scope="restadmin"),
            Route("GET", f"{base}/processes", "list_processes", self._list, scope="restadmin"),
            Route(
                "PUT",
                f"{base}/processes/{{id}}/terminate",
                "terminate_process",
                self._terminate,
                session="cookie",
                scope="restadmin",
                mutates=True,
            ),
            Route("POST", f"{runtime}/rt/{{process}}", "run_process", self._run, scope="rt", mutates=True),
            Route("GET", f"{runtime}/rt/{{process}}", "run_process", self._run, scope="rt", mutates=True),
        ]

    async def _list(self, call: Call) -> web.Response:
        wanted = call.request.query.get("processId")
        rows = [
            row
            for row in reversed(self._console.state.items("process", call.target.owner).values())
            if wanted in (None, row["processId"])
        ]
        shown = rows[:ROWS]
        return reply({"totalRowCount": len(rows), "completeRowCount": len(shown) == len(rows), "process": shown})

    async def _terminate(self, call: Call) -> web.Response:
        # The switch is about programs: the page has its button in any case.
        if self._console.switches["terminate"] == "refused" and call.entry.listener != "page":
            raise forbidden("Processes are ended in the console only.")
        identifier = call.request.match_info["id"]
        row = self._console.state.get("process", call.target.owner, identifier)
        if row is None:
            raise not_found("There is no such process.")
        if row["processState"] in ENDED:
            raise ConsoleError(409, "CAI_409", "The process has ended.")
        now = self._console.clock.stamp()
        row = {**row, "processState": "TERMINATED", "processStateReason": "NONE", "modified": now, "completed": now}
        self._console.state.put("process", call.target.owner, identifier, row)
        return web.Response()

    async def _run(self, call: Call) -> web.Response:
        name = call.request.match_info["process"]
        if name not in deployed(self._console, call.target):
            raise not_found(f"The process {name} is not deployed.")
        user = call.session.user
        if name in CANARIES:
            return self._fault(call.target, name, (user.name, user.org.uuid))
        try:
            answer = await invoke(self._console, call.target, name, call.body)
        except CallFailed as error:
            self._record(call.target, name, user.name, user.org.uuid, ("FAULTED", "NONE"))
            raise ConsoleError(500, "CAI_500", str(error)) from None
        row = self._record(call.target, name, user.name, user.org.uuid, ("COMPLETED", "NONE"))
        return reply({"processId": row["processId"], "answer": answer})

    def _fault(self, target: Target, name: str, who: tuple[str, str]) -> web.Response:
        """A canary: it ends in a fault that nothing catches; most reply with their id before."""
        canary = CANARIES[name]
        properties = self._console.state.get("properties", target.owner)
        suspend = canary.suspended(bool(properties and properties["values"]["suspendProcessesOnUncaughtFault"]))
        row = self._run_of(canary, target, name, who, suspend)
        self._console.log(
            target, "Engine", f"Process {row['processId']} ({name}) ended in an uncaught fault.", level="Error"
        )
        if suspend:
            details = {
                "processId": row["processId"],
                "processName": name,
                "processNamespace": NAMESPACE,
                "processInitiator": who[0],
                **FAULT,
                "faultDetails": "<canary>This fault is thrown on purpose.</canary>",
                "status": "suspended",
            }
            alerts.raise_alert(self._console, target, details)
        if not canary.answers:
            raise ConsoleError(500, "CAI_500", "The process ended in a fault.")
        return reply({"processId": row["processId"]})

    def _run_of(self, canary: Canary, target: Target, name: str, who: tuple[str, str], suspend: bool) -> dict[str, Any]:
        """The canary's row, which is kept where its persistence lets it be listed."""
        state = ("SUSPENDED", "SUSPENDED_FAULTING") if suspend else ("FAULTED", "NONE")
        row = {
            **process(self._console, name, who, self._console.clock.stamp(), state),
            "persistenceType": canary.persistence,
        }
        if canary.persistence != UNLISTED:
            self._console.state.put("process", target.owner, row["processId"], row)
        return row

    def _record(self, target: Target, name: str, initiator: str, tenant: str, state: tuple[str, str]) -> dict[str, Any]:
        row = process(self._console, name, (initiator, tenant), self._console.clock.stamp(), state)
        self._console.state.put("process", target.owner, row["processId"], row)
        return row


def process(console: Console, name: str, who: tuple[str, str], started: str, state: tuple[str, str]) -> dict[str, Any]:
    """A row of the list of processes, with a new id; ``who`` = initiator and tenant, ``state`` = state and reason."""
    number = console.state.count("process")
    row = {
        "processId": str(100_000 + number),
        "processState": state[0],
        "processStateReason": state[1],
        "processName": {"value": name, "namespace": NAMESPACE},
        "title": name,
        "planId": str(int(uuid("plan", name)[:4], 16)),
        "cid": str(number),
        "version": 1.0,
        "persistenceType": "FULL",
        "processGroup": "",
        "processInitiator": who[0],
        "processInitiatorTenantContext": who[1],
        "tenantContext": who[1],
        "started": started,
        "modified": started,
    }
    return {**row, "completed": started} if state[0] in ENDED else row


def seed(console: Console) -> None:
    """At the first start: a few runs on each target, so that lists and the limit of 20 have something to show."""
    if console.state.get("counter", ("", ""), "process"):
        return
    targets = {target.owner: target for org in ORGANISATIONS.values() for target in console.fleet.targets(org)}
    with console.state.transaction():
        for target in targets.values():
            for state in BUSY_STATES if target.name == BUSY else ("COMPLETED",) * 3:
                who = ("ops@lab.test", target.org.uuid)
                row = process(console, "OrderIntake", who, "2025-01-02T00:00:00.000Z", (state, "NONE"))
                console.state.put("process", target.owner, row["processId"], row)
