# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds the requests: which one saves a service, and which one reads it. Telemetry that repeats a marker, polls and
requests that failed must not be taken for either.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.cai.console.plugins.plugin_utils._learn import leaves, match
from ansible_collections.cai.console.plugins.plugin_utils._learn.har import Exchange
from ansible_collections.cai.console.plugins.plugin_utils._learn.sheet import Step

Sent = tuple[Exchange, leaves.Body]
Row = tuple[Step, Exchange, leaves.Body]


@dataclasses.dataclass(frozen=True)
class Saved:
    """The saves of a service in the order of the sheet, what was read after each, and why there is nothing, if so.

    ``writes``: (step, request, body). ``reads``: (step, request, body of the answer).
    """

    writes: list[Row]
    reads: list[Row]
    problem: str = ""


class Traffic:
    """A recording, with its bodies taken apart once."""

    def __init__(self, exchanges: t.Sequence[Exchange]) -> None:
        self.exchanges = [item for item in exchanges if item.status < 400]
        self.sent: list[Sent] = [
            (item, leaves.sent(item.sent, item.sent_type)) for item in self.exchanges if item.mutates
        ]
        self._first = 0  # the first save of all; what was sent before it can only have read
        self._got: dict[int, list[leaves.Body]] = {}

    def got(self, item: Exchange) -> list[leaves.Body]:
        """Return an answer's bodies."""
        if item.number not in self._got:
            self._got[item.number] = leaves.got(item.got, item.got_type) if item.got else []
        return self._got[item.number]

    def saves(self, steps: t.Sequence[Step], after: int) -> Saved:
        """Return the saves of a service after a request's number; found by its markers, or by its choices alone."""
        groups = self._marked(steps, after) if is_marked(steps) else self._chosen(steps, after)
        complete = [group for group in groups if len(group) == len(steps)]
        if not complete:
            most = max((len(group) for group in groups), default=0)
            return Saved([], [], f"{most} of {len(steps)} saves were recorded")
        self._first = self._first or min(group[0][1].number for group in complete)
        made = [Saved(group, self._reads(group)) for group in complete]
        read = _likeliest([saved for saved in made if saved.reads])
        if len(read) > 1:
            places = sorted({f"{saved.writes[0][1].method} {saved.writes[0][1].path}" for saved in read})
            return Saved([], [], f"several requests look like the save: {', '.join(places)}")
        return read[0] if read else Saved(made[0].writes, [], "no answer shows what was saved")

    def _marked(self, steps: t.Sequence[Step], after: int) -> list[list[Row]]:
        needed = min(2, *(sum(option not in match.WORDS for option in step) for step in steps))
        groups: dict[t.Any, list[Row]] = {}
        for item, body in self.sent:
            step = max(steps, key=lambda wanted: match.share(wanted, body.leaves))
            if item.number > after and match.marks(step, body.leaves) >= needed:
                groups.setdefault(_key(item, body), []).append((step, item, body))
        return [_in_order(steps, part) for group in groups.values() for part in _by_purpose(group)]

    def _chosen(self, steps: t.Sequence[Step], after: int) -> list[list[Row]]:
        """Return groups of requests whose bodies follow the choices; what is also sent before any save only reads."""
        before = {(item.path, item.sent) for item, _body in self.sent if item.number < self._first}
        groups: dict[t.Any, list[Sent]] = {}
        for item, body in self.sent:
            if item.number > after and body.leaves and (item.path, item.sent) not in before:
                groups.setdefault(_key(item, body), []).append((item, body))
        found = []
        for group in groups.values():
            rows = [(step, item, body) for step, (item, body) in zip(steps, group, strict=False)]
            samples = [(step, body.leaves) for step, _item, body in rows]
            follows = any(
                match.choices(option, samples, changes_only=loose) for option in steps[0] for loose in (False, True)
            )
            if len(rows) == len(steps) and follows:
                found.append(rows)
        return found

    def _reads(self, writes: t.Sequence[Row]) -> list[Row]:
        """Return the answers that show what was saved, of the request that shows most; each before the next save."""
        marked = is_marked([step for step, _item, _body in writes])
        likely = self._answers(writes)
        scored = [(_options_shown(rows), len(rows), rows) for rows in likely if not marked or _texts_shown(rows)]
        best = max(scored, key=lambda row: row[:2], default=(0, 0, []))
        if not best[0] or (not marked and len(best[2]) < len(writes)):
            return []
        return sorted(best[2], key=lambda row: row[1].number)

    def _answers(self, writes: t.Sequence[Row]) -> list[list[Row]]:
        """Return the answers between the saves, the first after each, in a list for each request that was repeated."""
        numbers = [item.number for _step, item, _body in writes]
        origin = writes[0][1].origin
        groups: dict[t.Any, dict[int, Row]] = {}
        for index, (step, _item, _body) in enumerate(writes):
            end = numbers[index + 1] if index + 1 < len(numbers) else numbers[index] + 200
            for item in self.exchanges:
                if not numbers[index] < item.number < end or item.origin != origin or item.status != 200:
                    continue
                for body in self.got(item):
                    key = (item.method, item.path, item.sent, body.kind, body.form)
                    groups.setdefault(key, {}).setdefault(index, (step, item, body))
        return [list(rows.values()) for rows in groups.values()]


