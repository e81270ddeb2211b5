# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Learns a binding from recordings: the whole, with a report of what was found, guessed and left open."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.cai.console.plugins.module_utils._bindings import _load
from ansible_collections.cai.console.plugins.module_utils._bindings._options import SERVICE_OPTIONS
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.plugin_utils._learn import bases, carriers, sheet
from ansible_collections.cai.console.plugins.plugin_utils._learn.bases import Source
from ansible_collections.cai.console.plugins.plugin_utils._learn.har import Exchange
from ansible_collections.cai.console.plugins.plugin_utils._learn.mail_test import test_of
from ansible_collections.cai.console.plugins.plugin_utils._learn.operations import read_of, write_of
from ansible_collections.cai.console.plugins.plugin_utils._learn.service import Learned, learn
from ansible_collections.cai.console.plugins.plugin_utils._learn.traffic import Saved, Traffic, is_marked

NEXT = {
    "session": "Record again with the session in it: in Chrome, choose to export the HAR with sensitive data.",
    "test": "Press Test before the last save of the Email Service, and once more when the settings are put back.",
    "bodies": "Browsers drop what was answered before the last page load: do not leave the page, or, where each save "
    "loads it anew, export after each save and test into one folder, and give that folder as the recording.",
}
Found = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Request:
    """What a person says besides: the sheet's ``seed``, the binding's ``meta``, options that the page does not have."""

    seed: str
    meta: Found
    absent: frozenset[str] = frozenset()
    custom_service: str | None = None


