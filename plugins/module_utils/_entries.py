# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in a console's documents, for whoever looks for the place of an option: every place, with its value
where that can be no secret.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._console import Console

HIDDEN, MASKED = "(a text)", "********"
SECRET_PLACE = re.compile(r"pass|pwd|secret|token|credential|key|salt|private|auth.*value|pin\b", re.IGNORECASE)
HOST = r"([a-z][a-z0-9-]{0,19}\.){1,4}[a-z]{2,6}"
HARMLESS = re.compile(
    r"(?i:true|false|yes|no|on|off|none|enabled?|disabled?)"
    r"|\d{1,5}|\d{1,3}(\.\d{1,3}){3}|urn:[a-z:-]{1,40}|([a-z]{2,12}\.){1,6}[A-Z][A-Za-z]{1,30}"
    rf"|{HOST}"
)
"""Switches, numbers as of ports and times, names of hosts and classes."""
KINDS = {
    "(an address of mail)": re.compile(rf"[^@\s]+@{HOST}"),
    "(a URL)": re.compile(r"[a-z]+://\S+"),
}
"""What is told of other values that whoever looks for a place can recognise."""
READINGS = ("read_server_properties", "read_email_service", "read_alert_service", "read_entries")


def entries_of(console: Console) -> list[dict[str, str]]:
    """Return ``[{"document", "place", "value"}]`` for all documents that the binding reads, each of which is asked for
    once: ``document`` is the operation that reads it, ``place`` as a binding writes it.
    """
    found: list[dict[str, str]] = []
    asked: list[dict[str, t.Any]] = []
    for name in READINGS:
        try:
            bound = console.operation(name)
        except ConsoleError:
            continue
        if bound not in asked:
            asked.append(bound)
            rows = console.ask(name).leaves()
            found += [{"document": name, "place": place, "value": shown(place, text)} for place, text in rows]
    return found


def shown(place: str, text: str) -> str:
    """Return a value as it may be shown: itself where it is harmless, else only that there is one."""
    if SECRET_PLACE.search(place):
        return MASKED if text else ""
    if not text or HARMLESS.fullmatch(text):
        return text
    return next((kind for kind, pattern in KINDS.items() if pattern.fullmatch(text)), HIDDEN)
