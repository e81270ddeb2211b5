# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The console put together: one aiohttp application for each listener."""

from __future__ import annotations

from aiohttp import web

from cai_lab.console.access import Access
from cai_lab.console.control import Control
from cai_lab.console.core import Console
from cai_lab.console.front import Front
from cai_lab.console.gate import Route
from cai_lab.console.mail_test import MailTest
from cai_lab.console.platform import Platform
from cai_lab.console.processes import Processes
from cai_lab.console.server_log import ServerLog
from cai_lab.console.services import Services
from cai_lab.console.sign_in import SignIn
from cai_lab.dialects.app import Dialects
from cai_lab.fleet import Agent
from cai_lab.page.desk import Desk
from cai_lab.page.page import Page
from cai_lab.soap.doors import ActiveBpelAdmin

CLOUD = "/active-bpel"
THROUGH_CLOUD = "/activevos/local/{node}"
DIRECT = "/process-engine"


class Applications:
    """Makes the listeners' applications, over the same parts."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._sign_in = SignIn(console)
        self._services = Services(console)
        self._mail_test = MailTest(console)
        self._processes = Processes(console)
        self._log = ServerLog(console)
        self._access = Access(console)
        self._admin = ActiveBpelAdmin(console, self._services)

    def console(self) -> web.Application:
        """The console: sign-in, restadmin of the Cloud Server and of agents through the cloud, page, ``/_lab/``."""
        cloud, through_cloud = self._target(CLOUD), self._target(THROUGH_CLOUD)
        sessions = self._sign_in.region_routes() + self._sign_in.pod_routes()
        desk = Desk(self._console, sessions, cloud, through_cloud)
        page, dialects = Page(self._console, desk), Dialects(self._console, desk)

        def more(application: web.Application) -> None:
            Control(self._console).add_to(application)
            page.add_to(application)
            dialects.add_to(application)

        soap = self._admin.routes(f"{CLOUD}/services/{{organization}}")
        routes = self._sign_in.region_routes() + cloud + through_cloud + soap + self._access.callback_routes()
        return Front(self._console, "console").application(routes, more)

    def pod(self) -> web.Application:
        """The pod: sign-out and the platform API."""
        routes = self._sign_in.pod_routes() + Platform(self._console).routes()
        return Front(self._console, "pod").application(routes)

    def agent(self, agent: Agent) -> web.Application:
        """An agent's own address."""
        return Front(self._console, "agent", agent).application(
            self._target(DIRECT) + self._admin.routes(f"{DIRECT}/services")
        )

    def _target(self, base: str) -> list[Route]:
        admin = f"{base}/restadmin"
        parts = (self._services, self._mail_test, self._access, self._log)
        return [route for part in parts for route in part.routes(admin)] + self._processes.routes(admin, base)
