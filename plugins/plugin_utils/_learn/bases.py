# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds where the paths of each target begin, and puts placeholders where the target itself stands in them."""

from __future__ import annotations

import dataclasses
import os
import re
import typing as t

from ansible_collections.cai.console.plugins.plugin_utils._learn.har import Exchange, Recording
from ansible_collections.cai.console.plugins.plugin_utils._learn.leaves import Leaves
from ansible_collections.cai.console.plugins.plugin_utils._learn.leaves import sent as leaves_of

RECORD_SECOND = "Record the first save of each service on a second target too."
Found = dict[str, t.Any]


class Unlike(Exception):
    """Two targets cannot be compared: ``why``, and what to do ``then``."""

    def __init__(self, why: str, then: str) -> None:
        super().__init__(why)
        self.why = why
        self.then = then


@dataclasses.dataclass(frozen=True)
class Source:
    """A recording, and the target that it was made on: ``kind`` is cloud or agent, ``id`` is the platform's."""

    recording: Recording
    kind: str
    id: str
    name: str

    @property
    def base(self) -> str:
        """The name that a binding has for the base of such a target."""
        return "cloud" if self.kind == "cloud" else "agent_through_cloud"


@dataclasses.dataclass(frozen=True)
class Sample:
    """A save, and the recording that it stands in."""

    source: Source
    save: Exchange


def shared_base(operations: Found, session: Found) -> str:
    """Return what all paths of the operations, and of the pages that show tokens, begin with."""
    paths = [operation["path"] for operation in operations.values() if "path" in operation]
    pages = [row["page"] for row in session.get("tokens", ())]
    return _common([*paths, *(page.path for page in pages)]) if paths else ""


def written(base: str, source: Source) -> str:
    """Return a base as a binding has it."""
    return f"{{console}}{_masked(base, source)}"


def put_below(base: str, operations: Found, session: Found, source: Source) -> None:
    """Make the paths of operations and tokens those below the base, with the target's placeholders."""
    for operation in operations.values():
        if "path" in operation:
            _place(operation, base, source)
    for row in session.get("tokens", ()):
        page = row.pop("page")
        row["path"] = _masked(page.path[len(base) :], source)
        row.update({"query": query} if (query := {k: _masked(v, source) for k, v in page.query}) else {})


def other_base(first: Sample, other: Sample, base: str) -> str:
    """Return the base of another target, as a binding has it: its paths must end as those of the first, whose base is
    ``base``. An Unlike says why they cannot be compared.
    """
    rest = _masked(first.save.path[len(base) :], first.source).replace("{id}", other.source.id)
    path = other.save.path
    if not path.endswith(rest):
        raise Unlike("the paths of both targets have nothing in common", RECORD_SECOND)
    if (why := _undecided(first, other)) is not None:
        raise Unlike(why, "Give target_id of each recording as it stands in the requests.")
    return written(path[: len(path) - len(rest)], other.source)


def _undecided(first: Sample, other: Sample) -> str | None:
    """Return why it is not clear how two saves choose their targets, or None where their ids make the difference."""
    one, two = first.save, other.save
    if _query(first) != _query(other):
        return "the queries of both targets differ in more than their ids"
    ours, theirs = (leaves_of(item.sent, item.sent_type).leaves for item in (one, two))
    if kept := _kept_ids(ours, theirs, first.source.id, other.source.id):
        return f"{', '.join(kept)} holds the id of one target, and not that of the other"
    chosen = one.path != two.path or one.query != two.query
    ids = other.source.id in theirs.values() and first.source.id in ours.values()
    return None if chosen or ids else "nothing in the requests tells the targets apart by their ids"


def _query(sample: Sample) -> Found:
    return {name: _masked(value, sample.source) for name, value in sample.save.query}


def _kept_ids(ours: Leaves, theirs: Leaves, our_id: str, their_id: str) -> list[str]:
    """Return the places that hold the first target's id, and in the other's save not the other's."""
    at_ours = [name for name, value in ours.items() if isinstance(value, str) and value == our_id != ""]
    return [name for name in at_ours if name in theirs and theirs[name] != their_id]


def _place(operation: Found, base: str, source: Source) -> None:
    operation["path"] = _masked(operation["path"][len(base) :], source)
    for group in ("query", "fixed"):
        values = {name: _masked(value, source) for name, value in operation.get(group, {}).items()}
        operation.pop(group, None)
        operation.update({group: values} if values else {})
    if "redirect" in operation.get("success", {}):
        operation["success"]["redirect"] = _masked(operation["success"]["redirect"], source)
    if "job" in operation:
        operation["job"]["path"] = _masked(operation["job"]["path"][len(base) :], source)


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
