# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Convergence: what would change and why (pure), and making it so. Idempotency, check mode and diff are decided here
and nowhere else.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError, HttpFailure, LostReply
from ansible_collections.cai.console.plugins.module_utils._secrets import Decision, Situation, decide
from ansible_collections.cai.console.plugins.module_utils._transport import BUSY

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._binding import Settings, Stored
    from ansible_collections.cai.console.plugins.module_utils._console import Console
    from ansible_collections.cai.console.plugins.module_utils._resources._service import Service


@dataclasses.dataclass(frozen=True)
class Wishes:
    """What a task asks for: ``settings`` and ``secrets`` by option path (only what was given), and how to treat
    secrets.
    """

    settings: Settings
    secrets: dict[str, str] = dataclasses.field(default_factory=dict)
    update_secrets: str = "on_create"
    reuse_stored_secret: bool = False


@dataclasses.dataclass(frozen=True)
class Plan:
    """What a task would do. ``after`` is the predicted state; ``secrets`` the decisions; ``clear`` and ``stale`` the
    secrets of the former authentication type.
    """

    before: Settings
    after: Settings
    states: dict[str, str]
    secrets: tuple[Decision, ...]
    clear: tuple[str, ...]
    stale: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def changed(self) -> bool:
        """Whether anything would be written."""
        return self.before != self.after or bool(self.clear) or any(decision.sent for decision in self.secrets)

    def diff(self) -> dict[str, t.Any]:
        """Return Ansible's ``{"before", "after"}``; a secret is the word ``set``, ``unset``, ``unknown`` or ``sent``,
        never its value.
        """
        sent = {decision.name: "sent" for decision in self.secrets if decision.sent}
        then = {**self.states, **dict.fromkeys(self.clear, "unset"), **sent}
        return {"before": nest({**self.before, **self.states}), "after": nest({**self.after, **then})}


def nest(flat: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return ``{"a.b": 1}`` as ``{"a": {"b": 1}}``."""
    nested: dict[str, t.Any] = {}
    for path, value in flat.items():
        *parents, last = path.split(".")
        place = nested
        for name in parents:
            place = place.setdefault(name, {})
        place[last] = value
    return nested


def flatten(nested: t.Mapping[str, t.Any]) -> Settings:
    """Return the opposite of ``nest`` for a task's parameters; what is None was not given and is left out."""
    flat: Settings = {}
    for name, value in nested.items():
        if isinstance(value, dict):
            flat.update({f"{name}.{path}": inner for path, inner in flatten(value).items()})
        elif value is not None:
            flat[name] = value
    return flat


def make_plan(service: Service, stored: Stored, wishes: Wishes, bound: t.Mapping[str, t.Any]) -> Plan:
    """Compare what is stored with what is wished. Pure; raises a ConsoleError where the merged state would be wrong.

    An option that was not given keeps its value; one that is given but equal under the service's normalisation too.
    """
    before = stored.settings
    unbound = sorted((set(wishes.settings) | set(wishes.secrets)) - set(bound["fields"]))
    if unbound:
        raise ConsoleError("not_bound", f"The binding does not say where {', '.join(unbound)} stands.", stage="plan")
    after = {
        **before,
        **{path: value for path, value in wishes.settings.items() if not service.same(path, before[path], value)},
    }
    decisions: list[Decision] = []
    dropped: list[str] = []
    if service.secrets:
        situation = Situation(
            before=before,
            after=after,
            states=stored.secrets,
            given=wishes.secrets,
            policy=wishes.update_secrets,
            reuse_stored=wishes.reuse_stored_secret,
            omitted_secret=bound.get("omitted_secret", "unknown"),
        )
        service.check_merged(after, situation)
        decisions = decide(service.secrets, situation)
        if situation.moved(["authentication"]):
            dropped = [
                secret.name
                for secret in service.secrets
                if not situation.in_use(secret) and situation.maybe_stored(secret)
            ]
    else:
        service.check_merged(after, None)
    clears = bool(bound.get("clears_secrets"))
    return Plan(
        before=before,
        after=after,
        states=stored.secrets,
        secrets=tuple(decisions),
        clear=tuple(dropped if clears else ()),
        stale=tuple(() if clears else dropped),
        warnings=tuple(service.warnings(before, after, wishes)),
    )


def converge(service: Service, console: Console, wishes: Wishes) -> dict[str, t.Any]:
    """Bring one service of one target to what is wished and return the task's result."""
    bound = console.service(service.name)
    stored = console.read(service.name)
    plan = make_plan(service, stored, wishes, bound)
    if console.target.owner and plan.changed:
        raise ConsoleError(
            "not_owner", f"The group is shared by the organisation {console.target.owner}.", stage="plan"
        )
    after = plan.after
    if plan.changed and not console.read_only:
        after = _save(service, console, stored, plan, wishes)
    return {
        "changed": plan.changed,
        service.name: nest(after),
        "secrets": [dataclasses.asdict(decision) for decision in plan.secrets],
        "stale_secrets": list(plan.stale),
        "concurrency": "guaranteed" if stored.version else "best_effort",
        "diff": plan.diff(),
        "warnings": list(plan.warnings),
    }


def _save(service: Service, console: Console, stored: Stored, plan: Plan, wishes: Wishes) -> Settings:
    """Write, read back and compare; return what the console stored.

    A write that was answered as busy, or whose reply was lost, is looked at first, and written once more only if it did
    not arrive.
    """
    secrets: dict[str, str | None] = {
        decision.name: wishes.secrets[decision.name] for decision in plan.secrets if decision.sent
    }
    secrets.update(dict.fromkeys(plan.clear))
    try:
        console.write(service.name, stored, plan.after, secrets)
    except (HttpFailure, LostReply) as error:
        if error.code == "concurrent_change":
            raise _concurrent(service, stored.settings, console.read(service.name).settings) from None
        if isinstance(error, HttpFailure) and error.status not in BUSY:
            raise
        console.wait(error.retry_after if isinstance(error, HttpFailure) else None)
        found = console.read(service.name)
        if found.raw == stored.raw and found.version == stored.version:
            console.write(service.name, found, plan.after, secrets)
    found = console.read(service.name)
    wrong = [path for path, value in plan.after.items() if not service.same(path, found.settings[path], value)]
    if wrong:
        raise ConsoleError(
            "write_not_confirmed",
            f"Sent and stored differ: {_differences(wrong, plan.after, found.settings)}.",
            stage="read_back",
        )
    return found.settings


def _concurrent(service: Service, before: Settings, now: Settings) -> ConsoleError:
    moved = [path for path in before if before[path] != now[path]]
    what = _differences(moved, before, now) if moved else "a member that no option names"
    return ConsoleError(
        "concurrent_change", f"The {service.title} was changed between reading and writing: {what}.", stage="write"
    )


def _differences(paths: t.Sequence[str], one: Settings, other: Settings) -> str:
    return ", ".join(f"{path}: {one[path]!r}, now {other[path]!r}" for path in paths)
