# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a plan so: writes once, reads back, compares."""

from __future__ import annotations

import dataclasses
import itertools
import typing as t

from ansible_collections.cai.console.plugins.module_utils._bindings._bodies import same
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError, HttpFailure, LostReply
from ansible_collections.cai.console.plugins.module_utils._memory import Entry, Memory, Place
from ansible_collections.cai.console.plugins.module_utils._plan import Plan, Wishes, make_plan
from ansible_collections.cai.console.plugins.module_utils._transport import BUSY, MAX_TRIES

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._binding import Settings, Stored
    from ansible_collections.cai.console.plugins.module_utils._console import Console
    from ansible_collections.cai.console.plugins.module_utils._resources._service import Service


@dataclasses.dataclass(frozen=True)
class Change:
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
    if console.target.owner and plan.changed:
        raise ConsoleError(
            "not_owner", f"The group is shared by the organisation {console.target.owner}.", stage="plan"
        )
    return Change(service, stored, wishes, plan, place, entry)


def save(
    service: Service, console: Console, stored: Stored, settings: Settings, secrets: t.Mapping[str, str | None]
) -> Stored:
    """Write, read back and compare; return what the console stored."""
    _write(service, console, stored, settings, secrets)
    found = console.read(service.name)
    gone = let_go(console.service(service.name), stored, settings, found)
    wrong = [path for path, value in settings.items() if not service.same(path, found.settings[path], value)]
    wrong = [path for path in wrong if path not in gone]
    if wrong:
        differences = _differences(wrong, settings, found.settings)
        raise ConsoleError(
            "write_not_confirmed",
            f"Sent and stored differ: {differences}.",
            stage="read_back",
            details={"concurrency": concurrency(stored)},
        )
    return found


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


def _write(
    service: Service, console: Console, stored: Stored, settings: Settings, secrets: t.Mapping[str, str | None]
) -> None:
    """Write. What was answered as busy, or whose reply was lost, is looked at first, and written again (a bounded
    number of times) only where it did not arrive.
    """
    for tried in itertools.count(1):
        try:
            console.write(service.name, stored, settings, secrets)
        except (HttpFailure, LostReply) as error:
            if error.code == "concurrent_change":
                raise _concurrent(service, stored.settings, console.read(service.name).settings) from None
            busy = error if isinstance(error, HttpFailure) else None
            if busy and busy.status not in BUSY:
                raise
            console.wait(tried, busy.retry_after if busy else None)
            found = console.read(service.name)
            if not same(found.raw, stored.raw) or found.version != stored.version:
                return
            if tried == MAX_TRIES:
                raise
        else:
            return


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