def is_marked(steps: t.Iterable[Step]) -> bool:
    """Whether the saves carry texts that occur nowhere else, and not choices alone."""
    return any(option not in match.WORDS for step in steps for option in step)


def _options_shown(rows: t.Sequence[Row]) -> int:
    samples = [(step, body.leaves) for step, _item, body in rows]
    chosen = {option for step, _leaves in samples for option in step if option in match.WORDS}
    return _texts_shown(rows) + sum(bool(match.choices(option, samples, changes_only=False)) for option in chosen)


def _likeliest(found: t.Sequence[Saved]) -> list[Saved]:
    """Return the saves whose requests carry the most options."""
    most = max((_options_shown(saved.writes) for saved in found), default=0)
    return [saved for saved in found if _options_shown(saved.writes) == most]


def _texts_shown(rows: t.Sequence[Row]) -> int:
    samples = [(step, body.leaves) for step, _item, body in rows]
    typed = {option for step, _leaves in samples for option in step if option not in match.WORDS}
    return sum(bool(match.texts(option, samples)) for option in typed)


def _key(item: Exchange, body: leaves.Body) -> tuple[str, str, str, str]:
    return item.origin, item.method, item.path, body.kind


def _in_order(steps: t.Sequence[Step], rows: t.Sequence[Row]) -> list[Row]:
    """Return the first request for each save that comes after the one for the save before it."""
    group: list[Row] = []
    for step in steps:
        last = group[-1][1].number if group else -1
        group += [row for row in rows if row[0] is step and row[1].number > last][:1]
    return group


def _fullest(rows: t.Sequence[Row]) -> list[Row]:
    """Return, for each save, the requests that carry most of what it typed: later ones may still carry some of it."""
    most: dict[int, int] = {}
    for step, _item, body in rows:
        most[id(step)] = max(most.get(id(step), 0), match.marks(step, body.leaves))
    return [row for row in rows if match.marks(row[0], row[2].leaves) == most[id(row[0])]]


def _by_purpose(rows: t.Sequence[Row]) -> list[list[Row]]:
    """Tell apart what goes to the same address with the same settings for another purpose, such as the test: by places
    that hold one word for some, and another one for others, whatever the settings.
    """
    rows = _fullest(rows)
    by_step: dict[int, list[leaves.Leaves]] = {}
    for step, _item, body in rows:
        by_step.setdefault(id(step), []).append(body.leaves)
    places = {place for _step, _item, body in rows for place in body.leaves}
    purposes = sorted(place for place in places if _tells_purpose(place, list(by_step.values())))
    parts: dict[str, list[Row]] = {}
    for row in rows:
        parts.setdefault(repr([row[2].leaves.get(place) for place in purposes]), []).append(row)
    return list(parts.values())


def _tells_purpose(place: str, samples: t.Sequence[t.Sequence[leaves.Leaves]]) -> bool:
    """Whether a place differs between requests with the same settings, and among no others."""
    seen = [{repr(found.get(place)) for found in group} for group in samples]
    shared = set.intersection(*seen)
    return bool(shared) and any(len(words) > 1 for words in seen)
