# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries out a binding's operations: the request, what carries the session, and whether the answer means yes."""

from __future__ import annotations

import fnmatch
import typing as t
from urllib.parse import quote, urlencode, urljoin, urlsplit

from ansible_collections.cai.console.plugins.module_utils._bindings import _bodies, _session_carriers, _soap_body
from ansible_collections.cai.console.plugins.module_utils._bindings._words import MISSING
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._replies import failure

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._bindings._bodies import Body
    from ansible_collections.cai.console.plugins.module_utils._session import Session
    from ansible_collections.cai.console.plugins.module_utils._transport import Reply, Transport

MAX_POLLS = 120
POLL_SECONDS = 0.5
REDIRECTS = (301, 302, 303, 307, 308)
Bound = t.Mapping[str, t.Any]


class Place(t.NamedTuple):
    """Where the operations go: the base of every path, and the target's ``id`` and ``name`` for placeholders. ``far``:
    a gateway stands before it.
    """

    base: str
    id: str
    name: str
    far: bool

    def filled(self, value: t.Any, *, quoted: bool = False) -> t.Any:
        """Return a text of the binding with its placeholders filled in."""
        if not isinstance(value, str) or "{" not in value:
            return value
        values = {"id": self.id, "name": self.name}
        return value.format(**({key: quote(text, safe="") for key, text in values.items()} if quoted else values))

    def url(self, path: str, query: t.Mapping[str, t.Any] | None, more: t.Mapping[str, str]) -> str:
        """Return an address below the base."""
        parameters = {name: self.filled(value) for name, value in {**(query or {}), **more}.items()}
        return f"{self.base}{self.filled(path, quoted=True)}" + (f"?{urlencode(parameters)}" if parameters else "")


