# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The console's operations on one execution target, over a binding."""

from __future__ import annotations

import dataclasses
import fnmatch
import typing as t
from urllib.parse import quote, urlsplit

from ansible_collections.cai.console.plugins.module_utils import _transport
from ansible_collections.cai.console.plugins.module_utils._binding import Stored, decode, encode, require_closed
from ansible_collections.cai.console.plugins.module_utils._bindings import _bodies
from ansible_collections.cai.console.plugins.module_utils._bindings._json_body import JsonBody
from ansible_collections.cai.console.plugins.module_utils._bindings._words import MISSING
from ansible_collections.cai.console.plugins.module_utils._connection import is_loopback
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._replies import without
from ansible_collections.cai.console.plugins.module_utils._wire import Place, Wire

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._connection import Connection
    from ansible_collections.cai.console.plugins.module_utils._session import Session
    from ansible_collections.cai.console.plugins.module_utils._targets import Target


def open_transport(
    connection: Connection,
    environ: t.Mapping[str, str] | None = None,
    *,
    pool: int = 10,
    pace: _transport.Pace | None = None,
) -> _transport.Transport:
    """Return the transport that the connection options ask for. A fingerprint replaces the CA for the console's
    address, or for the agent's own where that is used. ``pool`` and ``pace``: see ``Transport``.
    """
    context = _transport.tls_context(connection.ca_path, connection.validate_certs)
    transport = _transport.Transport(
        timeout=connection.timeout, context=context, proxy=connection.proxy, environ=environ, pool=pool, pace=pace
    )
    if connection.fingerprint and not _directly(connection):
        transport.pin(f"{connection.console_url or connection.sign_in_url}/", connection.fingerprint)
    return transport


def _directly(connection: Connection) -> bool:
    """Agents are reached at their own address where the user named one or allowed it, else through the cloud."""
    return bool(connection.agent_url or connection.allowed_agent_hosts)


