# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bodies in SOAP 1.1: the one element in an envelope, and faults. Places are those of XML, below that element."""

from __future__ import annotations

import typing as t
import xml.etree.ElementTree as ET

from ansible_collections.cai.console.plugins.module_utils._bindings import _xml_body
from ansible_collections.cai.console.plugins.module_utils._bindings._words import MISSING
from ansible_collections.cai.console.plugins.module_utils._bindings._xml_body import XmlBody

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
SAID_AT = ("detail/adminFaultElement/message", "detail/adminFaultElement/info", "faultstring")
"""Where a fault has words for a person, the best first. What stands in ``details`` is the server's own trace."""


class Fault(t.NamedTuple):
    """A fault: whose it is (``Client``, ``Server`` and the like), and what it says, without markup."""

    code: str
    text: str


class SoapBody(XmlBody):
    """An element that travels in an envelope. ``raw`` is that element."""

    def encoded(self) -> bytes:
        """Return the envelope as it travels."""
        envelope = ET.Element(f"{{{ENVELOPE}}}Envelope")
        ET.SubElement(envelope, f"{{{ENVELOPE}}}Body").append(self.raw)
        return t.cast(bytes, ET.tostring(envelope, encoding="utf-8", xml_declaration=True))


def content_of(data: bytes) -> ET.Element:
    """Return the element in an envelope; ValueError says what is wrong, without repeating any of it."""
    body = _xml_body.parse(data).find(f"{{{ENVELOPE}}}Body")
    if body is None:
        raise ValueError("it is no envelope of SOAP 1.1")
    if len(body) != 1:
        raise ValueError("the envelope is empty, or has more than one body")
    return body[0]


def fault_of(data: bytes) -> Fault | None:
    """Return the fault that an answer holds, None where it holds none.

    Its text ends before any markup: a server may quote the document that it was sent.
    """
    try:
        found = content_of(data)
    except ValueError:
        return None
    if found.tag != f"{{{ENVELOPE}}}Fault":
        return None
    fault = XmlBody(found)
    said = (fault.get(place) for place in SAID_AT)
    text = next((text for text in said if text is not MISSING and text.strip()), "")
    code = fault.get("faultcode")
    return Fault("" if code is MISSING else code.rpartition(":")[2], text.partition("<")[0].strip())
