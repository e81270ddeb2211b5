# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The console's operations on one execution target, over a binding."""

from __future__ import annotations

import typing as t

from ansible_collections.cai.console.plugins.module_utils import _transport
from ansible_collections.cai.console.plugins.module_utils._binding import Stored, decode, encode, require_closed
from ansible_collections.cai.console.plugins.module_utils._bindings import _bodies
from ansible_collections.cai.console.plugins.module_utils._bindings._json_body import JsonBody
from ansible_collections.cai.console.plugins.module_utils._bindings._words import MISSING
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._http import tls_context
from ansible_collections.cai.console.plugins.module_utils._reach import base_of, directly
from ansible_collections.cai.console.plugins.module_utils._replies import without
from ansible_collections.cai.console.plugins.module_utils._wire import Place, Wire

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._connection import Connection
    from ansible_collections.cai.console.plugins.module_utils._session import Session
    from ansible_collections.cai.console.plugins.module_utils._targets import Target
    from ansible_collections.cai.console.plugins.module_utils._transport import Reply


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
    context = tls_context(connection.ca_path, connection.validate_certs)
    transport = _transport.Transport(
        timeout=connection.timeout, context=context, proxy=connection.proxy, environ=environ, pool=pool, pace=pace
    )
    if connection.fingerprint and not directly(connection):
        transport.pin(f"{connection.console_url or connection.sign_in_url}/", connection.fingerprint)
    return transport


SHORTEST_SECRET = 4
"""What is shorter in a document is none that a server's words have to be searched for."""


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
        self.base = base_of(session, transport, connection, binding, target, identity)
        place = Place(self.base, identity, target.name, not cloud)
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

    def require_allowed(self, service: str) -> None:
        """Refuse a write that replaces more than the services, unless the connection options allow it."""
        if self.replaces_all(service) and not self._connection.allow_whole_document_write:
            raise ConsoleError(
                "whole_document_refused",
                f"By the binding {self._binding['meta']['name']}, a write replaces the engine's whole configuration.",
                stage="plan",
            )

    def replaces_all(self, service: str) -> bool:
        """Whether a write of the service replaces more than the services, without a lock."""
        return bool(self._binding["operations"].get(f"write_{service}", {}).get("replaces_all"))

    def shares_document(self, service: str) -> bool:
        """Whether what is written of the service holds other things too, which may have changed since it was read."""
        bound = self._binding["operations"]
        mine = _address(bound.get(f"write_{service}", {}))
        others = [_address(bound.get(f"write_{other}", {})) for other in self._binding["services"] if other != service]
        return self.replaces_all(service) or (any(mine) and mine in others)

    def write(
        self, service: str, stored: Stored, settings: t.Mapping[str, t.Any], secrets: t.Mapping[str, str | None]
    ) -> t.Any:
        """Save ``settings`` over what was ``stored``; where the console gave a version, only over exactly that one.
        Return what was sent, as ``Stored.raw``.
        """
        self._require_owner()
        self.require_writable(service)
        self.require_allowed(service)
        operation = self._wire.operation(f"write_{service}")
        raw = encode(self.service(service), stored, settings, secrets, operation)
        body = _bodies.body_of(raw)
        hidden = [text for text in secrets.values() if text]
        if operation.get("replaces_all"):
            hidden += [text for _place, text in body.leaves() if len(text) >= SHORTEST_SECRET]
        self._wire.call(f"write_{service}", stage="write", body=body, version=stored.version, secrets=hidden)
        return raw

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
        body = _bodies.begun(bound)
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

    def ask(
        self, operation: str, body: _bodies.Body | None = None, query: t.Mapping[str, str] | None = None
    ) -> _bodies.Body:
        """Carry out an operation that reads something else than a service, and return its answer."""
        reply, what = self._wire.call(operation, stage="read", body=body, query=query)
        return self._wire.opened(operation, reply, what, "read")

    def suspended(self, since: str | None, until: str | None) -> dict[str, t.Any]:
        """Return the processes of the target that were suspended in a time, and whether the list is complete."""
        rows, complete = self._processes()
        rows = [row for row in rows if row.get("processState") == "SUSPENDED"]
        found = [row for row in rows if (since or "") <= row.get("modified", "") <= (until or "9999")]
        return {"suspended": [row["processId"] for row in found], "suspended_count": _count(found, complete)}

    def process_counts(self) -> dict[str, int | str]:
        """Return how many processes of the target are ``faulted`` and ``suspended``, as ``suspended_count`` is."""
        rows, complete = self._processes()
        states = [str(row.get("processState")) for row in rows]
        return {
            name: _count([state for state in states if state == name.upper()], complete)
            for name in ("faulted", "suspended")
        }

    def _processes(self) -> tuple[list[t.Any], bool]:
        answer = self.ask("list_processes")
        listed = answer.get("process")
        return listed if isinstance(listed, list) else [], answer.get("completeRowCount") is True

    def operation(self, operation: str) -> dict[str, t.Any]:
        """Return what the binding says of an operation; a ConsoleError ``not_bound`` where it has none."""
        return self._wire.operation(operation)

    def exchange(
        self, operation: str, *, stage: str, body: JsonBody | None = None, secrets: t.Iterable[str] = ()
    ) -> tuple[Reply, str]:
        """Carry out an operation of any kind; return the answer, and what the request is called in messages."""
        if self._wire.operation(operation)["mutates"]:
            self._require_owner()
        return self._wire.call(operation, stage=stage, body=body, secrets=secrets)

    def operate(
        self, operation: str, body: t.Mapping[str, t.Any] | None = None, *, secrets: t.Iterable[str] = ()
    ) -> t.Any:
        """Carry out an operation that is more than reading and saving; return its JSON answer, None without one."""
        sent = None if body is None else JsonBody(dict(body))
        reply, what = self.exchange(operation, stage="authorize", body=sent, secrets=secrets)
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


def _count(found: t.Sized, complete: bool) -> int | str:
    return len(found) if complete else f"at least {len(found)}"


def _address(operation: t.Mapping[str, t.Any]) -> tuple[t.Any, ...]:
    """Return what tells a request from others, whatever its body says of settings."""
    return tuple(operation.get(name) for name in ("method", "path", "query", "fixed", "at"))


def _known(value: t.Any) -> t.Any:
    return None if value is MISSING else value