class TestOutcome(t.NamedTuple):
    """What the console's test says; ``stage`` and ``code`` (the mail server's) are where it failed, if that is told."""

    ok: bool
    stage: str | None
    code: int | None
    message: str

    @classmethod
    def read(cls, places: t.Mapping[str, t.Any], said: t.Callable[[str], t.Any], what: str) -> TestOutcome:
        """Read it from the console's answer, by the binding's ``places``; ``said`` returns what stands at one."""
        verdict, words = said(places["ok"]), places.get("words")
        known = isinstance(verdict, bool) if words is None else isinstance(verdict, str) and bool(verdict)
        if not known:
            raise ConsoleError(
                "unexpected_reply", f"The answer to {what} does not say whether it went well.", stage="test"
            )
        found = {name: said(places[name]) for name in ("stage", "code", "message") if name in places}
        code, stage, text = str(found.get("code")), found.get("stage"), found.get("message")
        return cls(
            verdict if words is None else any(verdict.startswith(word) for word in words),
            stage if isinstance(stage, str) and stage else None,
            int(code) if code.isdecimal() else None,
            text if isinstance(text, str) else "",
        )


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
        self.name = connection.console_url or connection.sign_in_url
        self.target = target
        self.read_only = read_only
        cloud = target.kind == "cloud"
        identity = binding["bases"].get("cloud_id", target.id) if cloud else target.id
        place = Place(self._find_base(identity), identity, target.name, not cloud)
        self._wire = Wire(session, transport, binding, place, read_only=read_only)

    def bound_services(self) -> list[str]:
        """Return the services that the binding has."""
        return list(self._binding["services"])

    def service(self, service: str) -> dict[str, t.Any]:
        """Return what the binding says of a service: ``fields``, ``omitted_secret`` and the like."""
        if service not in self._binding["services"]:
            raise ConsoleError(
                "not_bound", f"The binding {self._binding['meta']['name']} has no {service}.", stage="binding"
            )
        return t.cast("dict[str, t.Any]", self._binding["services"][service])

    def read(self, service: str) -> Stored:
        """Return what the console holds for a service."""
        reply, what = self._wire.call(f"read_{service}", stage="read")
        body = self._wire.opened(f"read_{service}", reply, what, "read")
        return decode(self.service(service), body.raw, reply.headers.get("etag"), f"The answer to {what}")

    def require_writable(self, service: str) -> None:
        """Refuse a write that the binding does not know enough for; nothing is sent."""
        require_closed(service, self._binding)

    def write(
        self, service: str, stored: Stored, settings: t.Mapping[str, t.Any], secrets: t.Mapping[str, str | None]
    ) -> None:
        """Save ``settings`` over what was ``stored``; where the console gave a version, only over exactly that one."""
        self._require_owner()
        self.require_writable(service)
        operation = self._wire.operation(f"write_{service}")
        if self._shares_document(service):
            # Another service may have been saved since; its settings are in the same document.
            now = self.read(service)
            stored = dataclasses.replace(stored, raw=now.raw, version=now.version)
        raw = encode(self.service(service), stored, settings, secrets, operation)
        self._wire.call(
            f"write_{service}",
            stage="write",
            body=_bodies.body_of(raw),
            version=stored.version,
            secrets=[text for text in secrets.values() if text],
        )

    def _shares_document(self, service: str) -> bool:
        """Whether another service is saved by the very same request, as a part of the same document."""
        operations = self._binding["operations"]
        mine = _address(operations[f"write_{service}"])
        return any(
            _address(operations.get(f"write_{other}", {})) == mine
            for other in self._binding["services"]
            if other != service
        )

    def test(
        self,
        service: str,
        stored: Stored | None,
        settings: t.Mapping[str, t.Any],
        secrets: t.Mapping[str, str | None],
        recipient: str | None,
    ) -> TestOutcome:
        """Let the console test the service: what it has stored, or ``settings`` laid over ``stored`` as a candidate."""
        bound = self._wire.operation(f"test_{service}")
        body = _bodies.BODIES[bound.get("body", "json")](None)
        if stored is None and bound.get("tests") == "candidate":
            stored = self.read(service)
            settings = stored.settings
        if stored is not None:
            if bound.get("tests") == "stored":
                said = f"By the binding {self._binding['meta']['name']}, the console tests what is stored only."
                raise ConsoleError("not_bound", said, stage="test")
            body = self._candidate(bound, encode(self.service(service), stored, settings, secrets, bound))
        if recipient and "recipient_at" in bound:
            body.put(bound["recipient_at"], recipient)
        hidden = [text for text in secrets.values() if text]
        reply, what = self._wire.call(f"test_{service}", stage="test", body=body, secrets=hidden)
        if bound.get("reply") == "html":
            outcome = TestOutcome.read(bound["outcome"], lambda place: _bodies.said(reply, bound, place), what)
        else:
            answer = _bodies.opened(reply, bound, f"The answer to {what}", "test")
            outcome = TestOutcome.read(bound["outcome"], lambda place: _known(answer.get(place)), what)
        return outcome._replace(message=without(outcome.message, hidden))

    def _candidate(self, bound: t.Mapping[str, t.Any], raw: t.Any) -> _bodies.Body:
        """Return the test's body with the settings to be tested: at their place, or as the whole of it."""
        body = _bodies.body_of(raw)
        return body.wrapped(bound["candidate_at"], {}) if "candidate_at" in bound else body

    def suspended(self, since: str | None, until: str | None) -> dict[str, t.Any]:
        """Return the processes of the target that were suspended in a time, and whether the list is complete."""
        reply, what = self._wire.call("list_processes", stage="read")
        answer = self._wire.opened("list_processes", reply, what, "read")
        listed = answer.get("process")
        rows = [row for row in listed if row.get("processState") == "SUSPENDED"] if isinstance(listed, list) else []
        found = [row for row in rows if (since or "") <= row.get("modified", "") <= (until or "9999")]
        count: int | str = len(found) if answer.get("completeRowCount") is True else f"at least {len(found)}"
        return {"suspended": [row["processId"] for row in found], "suspended_count": count}

    def operation(self, operation: str) -> dict[str, t.Any]:
        """Return what the binding says of an operation; a ConsoleError ``not_bound`` where it has none."""
        return self._wire.operation(operation)

    def operate(
        self, operation: str, body: t.Mapping[str, t.Any] | None = None, *, secrets: t.Iterable[str] = ()
    ) -> t.Any:
        """Carry out an operation that is more than reading and saving; return its JSON answer, None without one."""
        if self._wire.operation(operation)["mutates"]:
            self._require_owner()
        sent = None if body is None else JsonBody(dict(body))
        reply, what = self._wire.call(operation, stage="authorize", body=sent, secrets=secrets)
        return reply.json(f"The answer to {what}", "authorize") if reply.body else None

    def pause(self, seconds: float) -> None:
        """Wait between two questions about the same thing."""
        self._transport.pause(seconds)

    def wait(self, tried: int, retry_after: str | None) -> None:
        """Wait after so many attempts before the next, as long as the console asked for."""
        self._transport.wait(tried, retry_after)

    def _require_owner(self) -> None:
        if self.target.owner:
            raise ConsoleError(
                "not_owner", f"The group is shared by the organisation {self.target.owner}.", stage="plan"
            )

    def _find_base(self, identity: str) -> str:
        bases, target = self._binding["bases"], self.target
        ids = {"id": quote(identity, safe=""), "name": quote(target.name, safe="")}
        if target.kind != "cloud" and _directly(self._connection) and "agent_direct" in bases:
            return str(bases["agent_direct"].format(agent=self._agent_address(), **ids))
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
        return str(bases[key].format(console=console, **ids))

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


def _address(operation: t.Mapping[str, t.Any]) -> tuple[t.Any, ...]:
    """Return what tells a request from others, whatever its body says of settings."""
    return tuple(operation.get(name) for name in ("method", "path", "query", "fixed", "at"))


def _known(value: t.Any) -> t.Any:
    return None if value is MISSING else value
