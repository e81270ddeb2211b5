# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a plan so: writes once, reads back, compares."""

from __future__ import annotations

import itertools
import typing as t
from collections import Counter

from ansible_collections.cai.console.plugins.module_utils._bindings._bodies import body_of, same
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError, HttpFailure, LostReply
from ansible_collections.cai.console.plugins.module_utils._memory import Entry, Memory, Place
from ansible_collections.cai.console.plugins.module_utils._plan import Plan, Wishes, make_plan
from ansible_collections.cai.console.plugins.module_utils._transport import BUSY, MAX_TRIES

SHOWN = 5

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._binding import Settings, Stored
    from ansible_collections.cai.console.plugins.module_utils._console import Console
    from ansible_collections.cai.console.plugins.module_utils._resources._service import Service


class Change(t.NamedTuple):
    """One service of one target: what is stored there, what the task wishes, what it would do, what is remembered."""

    service: Service
    stored: Stored
    wishes: Wishes
    plan: Plan
    place: Place
    entry: Entry

    def secrets(self) -> dict[str, str | None]:
        """Return what the write carries: option to secret, or to None where the console shall forget it."""
        sent: dict[str, str | None] = {
            decision.name: self.wishes.secrets[decision.name] for decision in self.plan.secrets if decision.sent
        }
        return {**sent, **dict.fromkeys(self.plan.clear)}

    def held(self) -> dict[str, str]:
        """Return those of the given secrets that the console holds after the task, as far as that is known."""
        return {
            decision.name: self.wishes.secrets[decision.name]
            for decision in self.plan.secrets
            if decision.sent or decision.reason == "unchanged"
        }


def prepare(service: Service, console: Console, wishes: Wishes, memory: Memory) -> Change:
    """Read the service and plan the change. Writes nothing."""
    bound = console.service(service.name)
    console.require_writable(service.name)
    stored = console.read(service.name)
    place = Place(console.name, console.target.id, service.name)
    entry = memory.recall(place) if service.secrets else Entry()
    plan = make_plan(service, stored, wishes, bound, memory.compare(place, entry, wishes.secrets, stored.stamp))
    if plan.changed:
        console.require_allowed(service.name)
    if console.target.owner and plan.changed:
        raise ConsoleError(
            "not_owner", f"The group is shared by the organisation {console.target.owner}.", stage="plan"
        )
    return Change(service, stored, wishes, plan, place, entry)


def save(
    service: Service,
    console: Console,
    stored: Stored,
    settings: Settings,
    secrets: t.Mapping[str, str | None],
    warnings: list[str] | None = None,
) -> Stored:
    """Write, read back and compare; return what the console stored. ``warnings`` takes what else is otherwise now."""
    sent = _write(service, console, stored, settings, secrets)
    found = console.read(service.name)
    gone = let_go(console.service(service.name), stored, settings, found)
    wrong = [path for path, value in settings.items() if not service.same(path, found.settings[path], value)]
    wrong = [path for path in wrong if path not in gone]
    if wrong:
        ignored = same(found.raw, stored.raw)
        said = "The console took the write, and stored nothing: " if ignored else "Sent and stored differ: "
        raise ConsoleError(
            "write_not_confirmed",
            f"{said}{_differences(wrong, settings, found.settings)}.",
            stage="read_back",
            details={"concurrency": concurrency(stored)},
        )
    if sent is not None and console.replaces_all(service.name):
        _check_rest(service, console, sent, found, [] if warnings is None else warnings)
    return found


def _check_rest(service: Service, console: Console, sent: t.Any, found: Stored, warnings: list[str]) -> None:
    """Compare what no option names: an entry that was lost is an error, one that is otherwise now a warning. Only
    their places are told, since nobody knows which of them are secret.
    """
    own = {place for field in console.service(service.name)["fields"].values() for place in field.get("at", ())}
    theirs = Counter(row for row in body_of(sent).leaves() if row[0] not in own)
    theirs.subtract(body_of(found.raw).leaves())
    places = {place for place, _text in body_of(found.raw).leaves()}
    moved = sorted({place for (place, _text), count in theirs.items() if count > 0})
    lost = [place for place in moved if place not in places]
    if lost:
        raise ConsoleError("write_not_confirmed", f"Lost, though it was sent: {_some(lost)}.", stage="read_back")
    if moved:
        warnings.append(
            f"Of the engine's configuration, other entries are not as they were sent: {_some(moved)}. The engine "
            "changed them, or somebody else did at the same time."
        )


def _some(places: t.Sequence[str]) -> str:
    return ", ".join(places[:SHOWN]) + (f" and {len(places) - SHOWN} more" if len(places) > SHOWN else "")


def let_go(bound: t.Mapping[str, t.Any], stored: Stored, settings: t.Mapping[str, t.Any], found: Stored) -> list[str]:
    """Return what the console itself let go of: options that may be absent by the binding, were there, should have
    stayed as they were, and are there no more. An example is a user name that goes with the password.
    """
    return [
        path
        for path, field in bound["fields"].items()
        if field.get("may_be_absent")
        and stored.settings[path] is not None
        and stored.settings[path] == settings[path]
        and found.settings[path] is None
    ]


def _latest(service: Service, console: Console, stored: Stored) -> Stored:
    """Return what a document that holds other things too is now, so that what changed there since is not lost. Where
    the service itself changed, nothing is written.
    """
    if not console.shares_document(service.name):
        return stored
    now = console.read(service.name)
    if now.settings != stored.settings:
        raise _concurrent(service, stored.settings, now.settings)
    return now


def _write(
    service: Service, console: Console, stored: Stored, settings: Settings, secrets: t.Mapping[str, str | None]
) -> t.Any:
    """Write. What was answered as busy, or whose reply was lost, is looked at first, and written again (a bounded
    number of times) only where it did not arrive. Return what was sent, or None where that is not known for certain.
    """
    console.require_allowed(service.name)
    stored = _latest(service, console, stored)
    for tried in itertools.count(1):
        try:
            return console.write(service.name, stored, settings, secrets)
        except (HttpFailure, LostReply) as error:
            if error.code == "concurrent_change":
                raise _concurrent(service, stored.settings, console.read(service.name).settings) from None
            busy = error if isinstance(error, HttpFailure) else None
            if busy and busy.status not in BUSY:
                raise
            console.wait(tried, busy.retry_after if busy else None)
            found = console.read(service.name)
            if not same(found.raw, stored.raw) or found.version != stored.version:
                return None
            if tried == MAX_TRIES:
                raise


def concurrency(stored: Stored) -> str:
    """Return whether the console's versions guarantee that no other save is written over."""
    return "guaranteed" if stored.version else "best_effort"


def _concurrent(service: Service, before: Settings, now: Settings) -> ConsoleError:
    moved = [path for path in before if before[path] != now[path]]
    what = _differences(moved, before, now) if moved else "a member that no option names"
    message = f"The {service.title} was changed between reading and writing: {what}."
    return ConsoleError("concurrent_change", message, stage="write")


def _differences(paths: t.Sequence[str], one: Settings, other: Settings) -> str:
    return ", ".join(f"{path}: {one[path]!r}, now {other[path]!r}" for path in paths)
