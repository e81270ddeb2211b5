# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A session at the console: sign in once, carry the id, renew it once when it has ended, sign out what was opened."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._replies import failure, server_text

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._connection import Connection
    from ansible_collections.cai.console.plugins.module_utils._transport import Reply, Transport

V3_SIGN_IN = "/saas/public/core/v3/login"
V2_SIGN_IN = "/ma/api/v2/user/login"
JSON_HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}


class Session:
    """The session of one task. Signs in at the first need. ``platform_url`` ends without a slash."""

    def __init__(self, transport: Transport, connection: Connection) -> None:
        self._transport = transport
        self._connection = connection
        self._id = connection.session_id
        self._opened: list[str] = []
        self._platform_url = connection.platform_url
        self.organization_ids: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The session's id; signs in if there is none yet."""
        if self._id is None:
            self._sign_in()
        return t.cast(str, self._id)

    @property
    def platform_url(self) -> str:
        """Base of the platform's interface: from the sign-in's reply; for a given session that names none,
        ``{console_url}/saas`` (assumed).
        """
        if self._id is None:
            self._sign_in()
        if self._platform_url is None:
            if not self._connection.console_url:
                raise ConsoleError(
                    "invalid_option",
                    "console_session is given without the platform's address.",
                    stage="options",
                    remedy="Give console_session as an object with id and platform_url, or set console_url.",
                )
            self._platform_url = f"{self._connection.console_url}/saas"
        self._connection.require_secure(self._platform_url, "The platform's address from the sign-in")
        return self._platform_url

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
    ) -> Reply:
        """Send a request with the session in the headers that ``carry(id)`` returns. A 401 is answered by one new
        sign-in and one repetition.
        """
        used = self.id
        reply = self._transport.send(
            method, url, stage=stage, headers={**(headers or {}), **carry(used)}, body=body, retry=retry
        )
        if reply.status != 401:
            return reply
        if used in self._opened:
            self._sign_in()
            reply = self._transport.send(
                method, url, stage=stage, headers={**(headers or {}), **carry(self.id)}, body=body, retry=retry
            )
        if reply.status == 401:
            raise failure(reply, f"{method} {url}", stage=stage)
        return reply

    def close(self) -> None:
        """Sign out what was opened here. Never raises: the work is done, and the session would end by itself."""
        for session in self._opened:
            try:
                url = f"{self._platform_url}/public/core/v3/logout"
                self._transport.send(
                    "POST", url, stage="sign_in", headers={**JSON_HEADERS, "INFA-SESSION-ID": session}, body=b"{}"
                )
            except ConsoleError:
                continue
        self._opened = []

    def _sign_in(self) -> None:
        wanted, base = self._connection, self._connection.sign_in_url
        wanted.require_secure(base, "console_url")
        who = {"username": wanted.username, "password": wanted.password}
        reply = self._ask(base + V3_SIGN_IN, who)
        if reply.status in (404, 405, 410):
            reply = self._ask(base + V2_SIGN_IN, {"@type": "login", **who})
        if reply.status >= 300:
            raise failure(reply, f"The sign-in at {base}", stage="sign_in", secrets=[wanted.password or ""])
        answer = reply.json("The answer to the sign-in", "sign_in")
        try:
            self._id, self._platform_url, self.organization_ids = (
                _read_v2(answer) if "icSessionId" in answer else _read_v3(answer)
            )
        except (KeyError, TypeError, IndexError):
            raise ConsoleError(
                "unexpected_reply",
                "The answer to the sign-in has no session id or no platform address.",
                stage="sign_in",
            ) from None
        self._opened.append(self._id)
        expected = wanted.organization_id
        if expected and expected not in self.organization_ids:
            found = ", ".join(self.organization_ids)
            raise ConsoleError(
                "organization_mismatch",
                f"console_organization_id is {expected}, but the user's organisation is {found}.",
                stage="sign_in",
            )

    def _ask(self, url: str, body: dict[str, t.Any]) -> Reply:
        reply = self._transport.send("POST", url, stage="sign_in", headers=JSON_HEADERS, body=json.dumps(body).encode())
        if reply.status in (400, 401, 403):
            text = server_text(reply, [self._connection.password or ""])
            said = f" ({text})" if text else ""
            raise ConsoleError(
                "sign_in_refused",
                f"The console refuses the sign-in of {self._connection.username}{said}.",
                stage="sign_in",
            )
        return reply


def _read_v3(answer: t.Any) -> tuple[str, str, tuple[str, ...]]:
    user = answer["userInfo"]
    return str(user["sessionId"]), answer["products"][0]["baseApiUrl"].rstrip("/"), (str(user["orgId"]),)


def _read_v2(answer: t.Any) -> tuple[str, str, tuple[str, ...]]:
    organizations = tuple(str(answer[name]) for name in ("orgId", "orgUuid") if answer.get(name))
    return str(answer["icSessionId"]), answer["serverUrl"].rstrip("/"), organizations
