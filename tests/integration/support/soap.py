# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A person at the engine's SOAP service, without the collection; and what its traffic looks like."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from html import unescape
from xml.sax.saxutils import escape

import requests
from ansible_collections.cai.console.plugins.plugin_utils._binding_files import read_binding
from cai_lab.control_client import LabControl

from support.gateway import Answer, Request
from support.hand import Hand
from support.places import HERE

ADMIN = "http://schemas.active-endpoints.com/activebpeladmin/2007/01/activebpeladmin.xsd"
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
PATH = "/services/ActiveBpelAdmin"
OWN = HERE / "own_bindings" / "engine.yml"


def own_binding() -> str:
    """The binding of a user who has found the entries, as a task gets it."""
    return json.dumps(read_binding(OWN.read_bytes(), OWN.name))


def envelope(content: str) -> bytes:
    """An element in an envelope."""
    return f'<s:Envelope xmlns:s="{ENVELOPE}"><s:Body>{content}</s:Body></s:Envelope>'.encode()


def configuration(document: str) -> Answer:
    """The answer of a reading."""
    text = f"<xmlString>{escape(document)}</xmlString>"
    found = f'<getConfigurationOutput xmlns="{ADMIN}">{text}</getConfigurationOutput>'
    return Answer(200, envelope(found), {"Content-Type": "text/xml"})


def fault(text: str, status: int = 500) -> Answer:
    """A fault."""
    said = escape(text)
    words = f"<info>{said}</info><message>{said}</message>"
    detail = f'<detail><adminFaultElement xmlns="{ADMIN}">{words}</adminFaultElement></detail>'
    body = envelope(f"<s:Fault><faultcode>s:Server</faultcode><faultstring>{said}</faultstring>{detail}</s:Fault>")
    return Answer(status, body, {"Content-Type": "text/xml"})


def is_read(request: Request) -> bool:
    """Whether the configuration is asked for."""
    return b"getConfigurationInput" in request.body


def is_write(request: Request) -> bool:
    """Whether the configuration is sent."""
    return b"setConfigurationInput" in request.body


class Engine:
    """The service of one agent, at its own address."""

    def __init__(self, lab: LabControl, hand: Hand, target: str) -> None:
        self._url = f"{lab.addresses['agents'][target]}/process-engine{PATH}"
        self._headers = {"IDS-SESSION-ID": hand.session, "SOAPAction": '""', "Content-Type": "text/xml"}

    def ask(self, content: str) -> str:
        """One request; the answer's text."""
        with requests.Session() as http:
            http.trust_env = False
            reply = http.post(self._url, data=envelope(content), headers=self._headers, timeout=30)
        assert reply.ok, reply.text
        return reply.text

    def document(self) -> str:
        """The configuration."""
        text = self.ask(f'<getConfigurationInput xmlns="{ADMIN}"/>')
        found = re.search("xmlString>(.*)</[^<]*xmlString>", text, re.DOTALL)
        assert found
        return unescape(found[1])

    def entries(self) -> dict[str, str]:
        """Its plain entries."""
        return {entry.attrib["name"]: entry.get("value", "") for entry in ET.fromstring(self.document())}

    def put(self, name: str, value: str) -> None:
        """Change or add an entry, and send everything back."""
        root = ET.fromstring(self.document())
        entry = root.find(f"entry[@name='{name}']")
        if entry is None:
            entry = ET.SubElement(root, "entry", {"name": name})
        entry.set("value", value)
        self.write(ET.tostring(root, encoding="unicode"))

    def write(self, document: str) -> None:
        """Send a configuration."""
        sent = escape(document)
        self.ask(f'<setConfigurationInput xmlns="{ADMIN}"><xmlString>{sent}</xmlString></setConfigurationInput>')
