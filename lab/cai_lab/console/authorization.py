# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The OAuth authorization of a target's email service: its status, which ends 90 days after it was given or used."""

from __future__ import annotations

from typing import Any

from cai_lab.clock import seconds
from cai_lab.console.core import Console
from cai_lab.fleet import Target

LIFE_S = 90 * 24 * 3600
STATUSES = ("NOT_AUTHORIZED", "AUTHORIZED", "EXPIRED")
NONE: dict[str, Any] = {"status": "NOT_AUTHORIZED", "authorizedBy": None, "lastCompleted": None}
HELD, PENDING = "oauth_held", "oauth_pending"


def read(console: Console, target: Target) -> dict[str, Any]:
    """The authorization's status, who gave it, and when."""
    stored = console.state.get("authorization", target.owner) or NONE
    held = console.state.get(HELD, target.owner) or {}
    last = held.get("refreshed") or stored["lastCompleted"]
    if stored["status"] == "AUTHORIZED" and last and console.clock.now() - seconds(last) > LIFE_S:
        return {**stored, "status": "EXPIRED"}
    return dict(stored)


def store(console: Console, target: Target, status: str, by: str | None) -> None:
    """Set the status, as given by somebody now; ValueError for an unknown word."""
    if status not in STATUSES:
        raise ValueError(f"status is one of {', '.join(STATUSES)}")
    value = (
        NONE
        if status == "NOT_AUTHORIZED"
        else {"status": status, "authorizedBy": by, "lastCompleted": console.clock.stamp()}
    )
    console.state.put("authorization", target.owner, "", value)


def expire(console: Console, target: Target) -> None:
    """The provider refused to refresh: the authorization is over."""
    stored = console.state.get("authorization", target.owner) or NONE
    if stored["status"] == "AUTHORIZED":
        console.state.put("authorization", target.owner, "", {**stored, "status": "EXPIRED"})


def drop(console: Console, target: Target) -> None:
    """Forget the authorization, and the tokens."""
    console.state.delete("authorization", target.owner, "")
    console.state.delete(HELD, target.owner, "")
    console.held.pop(target.owner, None)


def keep(console: Console, target: Target, refresh_token: str, by: str | None) -> None:
    """A completed authorization: its refresh token is used at once, or after the next save (switch)."""
    waits = console.switches["authorization_effect"] == "when_saved"
    now = console.state.get(HELD, target.owner) or {}
    new = {"refresh_token": refresh_token, "refreshed": None}
    console.state.put(HELD, target.owner, "", {**now, "waiting": new} if waits else new)
    console.held.pop(target.owner, None)
    store(console, target, "AUTHORIZED", by)


def saved(console: Console, target: Target) -> None:
    """The email service was saved: what waited for that is used from now on."""
    held = console.state.get(HELD, target.owner) or {}
    if "waiting" in held:
        console.state.put(HELD, target.owner, "", held["waiting"])
        console.held.pop(target.owner, None)
