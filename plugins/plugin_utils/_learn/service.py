# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings what was found about one service into the words of a binding: its fields, and how its object is read and
written.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.cai.console.plugins.plugin_utils._learn import match
from ansible_collections.cai.console.plugins.plugin_utils._learn.leaves import Leaves
from ansible_collections.cai.console.plugins.plugin_utils._learn.sheet import SECRETS, Step
from ansible_collections.cai.console.plugins.plugin_utils._learn.traffic import Saved

MASK = re.compile(r"[*\u2022\u25cf\u00b7]{3,}")
Found = dict[str, t.Any]


@dataclasses.dataclass
class Learned:
    """What a binding says of a service: its ``service``, and the parts of its ``read`` and ``write`` operations that
    its bodies tell. ``report``: (option, verdict, why).
    """

    service: Found
    read: Found
    write: Found
    report: list[tuple[str, str, str]]


def learn(saved: Saved, options: t.Sequence[str], steps: t.Sequence[Step], absent: t.Collection[str]) -> Learned:
    """Return what the saves of a service tell. An option that is not on the page (``absent``) is left out."""
    if saved.problem:
        return _unseen([option for option in options if option not in absent], saved.problem)
    samples = [(step, body.leaves) for step, _item, body in saved.writes]
    shown = [(step, body.leaves) for step, _item, body in saved.reads]
    wanted = [option for option in options if option not in absent and any(option in step for step in steps)]
    mode = _writes_changes(wanted, samples)
    fields = {option: _field(option, samples, shown, mode) for option in wanted}
    read_at, write_at = _prefixes(fields) if saved.writes[0][2].kind == "json" else ("", "")
    settled = {option: _settled(field, read_at, write_at) for option, field in fields.items()}
    read, write = _shape(saved, fields, read_at, write_at, mode)
    report = [(option, *_verdict(field)) for option, field in settled.items()]
    return Learned(_service(saved, fields, settled), read, write, report)


def _unseen(options: t.Sequence[str], why: str) -> Learned:
    """Return what is known of a service that was not recorded: what is open, and why."""
    report = [(option, "open", why) for option in options]
    return Learned({"fields": {option: {"open": why} for option in options}}, {"open": why}, {"open": why}, report)


def _service(saved: Saved, fields: t.Mapping[str, Found], settled: t.Mapping[str, Found]) -> Found:
    """Return a service as a binding has it."""
    if set(settled).isdisjoint(SECRETS):
        return {"fields": settled}
    return {"omitted_secret": "unknown", "fields": settled, **_secrets(saved, fields, settled)}


def _verdict(field: Found) -> tuple[str, str]:
    """Return whether a field was found or is open, and where it stands, or why it is open."""
    if "open" in field:
        return "open", str(field["open"])
    return "found", ", ".join([*field["at"], *field.get("write_at", ())])


def _writes_changes(options: t.Sequence[str], samples: t.Sequence[match.Sample]) -> bool:
    """Whether saves carry what changes, and nothing else: then some option is found only where absence says nothing."""
    choices = [option for option in options if option in match.WORDS]
    strict = [option for option in choices if match.choices(option, samples, changes_only=False)]
    loose = [option for option in choices if match.choices(option, samples, changes_only=True)]
    return len(loose) > len(strict)


def _field(option: str, samples: t.Sequence[match.Sample], shown: t.Sequence[match.Sample], changes: bool) -> Found:
    """Return ``{"reads", "writes", "says"}``, or why it is open."""
    writes, says, why = match.field_of(option, samples, changes)
    if why:
        return {"open": why}
    if option in SECRETS:
        return {"reads": [], "writes": writes, "says": says}
    reads, said, why = match.field_of(option, shown, False)
    if why:
        return {"open": f"it is saved, but in what is read {why}"}
    if says.get("words") != said.get("words"):
        return {"open": "it is read in other words than it is saved in"}
    return {"reads": reads, "writes": writes, "says": says}


def _prefixes(fields: t.Mapping[str, Found]) -> tuple[str, str]:
    """Return where the service's object stands in what is read, and in what is sent, where both are one object."""
    pairs = _paired(fields)
    cut: tuple[list[str], list[str]] = ([], [])
    for read, write in pairs:
        while read and write and read[-1] == write[-1]:
            read, write = read[:-1], write[:-1]
        cut = max(cut, (read, write), key=lambda pair: len(pair[0]) + len(pair[1]))
    if all(read[: len(cut[0])] == cut[0] and write[: len(cut[1])] == cut[1] for read, write in pairs):
        rests = [(read[len(cut[0]) :], write[len(cut[1]) :]) for read, write in pairs]
        if all(read == write for read, write in rests):
            return ".".join(cut[0]), ".".join(cut[1])
    return "", ""


