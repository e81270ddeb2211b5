# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A session at the console: sign in once, carry the id, renew it once when it has ended, sign out what was opened."""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import time
import typing as t

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError, LostReply
from ansible_collections.cai.console.plugins.module_utils._replies import failure, server_text
from ansible_collections.cai.console.plugins.module_utils._transport import BUSY, MAX_BYTES, MAX_TRIES

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._connection import Connection
    from ansible_collections.cai.console.plugins.module_utils._transport import Reply, Transport

V3_SIGN_IN = "/saas/public/core/v3/login"
V2_SIGN_IN = "/ma/api/v2/user/login"
JSON_HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}
ANY, NEWER, NOW = "any", "newer", "now"
"""How fresh a remembered value has to be: read before; read again once after a lookup missed; read again now."""


class SessionRecord(t.NamedTuple):
    """A session that was opened. ``platform_url`` (base of the platform's interface) ends without a slash."""

    id: str
    platform_url: str
    organization_ids: tuple[str, ...] = ()

    def as_option(self) -> dict[str, str]:
        """Return it as the value of ``console_session``."""
        return {"id": self.id, "platform_url": self.platform_url}


class SessionStore(t.Protocol):
    """Where a task's session comes from, and what else outlives one request.

    ``patience``: seconds for which a request that a renewed session is refused too is repeated; with 0, once.
    """

    patience: float

    def obtain(self, sign_in: t.Callable[[], SessionRecord], refused_id: str | None = None) -> SessionRecord:
        """Return a session, by ``sign_in`` where there is none; ``refused_id`` was answered by a 401."""

    def remember(self, what: str, load: t.Callable[[], t.Any], need: str = ANY) -> t.Any:
        """Return a JSON value about the organisation, by ``load`` where none is known that is as fresh as needed."""

    def to_sign_out(self) -> t.Sequence[SessionRecord]:
        """Return the sessions that the task itself has to sign out."""


class OwnSessions:
    """The store of a task that stands alone: it signs in by itself, and out again."""

    patience = 0.0

    def __init__(self) -> None:
        self._opened: list[SessionRecord] = []
        self._known: dict[str, t.Any] = {}

    def obtain(self, sign_in: t.Callable[[], SessionRecord], refused_id: str | None = None) -> SessionRecord:
        """Sign in."""
        self._opened.append(sign_in())
        return self._opened[-1]

    def remember(self, what: str, load: t.Callable[[], t.Any], need: str = ANY) -> t.Any:
        """Return what this task read before; a single task reads nothing twice because a lookup missed."""
        if need == NOW or what not in self._known:
            self._known[what] = load()
        return self._known[what]

    def to_sign_out(self) -> t.Sequence[SessionRecord]:
        """Return every session that was opened here."""
        return self._opened


def _is_401(reply: Reply) -> bool:
    return reply.status == 401


