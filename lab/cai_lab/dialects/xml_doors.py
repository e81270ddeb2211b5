# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dialect in XML: one document for all services, read and written as a whole, with a token from the page."""

from __future__ import annotations

import hmac
import re
import xml.etree.ElementTree as ET
from typing import Any

from aiohttp import web

from cai_lab.dialects.doors import Doors, Way
from cai_lab.dialects.store import Mistake, Wire
from cai_lab.dialects.tongues import CONTROLS, TREE
from cai_lab.fleet import Target
from cai_lab.page.desk import Visit

STEP = re.compile(r"([^\[]+)(?:\[@([^=]+)='([^']*)'\])?$")


def put(root: ET.Element, place: str, text: str) -> None:
    """Let a text stand at a place; what is missing on the way is made."""
    at = root
    for step in place.split("/"):
        if step.startswith("@"):
            at.set(step[1:], text)
            return
        child = at.find(step)
        if child is None:
            tag, key, value = _parts(step)
            child = ET.SubElement(at, tag, {key: value} if key else {})
        at = child
    at.text = text


def get(root: ET.Element, place: str) -> str | None:
    """The text at a place."""
    path, _, attribute = place.partition("/@")
    at = root if place.startswith("@") else root.find(path)
    if at is None:
        return None
    return at.get(attribute) if attribute else at.text or ""


def _parts(step: str) -> tuple[str, str, str]:
    match = STEP.match(step)
    assert match is not None, step
    return match[1], match[2] or "", match[3] or ""


class Tree:
    """The session is a header. A secret that is left out is kept."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self.way = Way(True, self._refuse)

    async def read(self, request: web.Request, visit: Visit, target: Target) -> web.StreamResponse:
        """The document."""
        root = ET.Element("settings", {"revision": "1"})
        ET.SubElement(ET.SubElement(root, "license"), "edition").text = "standard"
        for service in CONTROLS:
            for place, word in (await self._doors.store.read(visit, target, TREE, service)).items():
                put(root, place, word)
        return _xml(root)

    async def write(self, request: web.Request, visit: Visit, target: Target) -> web.StreamResponse:
        """Take the whole document."""
        root = await self._document(request, visit)
        if get(root, "license/edition") != "standard":
            raise Mistake("The document is not whole")
        for service in CONTROLS:
            before = await self._doors.store.read(visit, target, TREE, service)
            wire = self._wire(root, service)
            if any(before.get(place) != word for place, word in wire.items()):
                await self._doors.store.write(visit, target, TREE, service, wire)
        return web.Response(status=204)

    async def test(self, request: web.Request, visit: Visit, target: Target) -> web.StreamResponse:
        """Test the email service of the document."""
        root = await self._document(request, visit)
        result = await self._doors.store.test(visit, target, TREE, self._wire(root, "email"), None)
        answer = ET.Element("result", {"ok": "true" if result["ok"] else "false"})
        ET.SubElement(answer, "message").text = result["message"]
        return _xml(answer)

    async def _document(self, request: web.Request, visit: Visit) -> ET.Element:
        token = request.headers.get("X-CSRF-Token", "")
        if not hmac.compare_digest(token.encode(), self._doors.token(visit.session).encode()):
            raise Mistake("The token is missing")
        data = await request.read()
        if b"<!DOCTYPE" in data:
            raise Mistake("The document declares a type")
        try:
            return ET.fromstring(data)
        except ET.ParseError:
            raise Mistake("The document is not XML") from None

    @staticmethod
    def _wire(root: ET.Element, service: str) -> Wire:
        wire: dict[str, Any] = {}
        for option, control in CONTROLS[service].items():
            place = TREE.places[service][option]
            text = get(root, place)
            if control.kind == "secret":
                wire.update({place: text} if text else {})
            elif text is None:
                raise Mistake(f"{control.label} is missing")
            else:
                wire[place] = text
        return wire

    @staticmethod
    def _refuse(status: int, message: str) -> web.Response:
        root = ET.Element("fault")
        ET.SubElement(root, "message").text = message
        return _xml(root, status)


def _xml(root: ET.Element, status: int = 200) -> web.Response:
    return web.Response(status=status, body=ET.tostring(root, encoding="utf-8"), content_type="application/xml")
