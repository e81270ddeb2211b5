# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the documents look on the wire in the switches' positions: ports, words for security, hidden secrets."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from cai_lab.console.bodies import bad_request
from cai_lab.console.documents import Document, Kind, Stored, placed
from cai_lab.switches import Switches

MASK = "********"
WORDS: Mapping[str, Mapping[str | None, str | None]] = {
    "upper": {None: None, "TLS": "TLS", "SSL": "SSL"},
    "lower": {None: None, "TLS": "tls", "SSL": "ssl"},
    "none_word": {None: "NONE", "TLS": "TLS", "SSL": "SSL"},
}


def incoming(switches: Switches, sent: Mapping[str, Any]) -> Document:
    """An email document as sent, in the words that the lab stores; 400 for words of another position."""
    document = dict(sent)
    number = document.get("port")
    if switches["port_type"] == "string" and isinstance(number, str) and number.isascii() and number.isdecimal():
        document["port"] = int(number)
    if document.get("security") is not None:
        words = {word: stored for stored, word in WORDS[switches["security_words"]].items()}
        if not isinstance(document["security"], str) or document["security"] not in words:
            raise bad_request(f"security must be one of {', '.join(word or 'null' for word in words)}.")
        document["security"] = words[document["security"]]
    return document


def outgoing(switches: Switches, kind: Kind, stored: Stored) -> Document:
    """A stored email document as it is read, secrets hidden as switched."""
    document = dict(stored.values)
    if switches["port_type"] == "string":
        document["port"] = str(document["port"])
    document["security"] = WORDS[switches["security_words"]][document["security"]]
    if switches["secret_on_read"] != "omitted":
        for path in kind.secrets:
            document = placed(document, path, hidden(switches["secret_on_read"], stored.secrets.get(path)))
    return document


def hidden(how: str, secret: str | None) -> str | None:
    """What stands for a secret when it is read; null for one that is not set."""
    if secret is None or how == "null":
        return None
    if how == "masked":
        return MASK
    return "encrypted:" + hashlib.sha256(b"lab" + secret.encode()).hexdigest()