class Wire:
    """The operations of a binding at one target. ``read_only`` refuses those that mutate."""

    def __init__(
        self, session: Session, transport: Transport, binding: Bound, place: Place, *, read_only: bool
    ) -> None:
        self._session = session
        self._transport = transport
        self._binding = binding
        self._carriers: Bound = binding["session"]
        self._place = place
        self._read_only = read_only

    def operation(self, operation: str) -> dict[str, t.Any]:
        """Return what the binding says of an operation; a ConsoleError where it has none, or leaves it open."""
        bound = self._binding["operations"].get(operation)
        name = self._binding["meta"]["name"]
        if bound is None:
            raise ConsoleError("not_bound", f"The binding {name} has no operation {operation}.", stage="binding")
        if "open" in bound:
            said = f"The binding {name} leaves {operation} open: {bound['open']}."
            raise ConsoleError("binding_open", said, stage="binding")
        return t.cast("dict[str, t.Any]", bound)

    def call(
        self,
        operation: str,
        *,
        stage: str,
        body: Body | None = None,
        version: str | None = None,
        secrets: t.Iterable[str] = (),
        query: t.Mapping[str, str] | None = None,
    ) -> tuple[Reply, str]:
        """Carry it out; return the answer, and what the request is called in messages. An answer that means no, or one
        that the binding does not expect, is a ConsoleError. ``query``: more parameters than the binding has.
        """
        bound: Bound = self.operation(operation)
        if query:
            bound = {**bound, "query": {**bound.get("query", {}), **query}}
        if bound["mutates"] and self._read_only:
            raise RuntimeError(f"{operation} was asked for in check mode")
        if "open" in self._carriers:
            said = f"The binding {self._binding['meta']['name']} leaves the session open: {self._carriers['open']}."
            raise ConsoleError("binding_open", said, stage="binding")
        what = f"{bound['method']} {self._place.base}{self._place.filled(bound['path'], quoted=True)}"
        reply = self._send(bound, stage=stage, body=self._complete(bound, body), version=version)
        self._require_yes(reply, bound, what, stage, secrets)
        if reply.status == 202 and "job" in bound and bound["mutates"]:
            reply = self._await_job(bound, reply, stage, secrets)
        return reply, what

    def opened(self, operation: str, reply: Reply, what: str, stage: str) -> Body:
        """Return what the answer holds at the operation's place."""
        bound = self.operation(operation)
        answer = f"The answer to {what}"
        body = _bodies.opened(reply, bound, answer, stage)
        mutates = bound["mutates"] or not operation.startswith("read_")
        found = body if mutates else _bodies.part(body, bound.get("at"), answer, stage)
        for place in _session_carriers.volatile(self._carriers):
            found.drop(place)
        return found

    def _complete(self, bound: Bound, body: Body | None) -> Body | None:
        """Return the whole body: what it stands in, and what is fixed."""
        fixed = {name: self._place.filled(value) for name, value in bound.get("fixed", {}).items()}
        body = _bodies.enclosed(body, bound)
        if body is None:
            return _bodies.begun(bound).wrapped(None, fixed) if fixed else None
        at = bound.get("at") if bound["mutates"] else None
        return body.wrapped(at, fixed) if at or fixed else body

    def _send(self, bound: Bound, *, stage: str, body: Body | None, version: str | None = None) -> Reply:
        tokens = self._tokens() if bound["mutates"] else _session_carriers.NO_TOKENS
        if tokens.fields:
            body = _bodies.begun(bound) if body is None else body.copy()
            for place, token in tokens.fields.items():
                body.put(place, token)
        headers = {"Accept": _bodies.ACCEPTS[bound.get("reply", "json")], **self._headers(bound)}
        if body is not None:
            headers["Content-Type"] = body.content_type
        if version:
            headers["If-Match"] = version
        if self._carriers.get("basic"):
            headers.update(self._session.basic())
        return self._session.send(
            bound["method"],
            self._place.url(bound["path"], bound.get("query"), tokens.query),
            lambda session: _session_carriers.carry(self._carriers, session, tokens),
            stage=stage,
            headers=headers,
            body=None if body is None else body.encoded(),
            retry=not bound["mutates"],
            follow="expired_redirect" not in self._carriers and "redirect" not in bound.get("success", {}),
            ended=self._has_ended,
        )

    def _headers(self, bound: Bound) -> dict[str, str]:
        return {name: str(self._place.filled(value, quoted=True)) for name, value in bound.get("headers", {}).items()}

    def _tokens(self) -> _session_carriers.Tokens:
        rows = self._carriers.get("tokens", ())

        def fetch(row: Bound) -> Reply:
            page = {"method": "GET", "path": row["path"], "query": row.get("query", {}), "mutates": False}
            reply = self._send({**page, "reply": "html"}, stage="write", body=None)
            if reply.status >= 300:
                raise failure(reply, f"GET {self._place.base}{row['path']}", stage="write", code=self._code(reply))
            return reply

        return _session_carriers.collect(rows, fetch) if rows else _session_carriers.NO_TOKENS

    def _has_ended(self, reply: Reply) -> bool:
        """Whether the answer says that the session has ended: 401, or a redirect to where one signs in."""
        pattern = self._carriers.get("expired_redirect")
        return reply.status == 401 or bool(
            pattern and reply.status in REDIRECTS and fnmatch.fnmatchcase(_path_of(reply), pattern)
        )

    def _require_yes(self, reply: Reply, bound: Bound, what: str, stage: str, secrets: t.Iterable[str]) -> None:
        success: Bound = bound.get("success", {})
        fault = _soap_body.fault_of(reply.body) if bound.get("reply") == "soap" else None
        if fault is not None:
            code = "write_refused" if stage == "write" else None if reply.status >= 300 else "unexpected_reply"
            raise failure(reply, what, stage=stage, secrets=secrets, code=code, text=fault.text)
        expected = reply.status in success["status"] if "status" in success else reply.status < 300
        text = _bodies.said(reply, bound, bound["message_at"]) if "message_at" in bound else ""
        if not expected:
            raise failure(reply, what, stage=stage, secrets=secrets, code=self._code(reply), text=text)
        if reply.status in REDIRECTS:
            self._require_place(reply, success, what, stage)
        elif "at" in success and _bodies.said(reply, bound, success["at"]) not in success.get("words", ()):
            code = "write_refused" if stage == "write" else "unexpected_reply"
            raise failure(reply, what, stage=stage, secrets=secrets, code=code, text=text)

    def _require_place(self, reply: Reply, success: Bound, what: str, stage: str) -> None:
        """A redirect means yes only where the binding says, and never to somebody else."""
        there = urlsplit(urljoin(f"{self._place.base}/", reply.headers.get("location", "")))
        if (there.scheme, there.netloc) != urlsplit(self._place.base)[:2]:
            raise ConsoleError("redirect_refused", f"{what} redirects to {there.scheme}://{there.netloc}.", stage=stage)
        if not fnmatch.fnmatchcase(there.path, self._place.filled(success.get("redirect", ""), quoted=True)):
            raise ConsoleError(
                "write_refused" if stage == "write" else "unexpected_reply",
                f"{what} redirects to {there.path}, which the binding does not take for a yes.",
                stage=stage,
            )

    def _code(self, reply: Reply) -> str | None:
        """A gateway's answer for an agent says that the agent is out of reach, not that the console is ill."""
        return "target_unreachable" if reply.status in (502, 503, 504) and self._place.far else None

    def _await_job(self, bound: Bound, reply: Reply, stage: str, secrets: t.Iterable[str]) -> Reply:
        """Ask for the job's state until it is done, for a bounded time; return the last answer."""
        job = bound["job"]
        asked: Bound = {
            "method": "GET",
            "path": self._job_path(bound, reply, stage),
            "mutates": False,
            "reply": bound.get("reply", "json"),
            "headers": bound.get("headers", {}),
        }
        for _poll in range(MAX_POLLS):
            reply = self._send(asked, stage=stage, body=None)
            what = "The answer about the job"
            if reply.status >= 300:
                raise failure(reply, what, stage=stage, secrets=secrets, code=self._code(reply))
            state = _member(_bodies.opened(reply, asked, what, stage), job["state"], stage)
            if state in job.get("failed", ()):
                text = _bodies.said(reply, bound, bound.get("message_at", ""))
                code = "write_refused" if stage == "write" else "unexpected_reply"
                raise failure(reply, "The job", stage=stage, secrets=secrets, code=code, text=text)
            if state in job["done"]:
                return reply
            self._transport.pause(POLL_SECONDS)
        what = "The console's test" if stage == "test" else "The console's job"
        raise ConsoleError("console_timeout", f"{what} did not end in time.", stage=stage)

    def _job_path(self, bound: Bound, reply: Reply, stage: str) -> str:
        job = bound["job"]
        if "path" in job:
            answer = _bodies.opened(reply, bound, "The answer that promises a job", stage)
            number = quote(str(_member(answer, job["id"], stage)), safe="")
            return str(job["path"]).replace("{job}", number)
        there = urljoin(f"{self._place.base}/", reply.headers.get("location", ""))
        if not there.startswith(f"{self._place.base}/"):
            raise ConsoleError("unexpected_reply", "The answer promises a job, but not below its base.", stage=stage)
        return there[len(self._place.base) :].replace("{", "%7B").replace("}", "%7D")


def _member(answer: Body, place: str, stage: str) -> t.Any:
    found = answer.get(place)
    if found is MISSING:
        raise ConsoleError("unexpected_reply", f"The answer about the job has no {place}.", stage=stage)
    return found


def _path_of(reply: Reply) -> str:
    return urlsplit(reply.headers.get("location", "")).path