class Learner:
    """Learns from the recording of a whole sheet, and from others of its first saves on other targets."""

    def __init__(self, first: Source, others: t.Sequence[Source], request: Request) -> None:
        self._first = first
        self._others = others
        self._request = request
        self._steps = sheet.steps(request.seed, request.custom_service)
        self._traffic = Traffic(first.recording.exchanges)
        self.report: list[Found] = []

    def learn(self) -> Found:
        """Return the binding, checked. ``report`` says what was found, guessed, left open, and what to do next."""
        saved = self._saves(self._traffic, self._steps)
        learned = {
            service: learn(saved[service], [*SERVICE_OPTIONS[service]], self._steps[service], self._request.absent)
            for service in sheet.SERVICES
        }
        reads = [row[1] for found in saved.values() for row in found.reads]
        writes = [row[1] for found in saved.values() for row in found.writes]
        session = carriers.session_of(reads, writes, self._traffic.exchanges)
        operations = self._operations(saved, learned, session, writes)
        found_bases = self._bases(saved, operations, session)
        self._note_all(learned, session)
        self._note_test(operations["test_email_service"])
        binding = {
            "format": 1,
            "meta": {**self._request.meta, "status": "learned", "notes": self._notes()},
            "bases": found_bases,
            "session": {name: value for name, value in session.items() if name != "guessed"},
            "operations": operations,
            "services": {service: found.service for service, found in learned.items()},
        }
        self._require_clean(binding)
        return _load.checked(binding, "that was learned")

    def _saves(self, traffic: Traffic, steps: t.Mapping[str, t.Sequence[sheet.Step]]) -> dict[str, Saved]:
        """Find the services in the order of the sheet: each begins after the one before it. Saves without a text of
        their own could be those of a service that was not found, so these stay open with it.
        """
        found: dict[str, Saved] = {}
        after = -1
        for service in sheet.SERVICES:
            lost = [name for name, saved in found.items() if not saved.writes]
            if lost and not is_marked(steps[service]):
                found[service] = Saved([], [], f"it cannot be told from {', '.join(lost)}, which was not found")
                continue
            found[service] = traffic.saves(steps[service], after)
            after = max((row[1].number for row in found[service].writes), default=after)
        return found

    def _operations(
        self, saved: t.Mapping[str, Saved], learned: t.Mapping[str, Learned], session: Found, writes: list[Exchange]
    ) -> Found:
        headers = carriers.headers_of(writes, session)
        shared: Found = {"headers": headers} if headers else {}
        tokens = {row["field"] for row in session.get("tokens", ()) if "field" in row}
        operations: Found = {}
        for service, found in learned.items():
            operations[f"read_{service}"] = read_of(found, saved[service], shared)
            operations[f"write_{service}"] = write_of(found, saved[service], shared, tokens, self._traffic)
        step = self._steps["email_service"][-1]
        test = test_of(saved["email_service"], operations["write_email_service"], self._traffic, step, tokens)
        operations["test_email_service"] = test if "open" in test else {**test, **shared}
        return operations

    def _bases(self, saved: t.Mapping[str, Saved], operations: Found, session: Found) -> Found:
        """Return the bases, and put the target's placeholder, and paths below the base, into the operations."""
        base = bases.shared_base(operations, session)
        found: Found = {"cloud_id": self._first.id} if self._first.kind == "cloud" else {}
        found[self._first.base] = bases.written(base, self._first)
        bases.put_below(base, operations, session, self._first)
        for other in self._others:
            self._other_base(other, saved["email_service"], base, found)
        if not self._others:
            self._note("targets", "open", "only one target was recorded", bases.RECORD_SECOND)
        return found

    def _other_base(self, other: Source, saved: Saved, base: str, found: Found) -> None:
        """Add the base of another target, going by the first save of its recording."""
        there = Traffic(other.recording.exchanges).saves(self._steps["email_service"][:1], -1)
        if not there.writes or not saved.writes:
            named = other.base.replace("_", " ")
            self._note("targets", "open", f"no save was found in the recording of {named}", bases.RECORD_SECOND)
            return
        one = bases.Sample(self._first, saved.writes[0][1])
        try:
            found[other.base] = bases.other_base(one, bases.Sample(other, there.writes[0][1]), base)
        except bases.Unlike as error:
            self._note("targets", "open", error.why, error.then)
        else:
            self._note(other.base, "found", found[other.base])

    def _note_all(self, learned: t.Mapping[str, Learned], session: Found) -> None:
        for service, found in learned.items():
            for option, verdict, why in found.report:
                self._note(f"{service}.{option}", verdict, why)
        if "open" in session:
            self._note("session", "open", session["open"], NEXT["session"])
        else:
            said = ", ".join([*session.get("headers", ()), *session.get("cookies", ())])
            self._note("session", "guessed" if "guessed" in session else "found", session.get("guessed", said))
        if self._first.recording.bodiless and any(row["verdict"] == "open" for row in self.report):
            self._note("answers", "open", "the recording lacks the bodies of answers", NEXT["bodies"])

    def _note_test(self, test: Found) -> None:
        verdict = next((word for word in ("open", "guessed") if word in test), "found")
        where = f"{test.get('method')} {test.get('path')}"
        self._note("test_email_service", verdict, test.get(verdict, where), NEXT["test"] if verdict == "open" else "")

    def _note(self, what: str, verdict: str, why: str, then: str = "") -> None:
        self.report.append({"what": what, "verdict": verdict, "why": why, "next": then})

    def _notes(self) -> list[str]:
        return [f"{row['what']}: {row['verdict']}, {row['why']}" for row in self.report if row["verdict"] == "guessed"]

    def _require_clean(self, binding: Found) -> None:
        """Nothing that was typed, and no value that carried a session, may be in what is handed out."""
        text = repr(binding)
        marks = [mark for mark in sheet.markers(self._request.seed) if not mark.isdecimal()]
        values = {value for item in self._traffic.exchanges for value in item.cookies.values() if len(value) >= 8}
        values |= {
            item.headers[name] for item in self._traffic.exchanges for name in carriers.KNOWN if name in item.headers
        }
        hosts = {item.origin.partition("://")[2] for item in self._traffic.exchanges}
        if any(secret and secret in text for secret in (*marks, *values, *hosts)):
            raise ConsoleError("binding_invalid", "What was learned holds a value of the recording.", stage="binding")
