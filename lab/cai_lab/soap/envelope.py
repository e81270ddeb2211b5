# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SOAP 1.1: what is in an envelope, answers and faults."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from aiohttp import web

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
ADMIN = "http://schemas.active-endpoints.com/activebpeladmin/2007/01/activebpeladmin.xsd"
LOGGING = "http://schemas.active-endpoints.com/logging/2009/05/logging.xsd"
PREFIXES = {"s": ENVELOPE, "a": ADMIN, "l": LOGGING}


class Refused(Exception):
    """A fault; ``whose`` it is: Client, Server or VersionMismatch."""

    def __init__(self, message: str, whose: str = "Client") -> None:
        super().__init__(message)
        self.message = message
        self.whose = whose


def asked(data: bytes) -> tuple[str, ET.Element]:
    """The name of the operation's element in a request, and that element."""
    try:
        root = parsed(data)
    except ValueError:
        raise Refused("The envelope cannot be read.") from None
    if root.tag != f"{{{ENVELOPE}}}Envelope":
        raise Refused("Only SOAP 1.1 is spoken here.", "VersionMismatch")
    body = root.find(f"{{{ENVELOPE}}}Body")
    if body is None or len(body) != 1 or not body[0].tag.startswith(f"{{{ADMIN}}}"):
        raise Refused("The body holds no element of this service.")
    return body[0].tag.rpartition("}")[2], body[0]


def parsed(data: bytes | str) -> ET.Element:
    """The root of a document; ValueError for what cannot be read, or declares a type."""
    text = data.decode(errors="replace") if isinstance(data, bytes) else data
    if "<!DOCTYPE" in text:
        raise ValueError("a document type")
    try:
        return ET.fromstring(data)
    except ET.ParseError as error:
        raise ValueError(str(error)) from None


def element(place: str, parent: ET.Element | None = None, text: str | None = None) -> ET.Element:
    """An element by its prefixed name, in a parent if there is one."""
    prefix, _, name = place.partition(":")
    tag = f"{{{PREFIXES[prefix]}}}{name}"
    made = ET.Element(tag) if parent is None else ET.SubElement(parent, tag)
    made.text = text
    return made


def answer(content: ET.Element | None, status: int = 200) -> web.Response:
    """An envelope with an element, or with an empty body."""
    for prefix, space in PREFIXES.items():
        ET.register_namespace(prefix, space)
    root = element("s:Envelope")
    body = element("s:Body", root)
    if content is not None:
        body.append(content)
    data = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return web.Response(body=data, status=status, content_type="text/xml", charset="utf-8")


def fault(refused: Refused) -> web.Response:
    """A fault as the service documents it."""
    root = element("s:Fault")
    ET.SubElement(root, "faultcode").text = f"s:{refused.whose}"
    ET.SubElement(root, "faultstring").text = refused.message
    detail = element("a:adminFaultElement", ET.SubElement(root, "detail"))
    for name, text in (("info", refused.message), ("details", None), ("cause", None), ("message", refused.message)):
        element(f"a:{name}", detail, text)
    return answer(root, 500)
