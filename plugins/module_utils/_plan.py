# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What would change, and why. Pure: no request, no file, no check mode."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.cai.console.plugins.module_utils._binding import Known
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._secrets import Decision, Situation, decide

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._binding import Settings, Stored
    from ansible_collections.cai.console.plugins.module_utils._resources._service import Service


@dataclasses.dataclass(frozen=True)
class Wishes:
    """What a task asks for: ``settings`` and ``secrets`` by option path (only what was given), and how to treat
    secrets.
    """

    settings: Settings
    secrets: dict[str, str] = dataclasses.field(default_factory=dict)
    update_secrets: str = "when_changed"
    on_unknown_secret: str | None = None
    reuse_stored_secret: bool = False


class Plan(t.NamedTuple):
    """What a task would do. ``after`` is the predicted state; ``secrets`` the decisions; ``clear`` and ``stale`` the
    secrets of the former authentication type.
    """

    before: Settings
    after: Settings
    states: dict[str, str]
    secrets: tuple[Decision, ...]
    clear: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    authorization_at_risk: bool = False

    @property
    def changed(self) -> bool:
        """Whether anything would be written."""
        return self.before != self.after or bool(self.clear) or any(decision.sent for decision in self.secrets)

    def diff(self) -> dict[str, t.Any]:
        """Return Ansible's ``{"before", "after"}``; a secret is the word ``set``, ``unset``, ``unknown`` or ``sent``,
        never its value.
        """
        return {"before": nest({**self.before, **self.states}), "after": nest({**self.after, **self._states_after()})}

    def why(self) -> list[dict[str, t.Any]]:
        """Return ``[{"field", "from", "to", "source"}]``, one row per change; secrets are words here too."""
        rows = [
            {"field": path, "from": self.before[path], "to": value, "source": "task"}
            for path, value in self.after.items()
            if self.before[path] != value
        ]
        reasons = {decision.name: decision.reason for decision in self.secrets if decision.sent}
        then = self._states_after()
        return rows + [
            {"field": name, "from": self.states[name], "to": then[name], "source": reasons.get(name, "authentication")}
            for name in (*reasons, *self.clear)
        ]

    def _states_after(self) -> dict[str, str]:
        sent = {decision.name: "sent" for decision in self.secrets if decision.sent}
        return {**self.states, **dict.fromkeys(self.clear, "unset"), **sent}


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
    return {path: value for path, value in leaves(nested).items() if value is not None}


def leaves(nested: t.Mapping[str, t.Any]) -> Settings:
    """Return the opposite of ``nest``."""
    flat: Settings = {}
    for name, value in nested.items():
        if isinstance(value, dict):
            flat.update({f"{name}.{path}": inner for path, inner in leaves(value).items()})
        else:
            flat[name] = value
    return flat


def make_plan(
    service: Service,
    stored: Stored,
    wishes: Wishes,
    bound: t.Mapping[str, t.Any],
    memory: t.Mapping[str, str] | None = None,
) -> Plan:
    """Compare what is stored with what is wished. Pure; raises a ConsoleError where the merged state would be wrong.

    An option that was not given keeps its value; one that is given but equal under the service's normalisation too.
    ``memory`` says of each secret whether it is the ``same`` as the last one written, ``changed`` or ``unknown``.
    """
    before = Known(stored.settings)
    unbound = sorted((set(wishes.settings) | set(wishes.secrets)) - set(bound["fields"]))
    if unbound:
        raise ConsoleError("not_bound", f"The binding does not say where {', '.join(unbound)} stands.", stage="plan")
    wished = {path: value for path, value in wishes.settings.items() if not service.same(path, before[path], value)}
    after = Known({**before, **wished})
    warnings = tuple(service.warnings(before, after, wishes))
    if not service.secrets:
        service.check_merged(after, None)
        return Plan(before, after, stored.secrets, (), warnings=warnings)
    situation = Situation(
        before=before,
        after=after,
        states={secret.name: stored.secrets.get(secret.name, "unset") for secret in service.secrets},
        given=wishes.secrets,
        memory=memory or {},
        policy=wishes.update_secrets,
        on_unknown=wishes.on_unknown_secret,
        reuse_stored=wishes.reuse_stored_secret,
        omitted_secret=bound.get("omitted_secret", "unknown"),
        masked=stored.masked,
        authorized=stored.facts.get("authorization.status") == "authorized",
    )
    service.check_merged(after, situation)
    decisions = decide(service.secrets, situation)
    dropped = tuple(secret.name for secret in service.secrets if situation.leaves_behind(secret))
    clears = bool(bound.get("clears_secrets"))
    return Plan(
        before,
        after,
        stored.secrets,
        tuple(decisions),
        clear=dropped if clears else (),
        stale=() if clears else dropped,
        warnings=warnings,
        authorization_at_risk=situation.risks_authorization(decisions),
    )
