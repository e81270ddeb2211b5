# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The console's operations on one execution target, over a binding."""

from __future__ import annotations

import fnmatch
import json
import typing as t
from urllib.parse import urlsplit

from ansible_collections.cai.console.plugins.module_utils import _transport
from ansible_collections.cai.console.plugins.module_utils._binding import Stored, decode, encode
from ansible_collections.cai.console.plugins.module_utils._connection import is_loopback
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._replies import failure

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._connection import Connection
    from ansible_collections.cai.console.plugins.module_utils._session import Session
    from ansible_collections.cai.console.plugins.module_utils._targets import Target


def open_transport(connection: Connection, environ: t.Mapping[str, str] | None = None) -> _transport.Transport:
    """Return the transport that the connection options ask for. A fingerprint replaces the CA for the console's
    address, or for the agent's own where that is used.
    """
    context = _transport.tls_context(connection.ca_path, connection.validate_certs)
    transport = _transport.Transport(
        timeout=connection.timeout, context=context, proxy=connection.proxy, environ=environ
    )
    if connection.fingerprint and not _directly(connection):
        transport.pin(f"{connection.console_url or connection.sign_in_url}/", connection.fingerprint)
    return transport


def _directly(connection: Connection) -> bool:
    """Agents are reached at their own address where the user named one or allowed it, else through the cloud."""
    return bool(connection.agent_url or connection.allowed_agent_hosts)


class Console:
    """One execution target's services. In check mode it is ``read_only`` and refuses every operation that the binding
    marks as mutating.
    """

    def __init__(
        self,
        session: Session,
        transport: _transport.Transport,
        connection: Connection,
        binding: dict[str, t.Any],
        target: Target,
        *,
        read_only: bool,
    ) -> None:
        self._session = session
        self._transport = transport
        self._connection = connection
        self._binding = binding
        self.target = target
        self.read_only = read_only
        self._base = self._find_base()

    def service(self, service: str) -> dict[str, t.Any]:
        """Return what the binding says of a service: ``fields``, ``omitted_secret`` and the like."""
        if service not in self._binding["services"]:
            raise ConsoleError(
                "not_bound", f"The binding {self._binding['meta']['name']} has no {service}.", stage="binding"
            )
        return t.cast("dict[str, t.Any]", self._binding["services"][service])

    def read(self, service: str) -> Stored:
        """Return what the console holds for a service."""
        fields = self.service(service)["fields"]
        reply, what = self._call(f"read_{service}", stage="read")
        return decode(
            fields, reply.json(f"The answer to {what}", "read"), reply.headers.get("etag"), f"The answer to {what}"
        )

    def write(
        self, service: str, stored: Stored, settings: t.Mapping[str, t.Any], secrets: t.Mapping[str, str | None]
    ) -> None:
        """Save ``settings`` over what was ``stored``; where the console gave a version, only over exactly that one."""
        if self.target.owner:
            raise ConsoleError(
                "not_owner", f"The group is shared by the organisation {self.target.owner}.", stage="plan"
            )
        body = encode(self.service(service)["fields"], stored, settings, secrets)
        headers = {"Content-Type": "application/json", **({"If-Match": stored.version} if stored.version else {})}
        self._call(
            f"write_{service}",
            stage="write",
            headers=headers,
            body=json.dumps(body).encode(),
            secrets=[text for text in secrets.values() if text],
        )

    def wait(self, retry_after: str | None) -> None:
        """Wait before a repetition, as long as the console asked for."""
        self._transport.wait(retry_after)

    def _call(
        self,
        operation: str,
        *,
        stage: str,
        headers: t.Mapping[str, str] | None = None,
        body: bytes | None = None,
        secrets: t.Iterable[str] = (),
    ) -> tuple[_transport.Reply, str]:
        bound = self._binding["operations"].get(operation)
        if bound is None:
            raise ConsoleError(
                "not_bound",
                f"The binding {self._binding['meta']['name']} has no operation {operation}.",
                stage="binding",
            )
        if bound["mutates"] and self.read_only:
            raise RuntimeError(f"{operation} was asked for in check mode")
        url = self._base + bound["path"]
        what = f"{bound['method']} {url}"
        reply = self._session.send(
            bound["method"],
            url,
            self._carry,
            stage=stage,
            headers={"Accept": "application/json", **(headers or {})},
            body=body,
            retry=not bound["mutates"],
        )
        if reply.status >= 300:
            raise failure(reply, what, stage=stage, secrets=secrets, code=self._special_code(reply.status))
        return reply, what

    def _special_code(self, status: int) -> str | None:
        """A gateway's answer for an agent says that the agent is out of reach, not that the console is ill."""
        return "target_unreachable" if status in (502, 503, 504) and self.target.kind != "cloud" else None

    def _carry(self, session: str) -> dict[str, str]:
        return {name: session for name in self._binding["session_headers"]}

    def _find_base(self) -> str:
        bases, target = self._binding["bases"], self.target
        if target.kind != "cloud" and _directly(self._connection):
            return str(bases["agent_direct"].format(agent=self._agent_address()))
        key = "cloud" if target.kind == "cloud" else "agent_through_cloud"
        if key not in bases:
            raise ConsoleError(
                "agent_address_missing",
                f"The binding {self._binding['meta']['name']} has no way to agents through the cloud.",
                stage="targets",
            )
        parts = urlsplit(
            self._session.platform_url if not self._connection.console_url else self._connection.console_url
        )
        console = f"{parts.scheme}://{parts.netloc}"
        self._connection.require_secure(console, "console_url")
        return str(bases[key].format(console=console, id=target.id))

    def _agent_address(self) -> str:
        connection, target = self._connection, self.target
        address = connection.agent_url
        if not address:
            host = target.host or ""
            if not any(fnmatch.fnmatch(host.lower(), pattern.lower()) for pattern in connection.allowed_agent_hosts):
                raise ConsoleError(
                    "agent_host_not_allowed", f"The platform names the host {host or '(none)'}.", stage="targets"
                )
            # That clear text is allowed does not make it the better way where the platform is spoken to over TLS.
            plain = (
                target.http_port
                and not self._session.platform_url.startswith("https:")
                and (connection.allow_cleartext or is_loopback(host))
            )
            address = f"http://{host}:{target.http_port}" if plain else f"https://{host}:{target.https_port or 7443}"
        connection.require_secure(address, "console_agent_url" if connection.agent_url else "The agent's address")
        if connection.fingerprint:
            self._transport.pin(f"{address}/", connection.fingerprint)
        return address
