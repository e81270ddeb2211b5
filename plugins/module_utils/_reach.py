# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How an execution target is reached: the base of every address there, by the binding and the connection options."""

from __future__ import annotations

import fnmatch
import typing as t
from urllib.parse import quote, urlsplit

from ansible_collections.cai.console.plugins.module_utils._connection import is_loopback
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._connection import Connection
    from ansible_collections.cai.console.plugins.module_utils._session import Session
    from ansible_collections.cai.console.plugins.module_utils._targets import Target
    from ansible_collections.cai.console.plugins.module_utils._transport import Transport


def directly(connection: Connection) -> bool:
    """Agents are reached at their own address where the user named one or allowed it, else through the cloud."""
    return bool(connection.agent_url or connection.allowed_agent_hosts)


def base_of(
    session: Session,
    transport: Transport,
    connection: Connection,
    binding: t.Mapping[str, t.Any],
    target: Target,
    identity: str,
) -> str:
    """Return what every address at the target begins with; a ConsoleError where there is no way, or none is allowed.

    ``identity``: the target's id in addresses.
    """
    bases = binding["bases"]
    ids = {"id": quote(identity, safe=""), "name": quote(target.name, safe="")}
    if target.kind != "cloud" and directly(connection) and "agent_direct" in bases:
        key, origin = "agent_direct", _agent_address(session, transport, connection, target)
    else:
        key = "cloud" if target.kind == "cloud" else "agent_through_cloud"
        if key not in bases:
            raise ConsoleError(
                "agent_address_missing",
                f"The binding {binding['meta']['name']} has no way to agents through the cloud.",
                stage="targets",
            )
        parts = urlsplit(session.platform_url if not connection.console_url else connection.console_url)
        origin = f"{parts.scheme}://{parts.netloc}"
        connection.require_secure(origin, "console_url")
    if "{organization}" in bases[key]:
        ids["organization"] = quote(_organization(session, connection, binding), safe="")
    return str(bases[key].format(console=origin, agent=origin, **ids))


def _organization(session: Session, connection: Connection, binding: t.Mapping[str, t.Any]) -> str:
    known = connection.organization_id or next(iter(session.known_organization_ids()), None)
    if known is None:
        raise ConsoleError(
            "invalid_option",
            f"The binding {binding['meta']['name']} has the organisation's id in addresses, and a given session does "
            "not tell it.",
            stage="options",
            remedy="Set console_organization_id.",
        )
    return known


def _agent_address(session: Session, transport: Transport, connection: Connection, target: Target) -> str:
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
            and not session.platform_url.startswith("https:")
            and (connection.allow_cleartext or is_loopback(host))
        )
        address = f"http://{host}:{target.http_port}" if plain else f"https://{host}:{target.https_port or 7443}"
    connection.require_secure(address, "console_agent_url" if connection.agent_url else "The agent's address")
    if connection.fingerprint:
        transport.pin(f"{address}/", connection.fingerprint)
    return address
