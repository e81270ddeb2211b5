# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dialects in JSON: one address with operations, and changes that are carried out by jobs."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from cai_lab.console.bodies import not_found, reply
from cai_lab.console.documents import look, placed
from cai_lab.dialects.doors import Doors, Way
from cai_lab.dialects.store import Wire
from cai_lab.dialects.tongues import CONTROLS, NESTED, PATCH, Dialect
from cai_lab.fleet import Target
from cai_lab.page.desk import Visit

MASK = "\u2022" * 8
PARTS = {"mail": "email", "notify": "alert", "engine": "properties"}
JOBS_KEPT = 1000


def tree_of(wire: Mapping[str, Any]) -> dict[str, Any]:
    """Words by place as nested objects."""
    made: dict[str, Any] = {}
    for place, word in wire.items():
        made = placed(made, place, word)
    return made


def words_in(dialect: Dialect, service: str, document: Mapping[str, Any]) -> Wire:
    """What a nested object says, as words by place."""
    found = {place: look(document, place) for place in dialect.places[service].values()}
    return {place: value for place, (present, value) in found.items() if present}


class Nested:
    """One address. The session is a cookie, with a doubled token; a stored secret is shown as a mask, and kept only if
    that comes back.
    """

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self.way = Way(False, self._refuse, _doubled)

    async def api(self, request: web.Request, visit: Visit, target: Target) -> web.StreamResponse:
        """Do what the member ``operation`` says."""
        asked = await request.json()
        found = self._doors.target(visit.session, request, asked["node"])
        if found is None:
            return self._refuse(404, "There is no such node.")
        service, store = PARTS[asked["part"]], self._doors.store
        if asked["operation"] == "read":
            return self._yes(await self._read(visit, found, service))
        wire = self._wire(service, asked["content"])
        if asked["operation"] == "try":
            result = await store.test(visit, found, NESTED, wire, None)
            return self._yes({"verdict": "PASSED" if result["ok"] else "FAILED", "detail": result["message"]})
        if asked["operation"] != "save":
            return self._refuse(400, "There is no such operation.")
        await store.write(visit, found, NESTED, service, wire)
        return self._yes({})

    async def _read(self, visit: Visit, target: Target, service: str) -> dict[str, Any]:
        wire = await self._doors.store.read(visit, target, NESTED, service)
        wire[next(iter(NESTED.places[service].values())).partition(".")[0] + ".schema"] = 3
        if service == "email":
            for option in ("password", "oauth.client_secret"):
                wire[NESTED.places[service][option]] = MASK if self._doors.store.holds(target, option) else ""
        return tree_of(wire)

    def _wire(self, service: str, content: Mapping[str, Any]) -> Wire:
        wire = words_in(NESTED, service, content)
        for option, control in CONTROLS[service].items():
            place = NESTED.places[service][option]
            if control.kind == "secret" and wire.get(place) == MASK:
                del wire[place]
            elif control.kind == "secret":
                wire[place] = wire.get(place) or None
        return wire

    @staticmethod
    def _yes(result: Mapping[str, Any]) -> web.Response:
        return reply({"status": "OK", "result": result})

    @staticmethod
    def _refuse(status: int, message: str) -> web.Response:
        return reply({"status": "ERROR", "error": {"text": message}}, status if status == 401 else 200)


def _doubled(request: web.Request) -> str | None:
    token = request.cookies.get("XSRF_TOKEN")
    same = token and token == request.headers.get("XSRF_TOKEN")
    return None if same else "The token is missing, or cookie and header differ."


class Patch:
    """Changes only. The session is a cookie, and a header must say that a script asks."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self._jobs: dict[tuple[str, str], dict[str, Any]] = {}
        self.way = Way(False, self._refuse, _by_script)

    async def read(self, request: web.Request, visit: Visit, target: Target) -> web.StreamResponse:
        """A service."""
        service = self._service(request)
        wire = await self._doors.store.read(visit, target, PATCH, service)
        return reply(tree_of(wire))

    async def change(self, request: web.Request, visit: Visit, target: Target) -> web.StreamResponse:
        """Take changes of a service; a job carries them out."""
        service, job = self._service(request), secrets.token_hex(6)
        wire = words_in(PATCH, service, await request.json())
        await self._doors.store.write(visit, target, PATCH, service, wire)
        while len(self._jobs) >= JOBS_KEPT:
            del self._jobs[next(iter(self._jobs))]
        self._jobs[(visit.session.user.name, job)] = {"job": job, "phase": "SUCCEEDED", "asked": 0}
        return reply({"job": job, "phase": "RUNNING"}, 202)

    async def job(self, request: web.Request, visit: Visit, target: Target) -> web.StreamResponse:
        """A job; it says that it runs when it is first asked for."""
        job = self._jobs.get((visit.session.user.name, request.match_info["job"]))
        if job is None:
            raise not_found("There is no such job.")
        job["asked"] += 1
        return reply({"job": job["job"], "phase": "RUNNING" if job["asked"] == 1 else job["phase"]})

    async def test(self, request: web.Request, visit: Visit, target: Target) -> web.StreamResponse:
        """Test the service with the changes laid over it."""
        asked = await request.json()
        wire = words_in(PATCH, "email", asked)
        result = await self._doors.store.test(visit, target, PATCH, wire, asked.get("to"))
        return reply({"success": result["ok"], "smtpCode": result["code"], "text": result["message"]})

    @staticmethod
    def _service(request: web.Request) -> str:
        service = request.match_info["service"]
        if service not in CONTROLS:
            raise not_found()
        return service

    @staticmethod
    def _refuse(status: int, message: str) -> web.Response:
        return reply({"fault": {"reason": message}}, status)


def _by_script(request: web.Request) -> str | None:
    return None if request.headers.get("X-Requested-With") == "XMLHttpRequest" else "Only scripts may ask."
