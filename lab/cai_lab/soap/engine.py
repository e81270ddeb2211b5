# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine's configuration as one document: read in no order, replaced as a whole, ignored when it cannot be read.

So does the engine's open ancestor, which has the entry for suspended processes. That the services stand in it too, and
all names of entries that begin with ``Lab``, are the lab's own.
"""

from __future__ import annotations

import random
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cai_lab.console.core import Console
from cai_lab.console.dialect import hidden
from cai_lab.console.documents import ALERT, EMAIL, PROPERTIES, Document, Kind, Stored, combine, look, placed
from cai_lab.console.gate import Call
from cai_lab.console.services import Services, load
from cai_lab.dialects.store import meant, said
from cai_lab.dialects.tongues import CONTROLS, Dialect
from cai_lab.dialects.xml_doors import get, put
from cai_lab.fleet import Target
from cai_lab.soap.envelope import parsed

Entries = dict[str, Any]
"""Name to value, or to entries."""
KINDS: Mapping[str, Kind] = {"properties": PROPERTIES, "email": EMAIL, "alert": ALERT}
TICK = {True: "true", False: "false"}
ENTRIES = {
    "email": {
        "enabled": "Enabled",
        "host": "Host",
        "port": "Port",
        "authentication": "Authentication",
        "username": "User",
        "password": "Password",
        "security": "Security",
        "oauth.authorization_url": "AuthorizationUrl",
        "oauth.token_url": "TokenUrl",
        "oauth.client_id": "ClientId",
        "oauth.client_secret": "ClientSecret",
        "oauth.scope": "Scope",
    },
    "alert": {"enabled": "Enabled", "action": "Action", "email": "Recipient", "service": "Service"},
}
ENGINE = Dialect(
    "engine",
    "the engine's own document",
    {
        "properties": {"suspend_on_uncaught_fault": "entry[@name='SuspendProcessOnUncaughtFault']/@value"},
        **{
            service: {
                option: f"entry[@name='Lab{service.title()}Service']/entry[@name='{name}']/@value"
                for option, name in names.items()
            }
            for service, names in ENTRIES.items()
        },
    },
    {
        "enabled": TICK,
        "suspend_on_uncaught_fault": TICK,
        "authentication": {"password": "password", "oauth": "oauth"},
        "security": {"none": "none", "tls": "starttls", "ssl": "tls"},
        "action": {"send_email": "mail", "custom_service": "service"},
    },
    texts=True,
)
DEFAULTS: Mapping[str, Entries] = {
    "configuration": {
        "Description": "Engine of the lab",
        "Logging": "urn:ae:none",
        "UnmatchedReceiveTimeout": "30",
        "ValidateServiceMessages": "true",
        "SharedSecret": "lab-shared-Secret-1",
        "WorkManager": {"Class": "org.example.WorkManager", "ProcessWorkCount": "10"},
    },
    "settings": {"ServerName": "lab", "Purge": {"Days": "30"}},
}
OWN = ("SuspendProcessOnUncaughtFault", "LabEmailService", "LabAlertService")


class Engine:
    """The documents of targets; ``configuration`` holds the services too."""

    def __init__(self, console: Console, services: Services) -> None:
        self._console = console
        self._services = services

    def read(self, target: Target, document: str) -> str:
        """A document as text."""
        root = _element(self._entries(target, document))
        if document == "configuration":
            for service, kind in KINDS.items():
                self._show(root, service, kind, load(self._console, kind, target))
        _shuffle(root)
        return ET.tostring(root, encoding="unicode")

    def write(self, call: Call, document: str, text: str) -> None:
        """Replace a document. ValueError: it cannot be read. Mistake or ConsoleError: a value is not taken."""
        root = parsed(text)
        if root.tag != "config":
            raise ValueError("no configuration")
        entries = _entries(root)
        if document == "configuration":
            found = {service: self._found(call, root, service, kind) for service, kind in KINDS.items()}
            for service, (old, new) in found.items():
                if (old.values, old.secrets) != (new.values, new.secrets):
                    self._services.save(KINDS[service], call, old, new)
        rest = {name: value for name, value in entries.items() if name not in OWN or document != "configuration"}
        self._console.state.put(f"engine_{document}", call.target.owner, "", rest)

    def _entries(self, target: Target, document: str) -> Entries:
        stored = self._console.state.get(f"engine_{document}", target.owner)
        return DEFAULTS[document] if stored is None else dict(stored)

    @staticmethod
    def _show(root: ET.Element, service: str, kind: Kind, stored: Stored) -> None:
        for option, control in CONTROLS[service].items():
            if control.kind == "secret":
                word = hidden("encrypted", stored.secrets.get(control.path))
            else:
                word = said(ENGINE, option, control, look(stored.values, control.path)[1])
            if word is not None:
                put(root, ENGINE.places[service][option], word)

    def _found(self, call: Call, root: ET.Element, service: str, kind: Kind) -> tuple[Stored, Stored]:
        """What is stored of a service, and what a document makes of it; what it leaves out is gone."""
        old = load(self._console, kind, call.target)
        document: Document = {} if kind is not PROPERTIES else dict(old.values)
        for option, control in CONTROLS[service].items():
            text = get(root, ENGINE.places[service][option])
            if control.kind == "secret":
                kept = old.secrets.get(control.path)
                secret = kept if kept and text == hidden("encrypted", kept) else text or None
                document = placed(document, control.path, secret)
            elif text is not None:
                document = placed(document, control.path, meant(ENGINE, option, control, text))
            elif kind is PROPERTIES:
                document = placed(document, control.path, False)
        new = combine(kind, old, document, merge=False, keep_secrets=False)
        return old, replace(new, modified=self._console.clock.stamp(), modified_by=call.session.user.name)


def _element(entries: Entries) -> ET.Element:
    root = ET.Element("config")
    for name, value in entries.items():
        if isinstance(value, str):
            ET.SubElement(root, "entry", {"name": name, "value": value})
        else:
            inner = _element(value)
            inner.tag = "entry"
            inner.set("name", name)
            root.append(inner)
    return root


def _entries(root: ET.Element) -> Entries:
    """A document as a map: the last entry of a name counts, and what is no entry is lost."""
    return {
        entry.get("name", ""): entry.get("value") if "value" in entry.attrib else _entries(entry)
        for entry in root.findall("entry")
    }


def _shuffle(root: ET.Element) -> None:
    """A hash map keeps no order."""
    children = list(root)
    random.shuffle(children)
    root[:] = children
    for child in children:
        _shuffle(child)
