# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Learns a binding from recordings: the whole, with a report of what was found, guessed and left open."""

from __future__ import annotations

import dataclasses
import os
import re
import typing as t

from ansible_collections.cai.console.plugins.module_utils._bindings import _load
from ansible_collections.cai.console.plugins.module_utils._bindings._options import SERVICE_OPTIONS
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.plugin_utils._learn import carriers, sheet
from ansible_collections.cai.console.plugins.plugin_utils._learn.har import Exchange, Recording
from ansible_collections.cai.console.plugins.plugin_utils._learn.leaves import sent as leaves_of
from ansible_collections.cai.console.plugins.plugin_utils._learn.operations import job_of, success_of, test_of
from ansible_collections.cai.console.plugins.plugin_utils._learn.service import Learned, learn
from ansible_collections.cai.console.plugins.plugin_utils._learn.traffic import Saved, Traffic, is_marked

NEXT = {
    "session": "Record again with the session in it: in Chrome, choose to export the HAR with sensitive data.",
    "bodies": "Record again, and keep the page open: what was answered before the last page load is dropped.",
    "target": "Record the first save of each service on a second target too.",
}
Found = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Source:
    """A recording, and the target that it was made on: ``kind`` is cloud or agent, ``id`` is the platform's."""

    recording: Recording
    kind: str
    id: str
    name: str


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
        bases = self._bases(saved, operations, session)
        self._note_all(learned, session)
        binding = {
            "format": 1,
            "meta": {**self._request.meta, "status": "learned", "notes": self._notes()},
            "bases": bases,
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
        tokens = {row["field"] for row in session.get("tokens", ()) if "field" in row}
        operations: Found = {}
        for service, found in learned.items():
            for verb, parts, rows in (
                ("read", found.read, saved[service].reads),
                ("write", found.write, saved[service].writes),
            ):
                if "open" in parts or not rows:
                    operations[f"{verb}_{service}"] = {
                        "open": parts.get("open", saved[service].problem or "not recorded")
                    }
                    continue
                item = rows[0][1]
                made = {**_asked(item), **parts, **({"headers": headers} if headers else {})}
                if verb == "write":
                    made["fixed"] = {name: value for name, value in parts["fixed"].items() if name not in tokens}
                    if unknown := [name for name, value in made["fixed"].items() if _may_be_secret(value)]:
                        why = f"what {', '.join(unknown)} holds looks like a token, and no page shows it"
                        operations[f"{verb}_{service}"] = {"open": why}
                        continue
                    made.update(success_of([row[1] for row in rows]))
                    made.update(job_of(item, self._traffic))
                elif item.sent:
                    made["fixed"] = dict(leaves_of(item.sent, item.sent_type).leaves)
                    made.update(success_of([row[1] for row in rows]))
                operations[f"{verb}_{service}"] = made
        email = saved["email_service"]
        if email.writes and email.reads:
            test = test_of(email, operations["write_email_service"], self._traffic, self._steps["email_service"][-1])
            operations.update(
                {"test_email_service": {**test, **({"headers": headers} if headers else {})}} if test else {}
            )
        return operations

    def _bases(self, saved: t.Mapping[str, Saved], operations: Found, session: Found) -> Found:
        """Return the bases, and put the target's placeholder, and paths below the base, into the operations."""
        paths = [operation["path"] for operation in operations.values() if "path" in operation]
        pages = [row["page"] for row in session.get("tokens", ())]
        base = _common([*paths, *(page.path for page in pages)]) if paths else ""
        bases: Found = {}
        if self._first.kind == "cloud":
            bases["cloud_id"] = self._first.id
        key = "cloud" if self._first.kind == "cloud" else "agent_through_cloud"
        bases[key] = "{console}" + _masked(base, self._first)
        for operation in operations.values():
            if "path" in operation:
                self._place(operation, base)
        for row in session.get("tokens", ()):
            page = row.pop("page")
            row["path"] = _masked(page.path[len(base) :], self._first)
            row.update({"query": query} if (query := {k: _masked(v, self._first) for k, v in page.query}) else {})
        for other in self._others:
            self._other_base(other, saved, base, bases)
        if not self._others:
            self._note("targets", "open", "only one target was recorded", NEXT["target"])
        return bases

    def _other_base(self, other: Source, saved: t.Mapping[str, Saved], base: str, bases: Found) -> None:
        """Compare with a recording of another target: its paths must end as those of the first."""
        steps = {service: rows[:1] for service, rows in self._steps.items() if service == "email_service"}
        there = Traffic(other.recording.exchanges).saves(steps["email_service"], -1)
        key = "cloud" if other.kind == "cloud" else "agent_through_cloud"
        if not there.writes or not saved["email_service"].writes:
            self._note(
                "targets", "open", f"no save was found in the recording of {key.replace('_', ' ')}", NEXT["target"]
            )
            return
        rest = saved["email_service"].writes[0][1].path[len(base) :]
        rest = _masked(rest, self._first).replace("{id}", other.id)
        path = there.writes[0][1].path
        if not path.endswith(rest):
            self._note("targets", "open", "the paths of both targets have nothing in common", NEXT["target"])
            return
        if (
            told := _told_apart(saved["email_service"].writes[0][1], there.writes[0][1], self._first, other)
        ) is not None:
            self._note("targets", "open", told, "Give target_id of each recording as it stands in the requests.")
            return
        bases[key] = "{console}" + _masked(path[: len(path) - len(rest)], other)
        self._note(key, "found", bases[key])

    def _place(self, operation: Found, base: str) -> None:
        operation["path"] = _masked(operation["path"][len(base) :], self._first)
        for group in ("query", "fixed"):
            values = {name: _masked(value, self._first) for name, value in operation.get(group, {}).items()}
            operation.pop(group, None)
            operation.update({group: values} if values else {})
        if "redirect" in operation.get("success", {}):
            operation["success"]["redirect"] = _masked(operation["success"]["redirect"], self._first)
        if "job" in operation:
            operation["job"]["path"] = _masked(operation["job"]["path"][len(base) :], self._first)

    def _note_all(self, learned: t.Mapping[str, Learned], session: Found) -> None:
        for service, found in learned.items():
            for option, verdict, why in found.report:
                self._note(f"{service}.{option}", verdict, why)
        if "open" in session:
            self._note("session", "open", session["open"], NEXT["session"])
        else:
            said = ", ".join([*session.get("headers", ()), *session.get("cookies", ())])
            self._note("session", "guessed" if "guessed" in session else "found", session.get("guessed", said))
        if self._first.recording.bodiless:
            self._note("answers", "open", "the recording has no bodies of answers", NEXT["bodies"])

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


def _told_apart(one: Exchange, other: Exchange, first: Source, second: Source) -> str | None:
    """Return why it is not clear how two saves choose their targets, or None where their ids make the difference."""
    queries = [
        {name: _masked(value, its) for name, value in item.query} for item, its in ((one, first), (other, second))
    ]
    if queries[0] != queries[1]:
        return "the queries of both targets differ in more than their ids"
    bodies = [leaves_of(item.sent, item.sent_type).leaves for item in (one, other)]
    differ = [
        name
        for name, value in bodies[0].items()
        if isinstance(value, str) and name in bodies[1] and value == first.id != "" and bodies[1][name] != second.id
    ]
    if differ:
        return f"{', '.join(differ)} holds the id of one target, and not that of the other"
    chosen = one.path != other.path or one.query != other.query
    ids = any(value == second.id for value in bodies[1].values()) and any(
        value == first.id for value in bodies[0].values()
    )
    return None if chosen or ids else "nothing in the requests tells the targets apart by their ids"


def _may_be_secret(value: t.Any) -> bool:
    return isinstance(value, str) and bool(carriers.RANDOM.fullmatch(value))


def _asked(item: Exchange) -> Found:
    return {"method": item.method, "path": item.path, **({"query": dict(item.query)} if item.query else {})}


def _common(paths: t.Sequence[str]) -> str:
    """Return what all paths begin with, as whole parts; a path is never all of it."""
    parts = os.path.commonprefix([path.split("/")[:-1] for path in paths])
    return "/".join(parts)


def _masked(value: t.Any, source: Source) -> t.Any:
    """Return a text with the target's own name or id as a placeholder, and other braces harmless."""
    if not isinstance(value, str):
        return value
    value = value.replace("{job}", "\0job\0").replace("{", "%7B").replace("}", "%7D").replace("\0job\0", "{job}")
    for text, placeholder in ((source.id, "{id}"), (source.name, "{name}")):
        if text:
            value = re.sub(rf"(?<![\w-]){re.escape(text)}(?![\w-])", placeholder, value)
    return value
