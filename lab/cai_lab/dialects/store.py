# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A target's services as options, over the lab's own interface; a dialect only says them differently."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cai_lab.console.documents import EMAIL, look, placed
from cai_lab.console.services import load
from cai_lab.dialects.tongues import CONTROLS, OPERATIONS, Control, Dialect
from cai_lab.fleet import Target
from cai_lab.page.desk import Ask, Desk, Visit

if TYPE_CHECKING:
    from cai_lab.console.core import Console

STAMPS = ("modified", "modifiedBy", "authorizationStatus", "serverStatus", "version")
POLL_S = 0.05
Wire = dict[str, Any]
"""Place on the wire to the dialect's word."""


class Mistake(ValueError):
    """A word that the dialect does not have."""


class Store:
    """Reads and writes the services of targets, through the desk, so that the log of operations shows it."""

    def __init__(self, console: Console, desk: Desk) -> None:
        self._console = console
        self._desk = desk

    async def read(self, visit: Visit, target: Target, dialect: Dialect, service: str) -> Wire:
        """What stands where, without secrets; a word that is None is not there."""
        document = await self._document(visit, target, service)
        shown = {}
        for option, control in CONTROLS[service].items():
            if control.kind != "secret":
                word = said(dialect, option, control, look(document, control.path)[1])
                shown[dialect.places[service][option]] = word
        return shown

    def holds(self, target: Target, secret: str) -> bool:
        """Whether a secret of the email service is stored."""
        return CONTROLS["email"][secret].path in load(self._console, EMAIL, target).secrets

    async def write(
        self, visit: Visit, target: Target, dialect: Dialect, service: str, wire: Mapping[str, Any]
    ) -> None:
        """Save what is said; a place that is left out keeps its value, also a secret. None clears a secret."""
        document = await self._with(visit, target, dialect, service, wire)
        await self._desk.at(visit, target, Ask(f"write_{OPERATIONS[service]}", document))

    async def test(
        self, visit: Visit, target: Target, dialect: Dialect, wire: Mapping[str, Any], recipient: str | None
    ) -> dict[str, Any]:
        """Test the email service with what is said laid over what is stored: ok, stage, code, message."""
        body: dict[str, Any] = {"configuration": await self._with(visit, target, dialect, "email", wire)}
        if recipient:
            body["recipient"] = recipient
        answer = (await self._desk.at(visit, target, Ask("test_email_service", body))).document
        while answer.get("state") == "RUNNING":
            await asyncio.sleep(POLL_S)
            ask = Ask("read_email_test", match_info={"job": answer["jobId"]})
            answer = (await self._desk.at(visit, target, ask)).document
        return dict(answer)

    async def _document(self, visit: Visit, target: Target, service: str) -> dict[str, Any]:
        answer = await self._desk.at(visit, target, Ask(f"read_{OPERATIONS[service]}"))
        return {name: value for name, value in answer.document.items() if name not in STAMPS}

    async def _with(
        self, visit: Visit, target: Target, dialect: Dialect, service: str, wire: Mapping[str, Any]
    ) -> dict[str, Any]:
        document = await self._document(visit, target, service)
        for option, control in CONTROLS[service].items():
            place = dialect.places[service][option]
            if place in wire:
                document = placed(document, control.path, meant(dialect, option, control, wire[place]))
        return document


def said(dialect: Dialect, option: str, control: Control, value: Any) -> Any:
    """The dialect's word for a stored value."""
    if control.words:
        word = next(word for word, stored in control.words.items() if stored == value)
        return dialect.words.get(option, control.words)[word]
    if value is not None and dialect.texts:
        return str(value)
    return "" if value is None and dialect.texts else value


def meant(dialect: Dialect, option: str, control: Control, word: Any) -> Any:
    """The stored value for a dialect's word; a Mistake where it has none."""
    if control.words:
        found = [mine for mine, theirs in dialect.words.get(option, control.words).items() if theirs == word]
        if not found or isinstance(word, bool) != isinstance(dialect.words.get(option, control.words)[found[0]], bool):
            raise Mistake(f"{control.label} has an unknown value")
        return control.words[found[0]]
    if control.kind == "number" and dialect.texts:
        if not str(word).isdecimal():
            raise Mistake(f"{control.label} must be a number")
        return int(word)
    return word if word != "" else None
