# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sign-in and sign-out, v3 and v2, with the documented shapes."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from cai_lab.console.bodies import ConsoleError, bad_request, reply, text_of
from cai_lab.console.core import Console
from cai_lab.console.gate import Call, Route
from cai_lab.console.sessions import Session
from cai_lab.fleet import USERS, User

SEEDED = "2025-01-01T00:00:00.000Z"


class SignIn:
    """The handlers of sign-in and sign-out."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def region_routes(self) -> list[Route]:
        """What the region host serves."""
        return [
            Route("POST", "/saas/public/core/v3/login", "sign_in", self._login_v3, api="v3", session=None),
            Route("POST", "/ma/api/v2/user/login", "sign_in", self._login_v2, api="v2", session=None),
            Route("POST", "/ma/api/v2/user/logoutall", "logout_all", self._logout_all, api="v2", session=None),
        ]

    def pod_routes(self) -> list[Route]:
        """What the pod serves."""
        return [
            Route("POST", "/saas/public/core/v3/logout", "sign_out", self._logout, api="v3", session="v3"),
            Route("POST", "/saas/api/v2/user/logout", "sign_out", self._logout, api="v2", session="v2"),
            Route("POST", "/saas/api/v2/user/validSessionId", "valid_session", self._valid, api="v2", session=None),
        ]

    def _user(self, call: Call) -> User:
        """The user whose credentials the call carries; a refusal, counted, otherwise."""
        document = call.document
        if not isinstance(document.get("username"), str) or not isinstance(document.get("password"), str):
            raise bad_request("username and password must be texts.")
        user = USERS.get(document["username"])
        if user is None or user.password != document["password"]:
            self._console.sessions.counts["refused_sign_ins"] += 1
            status = int(self._console.switches["bad_credentials"])
            raise ConsoleError(status, "AUTH_01", "The user name or the password is not valid.")
        call.entry.user = user.name
        return user

    def _open(self, user: User) -> Session:
        return self._console.sessions.open(user, jwt=self._console.switches["session_kind"] == "jwt")

    async def _login_v3(self, call: Call) -> web.Response:
        user = self._user(call)
        session = self._open(user)
        parent = user.org.parent
        return reply(
            {
                "products": [{"name": "Integration Cloud", "baseApiUrl": self._console.pod_url}],
                "userInfo": {
                    "sessionId": session.id,
                    "id": user.uuid,
                    "name": user.name,
                    "parentOrgId": parent.uuid if parent else "",
                    "orgId": user.org.uuid,
                    "orgName": user.org.name,
                    "groups": {},
                    "status": "Active",
                },
            }
        )

    async def _login_v2(self, call: Call) -> web.Response:
        user = self._user(call)
        return reply(self._user_object(user, self._open(user)))

    def _user_object(self, user: User, session: Session) -> dict[str, Any]:
        return {
            "@type": "user",
            "id": user.id,
            "orgId": user.org.id,
            "orgUuid": user.org.uuid,
            "name": user.name,
            "firstName": "Lab",
            "lastName": user.name.partition("@")[0].title(),
            "title": "-",
            "phone": "0",
            "emails": user.name,
            "timezone": "Europe/Berlin",
            "createTime": SEEDED,
            "updateTime": SEEDED,
            "createdBy": "admin",
            "updatedBy": "admin",
            "sfUsername": None,
            "securityQuestion": "What must never be shown?",
            "securityAnswer": "SECRET-security-answer",
            "roles": [],
            "uuId": user.uuid,
            "serverUrl": self._console.pod_url,
            "spiUrl": "deprecated",
            "icSessionId": session.id,
            "forceChangePassword": False,
        }

    async def _logout(self, call: Call) -> web.Response:
        self._console.sessions.sign_out(call.session)
        return web.Response()

    async def _logout_all(self, call: Call) -> web.Response:
        user = self._user(call)
        self._console.sessions.counts["logout_alls"] += 1
        self._console.sessions.end_all(user)
        return web.Response()

    async def _valid(self, call: Call) -> web.Response:
        name = text_of(call.document, "userName")
        session = self._console.sessions.find(text_of(call.document, "icToken"), touch=False)
        valid = session is not None and session.user.name == name
        minutes = int(self._console.sessions.remaining_s(session) // 60) if session is not None and valid else 0
        return reply({"@type": "validatedToken", "isValidToken": valid, "timeUntilExpire": minutes})