def _paired(fields: t.Mapping[str, Found]) -> list[tuple[list[str], list[str]]]:
    """Return the steps to each option's first place in what is read, and in what is sent."""
    return [
        (read.split("."), write.split("."))
        for field in fields.values()
        if field.get("reads")
        for read in field["reads"][:1]
        for write in field["writes"][:1]
    ]


def _below(place: str, prefix: str) -> str:
    return place[len(prefix) + 1 :] if prefix and place.startswith(f"{prefix}.") else place


def _settled(field: Found, read_at: str, write_at: str) -> Found:
    """Return a field as a binding has it."""
    if "open" in field:
        return field
    reads = [_below(place, read_at) for place in field["reads"]]
    writes = [_below(place, write_at) for place in field["writes"]]
    shared = [place for place in writes if place in reads]
    if shared or not reads:
        return {"at": sorted(writes, key=lambda place: place not in shared), **field["says"]}
    return {"at": reads[:1], "write_at": writes, **field["says"]}


def _shape(
    saved: Saved, fields: t.Mapping[str, Found], read_at: str, write_at: str, changes: bool
) -> tuple[Found, Found]:
    """Return the parts of both operations that their bodies tell."""
    sent, got = saved.writes[0][2], saved.reads[0][2]
    read: Found = {
        "reply": got.kind,
        **({"form": got.form} if got.form else {}),
        **({"at": read_at} if read_at else {}),
    }
    write: Found = {"body": sent.kind, **({"at": write_at} if write_at else {})}
    rest = _beside(saved, fields)
    held = {_below(place, read_at): value for place, value in got.leaves.items()}
    inside = {_below(place, write_at) for place in rest if not write_at or place.startswith(f"{write_at}.")}
    fixed = {place: value for place, value in rest.items() if _below(place, write_at) not in held}
    write["writes"] = "changed" if changes else _writes_all(sent.kind, got.kind, bool(inside & set(held)))
    return read, {**write, "fixed": fixed}


def _writes_all(sent: str, got: str, overlap: bool) -> str:
    """Return whether a save carries the whole object that is read, or the named options alone; by the kinds of both
    bodies, and whether they share something else.
    """
    same_kind = sent == got or (sent, got) == ("form", "html")
    return "whole" if same_kind and (overlap or sent in ("form", "xml")) else "named"


def _beside(saved: Saved, fields: t.Mapping[str, Found]) -> Leaves:
    """Return what every save carried alike beside the options, and that nobody typed."""
    named = {place for field in fields.values() for place in field.get("writes", ())}
    typed = {str(value) for step, _item, _body in saved.writes for value in step.values()}
    rest = _constant([body.leaves for _step, _item, body in saved.writes], named)
    return {place: value for place, value in rest.items() if str(value) not in typed or len(str(value)) < 8}


def _constant(rows: t.Sequence[Leaves], named: t.Collection[str]) -> Leaves:
    """Return what every save carried alike, beside the options."""
    return {
        place: value
        for place, value in rows[0].items()
        if place not in named and value is not None and all(row.get(place) == value for row in rows)
    }


def _is_mask(value: t.Any) -> bool:
    return isinstance(value, str) and bool(MASK.fullmatch(value))


def _secrets(saved: Saved, fields: t.Mapping[str, Found], settled: t.Mapping[str, Found]) -> Found:
    """Return how secrets are hidden, and how a save leaves one out: as the page does it that was not given one."""
    places = [place for option in SECRETS for place in fields.get(option, {}).get("writes", ())]
    if not places:
        return {}
    untouched = saved.writes[-1][2].leaves
    left = {untouched.get(place) for place in places[:1]}
    shown = saved.reads[-1][2].leaves.values()
    if mask := next((value for value in left if _is_mask(value) and value in shown), None):
        return {"mask_keeps": mask}
    if left == {""}:
        for option in SECRETS:
            if "at" in settled.get(option, {}) and saved.reads[-1][2].kind == "html":
                settled[option]["hidden"] = "empty"
        return {"omit_by": "empty"}
    return {}
