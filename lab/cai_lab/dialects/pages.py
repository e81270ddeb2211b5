# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages of the dialects that a script speaks: plain controls, and what the script has to know as data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from cai_lab.dialects.tongues import CONTROLS, Control, Dialect
from cai_lab.fleet import CLOUD, Target

SCRIPT = (Path(__file__).resolve().parent / "static" / "dialect.js").read_bytes()
TITLES = {"email": "Email Service", "alert": "Alert Service", "properties": "Server Properties"}


def scripted(dialect: Dialect, target: Target, session: str, token: str) -> str:
    """The page of a target. ``session`` is empty where the browser's cookie carries it."""
    config = {
        "dialect": dialect.name,
        "target": target.id,
        "cloud": target.id == CLOUD,
        "session": session,
        "fields": {
            service: [
                {
                    "option": option,
                    "place": dialect.places[service][option],
                    "kind": control.kind,
                    "words": _words(dialect, option, control),
                    "text": dialect.texts,
                }
                for option, control in rows.items()
            ]
            for service, rows in CONTROLS.items()
        },
    }
    data = json.dumps(config).replace("<", "\\u003c")
    sections = "".join(section(service, "", f'<output id="{service}-said"></output>') for service in CONTROLS)
    head = f'<meta name="csrf-token" content="{escape(token)}">'
    return page(dialect, target, sections + f'<script type="application/json" id="config">{data}</script>', head)


def page(dialect: Dialect, target: Target, content: str, head: str = "") -> str:
    """A page of the dialect."""
    script = '<script src="/dialects/dialect.js" defer></script>' if dialect.name != "form" else ""
    title = f"System Services of {escape(target.name)}"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">{head}<title>{title}</title>{script}</head>'
        f"<body><h1>{title}</h1><p>The dialect {dialect.name}: {dialect.title}.</p>{content}</body></html>"
    )


def section(
    service: str,
    attributes: str,
    more: str,
    dialect: Dialect | None = None,
    values: Mapping[str, Any] | None = None,
    before: str = "",
) -> str:
    """The form of a service. With ``dialect``, its controls have the dialect's names and send its words themselves;
    ``values``: the dialect's words that they show, by place.
    """
    rows = "".join(
        _row(service, option, control, dialect, values or {}) for option, control in CONTROLS[service].items()
    )
    test = '<button name="action" value="test" data-test>Test</button>' if service == "email" else ""
    buttons = f'<p><button name="action" value="save" data-save>Save</button>{test}</p>'
    return f'<h2>{TITLES[service]}</h2><form id="{service}" {attributes}>{before}{rows}{buttons}{more}</form>'


def _row(service: str, option: str, control: Control, dialect: Dialect | None, values: Mapping[str, Any]) -> str:
    identity = f"{service}-{option}"
    name = dialect.places[service][option] if dialect else option
    value = values.get(name)
    label = f'<p><label for="{identity}">{control.label}</label> '
    common = f'id="{identity}" name="{escape(name)}"'
    if control.kind == "tick":
        return f'{label}<input type="checkbox" {common} value="on"{" checked" if value else ""}></p>'
    if control.kind == "choice":
        words = dialect.words[option] if dialect else {mine: mine for mine in control.labels}
        options = "".join(
            f'<option value="{escape(word)}"{" selected" if word == value else ""}>{control.labels[mine]}</option>'
            for mine, word in words.items()
        )
        return f"{label}<select {common}>{options}</select></p>"
    if control.kind == "secret":
        return _secret(identity, label, common, name, dialect)
    return f'{label}<input type="text" {common} value="{escape(str(value or ""))}" autocomplete="off"></p>'


def _secret(identity: str, label: str, common: str, name: str, dialect: Dialect | None) -> str:
    """A password's control; where the page sends it itself, it is entered twice."""
    box = f'{label}<input type="password" {common} value="" autocomplete="new-password"></p>'
    if dialect is None or not name.endswith("Password"):
        return box
    again = f'id="{identity}-again" name="{escape(name)}Again"'
    words = f'<p><label for="{identity}-again">Confirm Password</label> '
    return f'{box}{words}<input type="password" {again} value="" autocomplete="new-password"></p>'


def _words(dialect: Dialect, option: str, control: Control) -> list[list[Any]] | None:
    if not control.words:
        return None
    return [[word, theirs] for word, theirs in dialect.words.get(option, control.words).items()]
