# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decides, for each secret that a task gives, whether it is sent, and why. Pure: no request, no file."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError

MASK = re.compile(r"[*\u2022\u25cf\u00b7]{3,}|\$encrypted\$")


class Secret(t.NamedTuple):
    """A setting that can be written but not read back.

    ``used_with``: the authentication type that uses it. ``owner``: the option that says whose it is. ``guards``: the
    options whose change would hand a stored
    secret to somebody else.
    """

    name: str
    used_with: str
    owner: str
    guards: tuple[str, ...]


class Decision(t.NamedTuple):
    """Whether a secret is sent, and the reason as one word (documented in the module's return values)."""

    name: str
    sent: bool
    reason: str


class Situation(t.NamedTuple):
    """What a decision depends on.

    The settings ``before`` and ``after``; the secrets' ``states`` at the console, and which were ``given``; what the
    ``memory`` says of each (``same``, ``changed`` or ``unknown``); the ``policy`` (update_secrets) and what to do
    ``on_unknown``; what the console does with an ``omitted_secret``; whether an OAuth authorization is in force; the
    secrets that stay because their mask is sent back (``masked``).
    """

    before: t.Mapping[str, t.Any]
    after: t.Mapping[str, t.Any]
    states: t.Mapping[str, str]
    given: t.Mapping[str, str]
    memory: t.Mapping[str, str]
    policy: str
    on_unknown: str | None
    reuse_stored: bool
    omitted_secret: str
    authorized: bool
    masked: t.AbstractSet[str] = frozenset()

    def moved(self, options: t.Iterable[str]) -> list[str]:
        """Return those of ``options`` that change."""
        return [option for option in options if self.before[option] != self.after[option]]

    def maybe_stored(self, secret: Secret) -> bool:
        """Whether the console holds the secret, or may hold it and cannot tell."""
        state = self.states[secret.name]
        return state == "set" or state == "unknown" and bool(self.before[secret.owner])

    def in_use(self, secret: Secret) -> bool:
        """Whether the authentication type, as it will be, uses the secret."""
        return bool((self.after["authentication"] or "password") == secret.used_with)

    def leaves_behind(self, secret: Secret) -> bool:
        """Whether the authentication type changes away from the one that uses the secret."""
        moved = bool(self.moved(["authentication"]))
        return moved and not self.in_use(secret) and self.maybe_stored(secret)

    def risks_authorization(self, decisions: t.Sequence[Decision]) -> bool:
        """Whether the authorization that a person granted may be lost. What drops one is not documented."""
        sent = any(decision.sent and decision.name.startswith("oauth.") for decision in decisions)
        options = [option for option in self.after if option == "authentication" or option.startswith("oauth.")]
        return self.authorized and (sent or bool(self.moved(options)))


def check_given(secrets: t.Mapping[str, str]) -> None:
    """Refuse a value that is empty or looks like a mask: it would replace a secret by rubbish."""
    for name, value in secrets.items():
        if not value:
            raise ConsoleError(
                "invalid_option", f"{name} is empty.", stage="options", remedy=f"Give {name} a value, or leave it out."
            )
        if MASK.fullmatch(value):
            raise ConsoleError(
                "invalid_option",
                f"{name} looks like a mask, not like a secret.",
                stage="options",
                remedy=f"Give the real {name}, or leave it out.",
            )


def decide(secrets: t.Sequence[Secret], situation: Situation) -> list[Decision]:
    """Return a decision for every secret that was given. Raises ``secret_required`` where one is needed that was not
    given.
    """
    decisions = [_decide(secret, situation) for secret in secrets]
    writes = bool(situation.moved(situation.after)) or any(decision and decision.sent for decision in decisions)
    if writes and situation.omitted_secret != "kept":
        decisions = [_console_needs(secret, decision, situation) for secret, decision in zip(secrets, decisions)]
    return [decision for decision in decisions if decision]


def _decide(secret: Secret, situation: Situation) -> Decision | None:
    moved = situation.moved(secret.guards) if situation.in_use(secret) and situation.maybe_stored(secret) else []
    if secret.name not in situation.given:
        _require(secret, situation, moved)
        return None
    if not situation.in_use(secret):
        return Decision(secret.name, False, "not_in_use")
    state = situation.states[secret.name]
    reasons = (
        (bool(moved), "required"),
        (situation.policy == "always", "always"),
        (state == "unset", "unset"),
        (bool(situation.moved(["authentication"])), "authentication_changed"),
        (bool(situation.moved([secret.owner])), "user_changed"),
        (situation.policy == "on_create" and _switched_on(situation), "switched_on"),
    )
    for applies, reason in reasons:
        if applies:
            return Decision(secret.name, True, reason)
    if situation.policy == "when_changed":
        return _by_memory(secret, situation)
    return Decision(secret.name, False, "already_set" if state == "set" else "unknown")


def _switched_on(situation: Situation) -> bool:
    return bool(situation.after["enabled"] and not situation.before["enabled"])


def _by_memory(secret: Secret, situation: Situation) -> Decision:
    """Decide by what was last written. What is not known is sent, but not a client secret under an authorization that
    only a person can give back.
    """
    known = situation.memory.get(secret.name, "unknown")
    if known != "unknown":
        return Decision(secret.name, known == "changed", "changed" if known == "changed" else "unchanged")
    if situation.on_unknown == "fail":
        raise ConsoleError(
            "secret_unknown",
            f"Whether {secret.name} is the one that the console holds is not known.",
            stage="plan",
        )
    if situation.on_unknown is None and secret.used_with == "oauth" and situation.authorized:
        return Decision(secret.name, False, "authorized")
    return Decision(secret.name, situation.on_unknown != "keep", "unknown")


def _require(secret: Secret, situation: Situation, moved: t.Sequence[str]) -> None:
    """Raise where a secret that was not given is needed: a stored one would be passed on, or a new authentication type
    goes to work without its secret.
    """
    if situation.reuse_stored or not situation.in_use(secret):
        return
    if moved:
        raise _required(
            secret,
            f"{' and '.join(moved)} would change, and the stored {secret.name} would go to another server or user",
        )
    starts = situation.after["enabled"] and situation.moved(["authentication"]) and situation.after[secret.owner]
    if starts and situation.states[secret.name] != "set":
        raise _required(secret, f"authentication changes to {secret.used_with}, which needs {secret.name}")


def _console_needs(secret: Secret, decision: Decision | None, situation: Situation) -> Decision | None:
    """The console drops, or may drop, what a write leaves out: so every write must carry the secret in use."""
    if not situation.in_use(secret) or not situation.maybe_stored(secret) or secret.name in situation.masked:
        return decision
    if decision and decision.sent:
        return decision
    if secret.name not in situation.given:
        raise _required(
            secret,
            f"By the binding, this console does not surely keep {secret.name} when a write leaves it out",
            or_reuse=False,
        )
    return Decision(secret.name, True, "required")


def _required(secret: Secret, why: str, *, or_reuse: bool = True) -> ConsoleError:
    accept = ", or accept with reuse_stored_secret=true that the stored one is used there" if or_reuse else ""
    return ConsoleError(
        "secret_required", f"{why}.", stage="plan", remedy=f"Give {secret.name} in the same task{accept}."
    )
