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


MAX_POLLS = 120
POLL_SECONDS = 0.5


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
    def read(cls, places: t.Mapping[str, str], answer: t.Any, what: str) -> TestOutcome:
        """Read it from the console's answer, by the binding's ``places``."""
        if not isinstance(answer, dict) or not isinstance(answer.get(places["ok"]), bool):
            raise ConsoleError(
                "unexpected_reply", f"The answer to {what} does not say whether it went well.", stage="test"
            )
        code = answer.get(places["code"])
        return cls(
            answer[places["ok"]],
            answer.get(places["stage"]),
            code if isinstance(code, int) else None,
            str(answer.get(places["message"]) or ""),
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
        reply, what = self._call(f"read_{service}", stage="read")
        body = reply.json(f"The answer to {what}", "read")
        return decode(self.service(service), body, reply.headers.get("etag"), f"The answer to {what}")

    def write(
        self, service: str, stored: Stored, settings: t.Mapping[str, t.Any], secrets: t.Mapping[str, str | None]
    ) -> None:
        """Save ``settings`` over what was ``stored``; where the console gave a version, only over exactly that one."""
        if self.target.owner:
            raise ConsoleError(
                "not_owner", f"The group is shared by the organisation {self.target.owner}.", stage="plan"
            )
        body = encode(self.service(service), stored, settings, secrets)
        headers = {"Content-Type": "application/json", **({"If-Match": stored.version} if stored.version else {})}
        self._call(
            f"write_{service}",
            stage="write",
            headers=headers,
            body=json.dumps(body).encode(),
            secrets=[text for text in secrets.values() if text],
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
        bound = self._operation(f"test_{service}")
        body: dict[str, t.Any] = {}
        if stored is not None:
            body[bound["candidate_at"]] = encode(self.service(service), stored, settings, secrets)
        if recipient:
            body[bound["recipient_at"]] = recipient
        reply, what = self._call(
            f"test_{service}",
            stage="test",
            headers={"Content-Type": "application/json"},
            body=json.dumps(body).encode(),
            secrets=[text for text in secrets.values() if text],
        )
        answer = reply.json(f"The answer to {what}", "test")
        if reply.status == 202 and "job" in bound:
            answer = self._await_job(bound, answer)
        return TestOutcome.read(bound["outcome"], answer, what)

    def suspended(self, since: str | None, until: str | None) -> dict[str, t.Any]:
        """Return the processes of the target that were suspended in a time, and whether the list is complete."""
        reply, what = self._call("list_processes", stage="read")
        answer = reply.json(f"The answer to {what}", "read")
        rows = [row for row in answer.get("process", ()) if row.get("processState") == "SUSPENDED"]
        found = [row for row in rows if (since or "") <= row.get("modified", "") <= (until or "9999")]
        count: int | str = len(found) if answer.get("completeRowCount") else f"at least {len(found)}"
        return {"suspended": [row["processId"] for row in found], "suspended_count": count}

    def operation(self, operation: str) -> dict[str, t.Any]:
        """Return what the binding says of an operation; a ConsoleError ``not_bound`` where it has none."""
        return self._operation(operation)

    def operate(
        self, operation: str, body: t.Mapping[str, t.Any] | None = None, *, secrets: t.Iterable[str] = ()
    ) -> t.Any:
        """Carry out an operation that is more than reading and saving; return its JSON answer, None without one."""
        if self.target.owner and self._operation(operation)["mutates"]:
            raise ConsoleError(
                "not_owner", f"The group is shared by the organisation {self.target.owner}.", stage="plan"
            )
        data = None if body is None else json.dumps(body).encode()
        headers = {} if body is None else {"Content-Type": "application/json"}
        reply, what = self._call(operation, stage="authorize", headers=headers, body=data, secrets=secrets)
        return reply.json(f"The answer to {what}", "authorize") if reply.body else None

    def pause(self, seconds: float) -> None:
        """Wait between two questions about the same thing."""
        self._transport.pause(seconds)

    def wait(self, retry_after: str | None) -> None:
        """Wait before a repetition, as long as the console asked for."""
        self._transport.wait(retry_after)

    def _operation(self, operation: str) -> dict[str, t.Any]:
        bound = self._binding["operations"].get(operation)
        if bound is None:
            name = self._binding["meta"]["name"]
            raise ConsoleError("not_bound", f"The binding {name} has no operation {operation}.", stage="binding")
        return t.cast("dict[str, t.Any]", bound)

    def _await_job(self, bound: dict[str, t.Any], answer: t.Any) -> t.Any:
        """Ask for the job's state until it is done, for a bounded time."""
        job = bound["job"]
        path = job["path"].format(id=_member(answer, job["id"]))
        for _poll in range(MAX_POLLS):
            reply = self._send({"method": "GET", "path": path, "mutates": False}, stage="test", body=None)
            answer = reply.json("The answer about the test's job", "test")
            if _member(answer, job["state"]) in job["done"]:
                return answer
            self._transport.pause(POLL_SECONDS)
        raise ConsoleError("console_timeout", "The console's test did not end in time.", stage="test")

    def _call(
        self,
        operation: str,
        *,
        stage: str,
        headers: t.Mapping[str, str] | None = None,
        body: bytes | None = None,
        secrets: t.Iterable[str] = (),
    ) -> tuple[_transport.Reply, str]:
        bound = self._operation(operation)
        if bound["mutates"] and self.read_only:
            raise RuntimeError(f"{operation} was asked for in check mode")
        what = f"{bound['method']} {self._base}{bound['path']}"
        reply = self._send(bound, stage=stage, headers=headers, body=body)
        if reply.status >= 300:
            raise failure(reply, what, stage=stage, secrets=secrets, code=self._special_code(reply.status))
        return reply, what

    def _send(
        self,
        bound: t.Mapping[str, t.Any],
        *,
        stage: str,
        body: bytes | None,
        headers: t.Mapping[str, str] | None = None,
    ) -> _transport.Reply:
        return self._session.send(
            bound["method"],
            self._base + bound["path"],
            self._carry,
            stage=stage,
            headers={"Accept": "application/json", **(headers or {})},
            body=body,
            retry=not bound["mutates"],
        )

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


def _member(answer: t.Any, name: str) -> t.Any:
    if not isinstance(answer, dict) or name not in answer:
        raise ConsoleError("unexpected_reply", f"The answer about the test's job has no {name}.", stage="test")
    return answer[name]
