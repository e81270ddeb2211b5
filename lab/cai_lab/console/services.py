# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Email service, alert service and server properties of a target: read and write, in all the switches' positions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from aiohttp import web

from cai_lab.console import authorization, dialect
from cai_lab.console.bodies import ConsoleError, bad_request, reply
from cai_lab.console.core import Console
from cai_lab.console.deployment import deployed
from cai_lab.console.documents import ALERT, EMAIL, PROPERTIES, Document, Kind, Stored, combine
from cai_lab.console.gate import Call, Handler, Route
from cai_lab.fleet import Target

SERVER = {"serverStatus": "Running", "version": "9174990.3"}
LABELS = {"email": ("Email", "Email Service"), "alert": ("Alert", "Alert Service"), "properties": ("Engine", "Server")}
PATHS = {"email": "/server/services/email", "alert": "/server/services/alert", "properties": "/server/properties"}
NAMES = {"email": "email_service", "alert": "alert_service", "properties": "server_properties"}
OAUTH_SECRET = "oauth.clientSecret"


def load(console: Console, kind: Kind, target: Target) -> Stored:
    """What is stored for a target; the defaults before the first write."""
    return Stored.of(kind, console.state.get(kind.name, target.owner))


class Services:
    """The handlers of the three stored documents."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def routes(self, base: str) -> list[Route]:
        """GET and PUT of each document, below a restadmin base."""
        routes = []
        for kind in (EMAIL, ALERT, PROPERTIES):
            path, name = base + PATHS[kind.name], NAMES[kind.name]
            routes += [
                Route("GET", path, f"read_{name}", self._reader(kind), scope="restadmin"),
                Route("PUT", path, f"write_{name}", self._writer(kind), scope="restadmin", mutates=True),
            ]
        return routes

    def _reader(self, kind: Kind) -> Handler:
        async def read(call: Call) -> web.Response:
            stored = load(self._console, kind, call.target)
            return reply(self._view(kind, call.target, stored), headers=self._tag(stored))

        return read

    def _writer(self, kind: Kind) -> Handler:
        async def write(call: Call) -> web.Response:
            old = load(self._console, kind, call.target)
            self._check_tag(call, old)
            new = self._combined(kind, call, old)
            if kind is ALERT:
                self._check_alert(call.target, new.values)
            self.save(kind, call, old, new)
            return self._answer(kind, call.target, new)

        return write

    def _combined(self, kind: Kind, call: Call, old: Stored) -> Stored:
        switches = self._console.switches
        sent = dialect.incoming(switches, call.document) if kind is EMAIL else call.document
        new = combine(
            kind,
            old,
            sent,
            merge=switches["partial_write"] == "merge",
            keep_secrets=switches["omitted_secret"] == "kept",
        )
        if kind is EMAIL and new.values["authenticationType"] == "OAUTH":
            new = self._under_oauth(new)
        return replace(new, modified=self._console.clock.stamp(), modified_by=call.session.user.name)

    def _under_oauth(self, new: Stored) -> Stored:
        if self._console.switches["username_under_oauth"] == "kept":
            return new
        return replace(new, values={**new.values, "userName": None})

    def save(self, kind: Kind, call: Call, old: Stored, new: Stored) -> None:
        """Store what was checked before, with all that follows from it."""
        target = call.target
        with self._console.state.transaction():
            self._console.state.put(kind.name, target.owner, "", asdict(new))
            if kind is EMAIL and self._drops_authorization(old, new):
                authorization.drop(self._console, target)
            if kind is EMAIL:
                authorization.saved(self._console, target)
            service, label = LABELS[kind.name]
            message = f"{label} configuration was saved by {call.session.user.name}."
            self._console.log(target, service, message, source="User")

    def _drops_authorization(self, old: Stored, new: Stored) -> bool:
        if self._console.switches["oauth_change"] == "keeps":
            return False
        secrets_differ = old.secrets.get(OAUTH_SECRET) != new.secrets.get(OAUTH_SECRET)
        return secrets_differ or old.values["oauth"] != new.values["oauth"]

    def _check_alert(self, target: Target, values: Mapping[str, Any]) -> None:
        if not values["enabled"]:
            return
        if values["action"] == "SEND_EMAIL":
            self._check_email(target)
        elif values["service"] not in deployed(self._console, target):
            self._refuse_service(values["service"])

    def _check_email(self, target: Target) -> None:
        answer = self._console.switches["alert_without_email"]
        if answer != "accepted" and not load(self._console, EMAIL, target).values["enabled"]:
            raise ConsoleError(int(answer), "CAI_ALERT_EMAIL", "The email service is not enabled.")

    def _refuse_service(self, service: str | None) -> None:
        if self._console.switches["custom_service_not_deployed"] == "refused":
            raise bad_request(f"The service {service} is not deployed on this server.")

    def _view(self, kind: Kind, target: Target, stored: Stored) -> Document:
        if kind is PROPERTIES:
            return {**stored.values, **SERVER}
        stamps = {"modified": stored.modified, "modifiedBy": stored.modified_by}
        if kind is ALERT:
            return {**stored.values, **stamps}
        document = dialect.outgoing(self._console.switches, kind, stored)
        return {**document, "authorizationStatus": authorization.read(self._console, target), **stamps}

    def _answer(self, kind: Kind, target: Target, stored: Stored) -> web.Response:
        answer = self._console.switches["write_answer"]
        headers = self._tag(stored)
        if answer == "object":
            return reply(self._view(kind, target, stored), headers=headers)
        return web.Response(status=200 if answer == "empty" else 204, headers=headers)

    def _tag(self, stored: Stored) -> dict[str, str] | None:
        return {"ETag": f'"{stored.revision}"'} if self._console.switches["concurrency"] == "etag" else None

    def _check_tag(self, call: Call, stored: Stored) -> None:
        if self._console.switches["concurrency"] == "none":
            return
        tags = call.request.if_match
        if tags is not None and not any(tag.value in ("*", str(stored.revision)) for tag in tags):
            raise ConsoleError(412, "CAI_412", "It was changed by somebody else in between.")