class Session:
    """The session of one task: a given one, or one of the ``store``. Signs in at the first need."""

    def __init__(self, transport: Transport, connection: Connection, store: SessionStore | None = None) -> None:
        self._transport = transport
        self._connection = connection
        self._record: SessionRecord | None = None
        self.store = OwnSessions() if store is None else store

    @property
    def id(self) -> str:
        """The session's id; signs in if there is none yet."""
        return self._connection.session_id or self._current().id

    @property
    def organization_ids(self) -> tuple[str, ...]:
        """The ids of the session's organisation; none while there is no session, or for a given one."""
        return self._record.organization_ids if self._record else ()

    def basic(self) -> dict[str, str]:
        """Return the header that carries the connection's user name and password by HTTP Basic."""
        wanted = self._connection
        if not wanted.username or not wanted.password:
            raise ConsoleError(
                "invalid_option",
                "The binding sends a user name and password by HTTP Basic, and here is a session only.",
                stage="options",
                remedy="Give console_username and console_password, and let the task run on the controller.",
            )
        encoded = base64.b64encode(f"{wanted.username}:{wanted.password}".encode()).decode()
        return {"Authorization": f"Basic {encoded}"}

    def known_organization_ids(self) -> tuple[str, ...]:
        """Return the ids of the session's organisation, as the sign-in told them; a given session tells none."""
        return () if self._connection.session_id else self._current().organization_ids

    @property
    def platform_url(self) -> str:
        """Base of the platform's interface: from the sign-in's reply; for a given session that names none,
        ``{console_url}/saas`` (assumed).
        """
        url = self._given_platform_url() if self._connection.session_id else self._current().platform_url
        self._connection.require_secure(url, "The platform's address from the sign-in")
        return url

    def renew(self, refused_id: str | None = None) -> SessionRecord:
        """Return the session to go on with, after ``refused_id`` was answered by a 401."""
        wanted = self._connection
        wanted.require_secure(wanted.sign_in_url, "console_url")
        record = self.store.obtain(self._sign_in, refused_id)
        expected = wanted.organization_id
        if expected and expected not in record.organization_ids:
            found = ", ".join(record.organization_ids)
            raise ConsoleError(
                "organization_mismatch",
                f"console_organization_id is {expected}, but the user's organisation is {found}.",
                stage="sign_in",
            )
        self._record = record
        return record

    def send(
        self,
        method: str,
        url: str,
        carry: t.Callable[[str], t.Mapping[str, str]],
        *,
        stage: str,
        headers: t.Mapping[str, str] | None = None,
        body: bytes | None = None,
        retry: bool = False,
        follow: bool = True,
        most: int = MAX_BYTES,
        ended: t.Callable[[Reply], bool] = _is_401,
    ) -> Reply:
        """Send a request with the session in the headers that ``carry(id)`` returns. A 401, or what else ``ended``
        takes for one, is answered by one renewal and a repetition; where the store is patient, by some more with the
        same session. Without ``follow``, a redirect is the answer.
        """

        def attempt(used: str) -> Reply:
            return self._transport.send(
                method,
                url,
                stage=stage,
                headers={**(headers or {}), **carry(used)},
                body=body,
                retry=retry,
                follow=follow,
                most=most,
            )

        used = self.id
        reply = attempt(used)
        until = time.monotonic() + self.store.patience
        while ended(reply) and not self._connection.session_id:
            used = self.renew(used).id
            reply = attempt(used)
            if time.monotonic() >= until:
                break
        if ended(reply):
            raise failure(reply, f"{method} {url}", stage=stage, code="session_expired")
        return reply

    def close(self) -> None:
        """Sign out what was opened here. Never raises: the work is done, and the session would end by itself."""
        for record in self.store.to_sign_out():
            sign_out(self._transport, record)

    def _current(self) -> SessionRecord:
        return self._record or self.renew()

    def _given_platform_url(self) -> str:
        given = self._connection
        if given.platform_url:
            return given.platform_url
        if not given.console_url:
            raise ConsoleError(
                "invalid_option",
                "console_session is given without the platform's address.",
                stage="options",
                remedy="Give console_session as an object with id and platform_url, or set console_url.",
            )
        return f"{given.console_url}/saas"

    def _sign_in(self) -> SessionRecord:
        wanted, base = self._connection, self._connection.sign_in_url
        who = {"username": wanted.username, "password": wanted.password}
        reply = self._ask(base + V3_SIGN_IN, who)
        if reply.status in (404, 405, 410):
            reply = self._ask(base + V2_SIGN_IN, {"@type": "login", **who})
        if reply.status >= 300:
            raise failure(reply, f"The sign-in at {base}", stage="sign_in", secrets=[wanted.password or ""])
        what = f"The answer to the sign-in at {base}"
        answer = reply.json(what, "sign_in")
        try:
            return _read_v2(answer) if "icSessionId" in answer else _read_v3(answer)
        except (KeyError, TypeError, IndexError, AttributeError):
            raise ConsoleError(
                "unexpected_reply",
                f"{what} has no session id or no platform address.",
                stage="sign_in",
                remedy="Check that console_url is the console itself, or that console_region is right.",
            ) from None

    def _ask(self, url: str, body: dict[str, t.Any]) -> Reply:
        reply = _post(self._transport, url, JSON_HEADERS, json.dumps(body).encode())
        if reply.status in (400, 401, 403):
            text = server_text(reply, [self._connection.password or ""])
            said = f" ({text})" if text else ""
            raise ConsoleError(
                "sign_in_refused",
                f"The console refuses the sign-in of {self._connection.username}{said}.",
                stage="sign_in",
            )
        return reply


def sign_out(transport: Transport, record: SessionRecord) -> None:
    """End a session. Never raises a ConsoleError: the session would end by itself."""
    url = f"{record.platform_url}/public/core/v3/logout"
    with contextlib.suppress(ConsoleError):
        _post(transport, url, {**JSON_HEADERS, "INFA-SESSION-ID": record.id}, b"{}")


def _post(transport: Transport, url: str, headers: t.Mapping[str, str], body: bytes) -> Reply:
    """Send a sign-in or a sign-out, a bounded number of times while the server is busy or the connection breaks: a
    whole run hangs on it, and neither harms when it is done twice. A refusal, or no answer in time, is not repeated.
    """
    for tried in itertools.count(1):
        try:
            reply = transport.send("POST", url, stage="sign_in", headers=headers, body=body)
        except LostReply as lost:
            if lost.code == "console_timeout" or tried == MAX_TRIES:
                raise
            transport.wait(tried, None)
        else:
            if reply.status not in BUSY or tried == MAX_TRIES:
                break
            transport.wait(tried, reply.headers.get("retry-after"))
    return reply


def _read_v3(answer: t.Any) -> SessionRecord:
    user = answer["userInfo"]
    return SessionRecord(str(user["sessionId"]), answer["products"][0]["baseApiUrl"].rstrip("/"), (str(user["orgId"]),))


def _read_v2(answer: t.Any) -> SessionRecord:
    organizations = tuple(str(answer[name]) for name in ("orgId", "orgUuid") if answer.get(name))
    return SessionRecord(str(answer["icSessionId"]), answer["serverUrl"].rstrip("/"), organizations)
