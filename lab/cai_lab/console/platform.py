# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The platform API on the pod: agents, runtime environments, organisations."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from cai_lab.console import shapes
from cai_lab.console.bodies import ConsoleError, reply
from cai_lab.console.core import Console
from cai_lab.console.gate import Call, Handler, Route
from cai_lab.fleet import ORGANISATIONS, Agent, Group, Organisation

V2 = "/saas/api/v2"


class Platform:
    """The handlers of the platform API; every member of the organisation may read it."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def routes(self) -> list[Route]:
        """What the pod serves."""
        return [
            self._read("/agent", "list_agents", self._agents),
            self._read("/agent/details", "list_agent_details", self._details),
            self._read("/agent/details/{id}", "read_agent_details", self._detail),
            self._read("/agent/name/{name}", "read_agent", self._agent_named),
            self._read("/agent/{id}", "read_agent", self._agent),
            self._read("/runtimeEnvironment", "list_runtime_environments", self._environments),
            self._read("/runtimeEnvironment/name/{name}", "read_runtime_environment", self._environment_named),
            self._read("/runtimeEnvironment/{id}", "read_runtime_environment", self._environment),
            self._read("/org", "read_organisation", self._own_org),
            self._read("/org/name/{name}", "read_organisation", self._org_named),
            self._read("/org/{id}", "read_organisation", self._org),
        ]

    @staticmethod
    def _read(path: str, operation: str, handler: Handler) -> Route:
        return Route("GET", V2 + path, operation, handler, api="v2", session="v2")

    def _seen(self, call: Call, **wanted: str) -> Agent:
        for agent in self._console.fleet.visible_agents(call.session.user.org):
            if all(getattr(agent, name) == value for name, value in wanted.items()):
                return agent
        raise _missing("agent")

    async def _agents(self, call: Call) -> web.Response:
        fleet = self._console.fleet
        return reply([shapes.agent(self._console, agent) for agent in fleet.visible_agents(call.session.user.org)])

    async def _agent(self, call: Call) -> web.Response:
        return reply(shapes.agent(self._console, self._seen(call, id=call.request.match_info["id"])))

    async def _agent_named(self, call: Call) -> web.Response:
        return reply(shapes.agent(self._console, self._seen(call, name=call.request.match_info["name"])))

    async def _details(self, call: Call) -> web.Response:
        configured = _configured(call)
        agents = self._console.fleet.visible_agents(call.session.user.org)
        return reply([shapes.agent_details(self._console, agent, configured) for agent in agents])

    async def _detail(self, call: Call) -> web.Response:
        agent = self._seen(call, id=call.request.match_info["id"])
        return reply(shapes.agent_details(self._console, agent, _configured(call)))

    async def _environments(self, call: Call) -> web.Response:
        fleet = self._console.fleet
        return reply([shapes.environment(fleet, group) for group in fleet.visible_groups(call.session.user.org)])

    async def _environment(self, call: Call) -> web.Response:
        return reply(shapes.environment(self._console.fleet, self._group(call, id=call.request.match_info["id"])))

    async def _environment_named(self, call: Call) -> web.Response:
        group = self._group(call, name=call.request.match_info["name"])
        return reply(shapes.environment(self._console.fleet, group))

    def _group(self, call: Call, **wanted: str) -> Group:
        for group in self._console.fleet.visible_groups(call.session.user.org):
            if all(getattr(group, name) == value for name, value in wanted.items()):
                return group
        raise _missing("runtimeEnvironment")

    async def _own_org(self, call: Call) -> web.Response:
        return reply(shapes.organisation(call.session.user.org))

    async def _org(self, call: Call) -> web.Response:
        return reply(_organisation(call, id=call.request.match_info["id"]))

    async def _org_named(self, call: Call) -> web.Response:
        return reply(_organisation(call, name=call.request.match_info["name"]))


def _organisation(call: Call, **wanted: str) -> dict[str, Any]:
    """The own organisation or one below it."""
    own: Organisation = call.session.user.org
    for org in ORGANISATIONS.values():
        if own in (org, org.parent) and all(getattr(org, name) == value for name, value in wanted.items()):
            return shapes.organisation(org)
    raise _missing("org")


def _configured(call: Call) -> bool:
    return call.request.query.get("onlyStatus", "true").lower() == "false"


def _missing(kind: str) -> ConsoleError:
    return ConsoleError(404, "UI_10000", f"There is no such {kind}.")
