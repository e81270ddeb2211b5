# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab: console, pod, agents and mail, started and stopped together."""

from __future__ import annotations

import asyncio
import socket
import ssl
from pathlib import Path
from typing import Any

from aiohttp import web

from cai_lab.clock import Clock
from cai_lab.console.app import Applications
from cai_lab.console.control import described
from cai_lab.console.core import Console
from cai_lab.console.processes import seed
from cai_lab.fleet import MAIL_ACCOUNTS, ORGANISATIONS, SUB, USERS, Fleet
from cai_lab.layout import FIRST_AGENT, HOST, Layout, PortInUse, port_of
from cai_lab.mail.mailbox import Mailbox
from cai_lab.mail.pki import Pki
from cai_lab.mail.server import MailServer
from cai_lab.oauth.app import Application as OAuthApplication
from cai_lab.oauth.registry import TENANT, public
from cai_lab.state import State
from cai_lab.switches import NOBODY, Switches

PATIENCE_S = 2.0
OAUTH = 4


class Lab:
    """One lab over a state folder. ``start`` and ``stop`` run in one event loop; a port in use raises PortInUse.

    ``trusted``: a file with CA certificates that the console trusts as a client, besides the lab's.
    """

    def __init__(
        self,
        folder: Path,
        layout: Layout,
        *,
        tls: bool = False,
        access_log: bool = False,
        trusted: Path | None = None,
    ) -> None:
        self._layout = layout
        self._state = State(folder)
        self._pki = Pki(folder / "pki", trusted)
        self._maildir = folder / "mailbox"
        mailbox = Mailbox(self._maildir)
        clock = Clock(self._state.get("clock", NOBODY, "offset_s") or 0.0)
        self._fleet = Fleet()
        self._fleet.grow(self._state.get("fleet", NOBODY, "bulk") or 0)
        switches = Switches(self._state)
        self.console = Console(
            self._state, clock, switches, self._fleet, mailbox, self._pki, tls=tls, access_log=access_log
        )
        self._mail = MailServer(
            host=HOST,
            starttls_port=layout.port(2),
            tls_port=layout.port(3),
            accounts=MAIL_ACCOUNTS,
            mailbox=mailbox,
            pki=self._pki,
            opens=self.console.oauth.ledger.opens_mailbox,
        )
        self._scheme = "https" if tls else "http"
        self._runners: list[web.AppRunner] = []
        self._sockets: dict[str, socket.socket] = {}
        self._mail_runs = False

    async def start(self) -> None:
        """Bind every port, then serve. Nothing is left open when a port is taken."""
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def _start(self) -> None:
        self._bind()
        self._start_mail()
        self.console.pod_url = f"{self._url('pod')}/saas"
        self._name_oauth()
        seed(self.console)
        applications = Applications(self.console)
        tls = self._tls()
        await self._serve(applications.console(), "console", tls)
        await self._serve(applications.pod(), "pod", tls)
        certificate = self._pki.server_context(self._pki.leaf("localhost", HOST))
        await self._serve(OAuthApplication(self.console, self.console.oauth).make(), "oauth", certificate)
        for agent in self._fleet.agents.values():
            if agent.listens:
                await self._serve(applications.agent(agent), agent.id, tls)

    def _bind(self) -> None:
        self._sockets["console"] = self._layout.bind(0)
        self._sockets["pod"] = self._layout.bind(1)
        self._sockets["oauth"] = self._layout.bind(OAUTH)
        agents = [agent for agent in self._fleet.agents.values() if agent.host == HOST]
        for offset, agent in enumerate(agents, FIRST_AGENT):
            # The ports of agents that do not answer are taken all the same, so that nothing else answers there.
            self._sockets[agent.id] = self._layout.bind(offset, listens=agent.listens)
            self._fleet.ports[agent.id] = port_of(self._sockets[agent.id])

    def _name_oauth(self) -> None:
        """The OAuth server always speaks TLS; the console's redirect URI is registered there for its client."""
        self.console.console_url = self._url("console")
        self.console.oauth.base = f"https://{HOST}:{port_of(self._sockets['oauth'])}/{TENANT}"
        callback = f"{self.console.console_url}/oauthcallback"
        self.console.oauth.ledger.redirects["console-client"] = (callback,)

    def _start_mail(self) -> None:
        for offset in (2, 3):
            self._layout.bind(offset).close()
        try:
            self._mail.start()
        except OSError:
            raise PortInUse(self._layout.port(2)) from None
        self._mail_runs = True

    def _tls(self) -> ssl.SSLContext | None:
        if self._scheme == "http":
            return None
        return self._pki.server_context(self._pki.leaf("localhost", HOST))

    async def _serve(self, application: web.Application, name: str, tls: ssl.SSLContext | None) -> None:
        runner = web.AppRunner(application, access_log=None, handle_signals=False, shutdown_timeout=PATIENCE_S)
        await runner.setup()
        self._runners.append(runner)
        await web.SockSite(runner, self._sockets[name], ssl_context=tls, backlog=512).start()

    async def stop(self) -> None:
        """Stop serving, let mail and alerts under way finish for two seconds, close everything."""
        for runner in self._runners:
            await runner.cleanup()
        if self.console.background:
            await asyncio.wait(self.console.background, timeout=PATIENCE_S)
        for sock in self._sockets.values():
            sock.close()
        if self._mail_runs:
            await asyncio.to_thread(self._mail.stop)
        self._state.close()

    def _url(self, name: str) -> str:
        return f"{self._scheme}://{HOST}:{port_of(self._sockets[name])}"

    def addresses(self) -> dict[str, Any]:
        """Addresses and credentials of the running lab, as in the ready file."""
        return {
            "console": self._url("console"),
            "pod": self._url("pod"),
            "control": f"{self._url('console')}/_lab",
            "agents": {agent.name: self._url(agent.id) for agent in self._fleet.agents.values() if agent.listens},
            "smtp": {"host": HOST, "starttls_port": self._mail.starttls_port, "tls_port": self._mail.tls_port},
            "maildir": str(self._maildir.resolve()),
            "oauth": self._oauth(),
            "ca": str(self._pki.ca_pem),
            "organisations": {
                org.id: {"name": org.name, "uuid": org.uuid, "parent": org.parent.id if org.parent else None}
                for org in ORGANISATIONS.values()
            },
            "users": [
                {
                    "name": user.name,
                    "password": user.password,
                    "organisation": user.org.id,
                    "administers": user.administers,
                }
                for user in USERS.values()
            ],
            "mail_accounts": dict(MAIL_ACCOUNTS),
            "targets": described(self._fleet, SUB.id),
        }

    def _oauth(self) -> dict[str, Any]:
        server = self.console.oauth
        return {
            "base": server.base,
            "tenant": TENANT,
            "issuer": server.issuer,
            "discovery": f"{server.base}/v2.0/.well-known/openid-configuration",
            "authorization_url": f"{server.base}/oauth2/v2.0/authorize",
            "token_url": f"{server.base}/oauth2/v2.0/token",
            "device_url": f"{server.base}/oauth2/v2.0/devicecode",
            "introspection_url": f"{server.base}/introspect",
            "revocation_url": f"{server.base}/revoke",
            "clients": public(server.ledger.registrations()),
        }
