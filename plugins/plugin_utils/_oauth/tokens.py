# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a provider gave, judged: nothing wider, nothing missing, for the right mailbox. Pure."""

from __future__ import annotations

import base64
import dataclasses
import datetime
import json
import typing as t

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError

OIDC = frozenset({"openid", "profile", "email", "offline_access"})
ALIASES = {
    "https://www.googleapis.com/auth/userinfo.email": "email",
    "https://www.googleapis.com/auth/userinfo.profile": "profile",
}
WHO = ("preferred_username", "upn", "email")


@dataclasses.dataclass(frozen=True)
class Tokens:
    """Tokens with what is known of them. ``expires_at`` is ISO 8601 in UTC, or None; ``mailbox`` None = unknown."""

    access_token: str
    refresh_token: str | None
    expires_at: str | None
    scope: tuple[str, ...]
    token_type: str
    mailbox: str | None

    def as_result(self) -> dict[str, t.Any]:
        """Return it for a task's result."""
        return {**dataclasses.asdict(self), "scope": list(self.scope)}


def stamp(seconds: float) -> str:
    """Return a time as ISO 8601 in UTC."""
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds(text: str) -> float:
    """Return the opposite of ``stamp``."""
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def read(got: t.Mapping[str, t.Any], asked: t.Sequence[str], now: float) -> Tokens:
    """Read a token endpoint's object. A provider that names no scope granted what was asked for (RFC 6749, 5.1)."""
    scope = got.get("scope")
    granted = tuple(scope.split()) if isinstance(scope, str) else tuple(scope or asked)
    lifetime = got.get("expires_in")
    try:
        expires = stamp(now + float(lifetime)) if lifetime is not None else None
    except (TypeError, ValueError):
        expires = None
    refresh = got.get("refresh_token")
    return Tokens(
        access_token=str(got["access_token"]),
        refresh_token=str(refresh) if refresh else None,
        expires_at=expires,
        scope=granted,
        token_type=str(got.get("token_type", "Bearer")),
        mailbox=mailbox_of(got.get("id_token")),
    )


def mailbox_of(id_token: t.Any) -> str | None:
    """Return whose consent it is, by an id token that came straight from the token endpoint over TLS (OpenID Connect
    Core 3.1.3.7: its signature need not be checked then).
    """
    try:
        body = str(id_token).split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (IndexError, ValueError):
        return None
    if not isinstance(claims, dict):
        return None
    return next((str(claims[name]) for name in WHO if "@" in str(claims.get(name, ""))), None)


def judge(tokens: Tokens, asked: t.Sequence[str], user: str | None, *, lasts: str | None = None) -> None:
    """Refuse a surprise. ``lasts``: a refresh token is due, and this is what the provider demands for one."""
    _judge_scope(_names(asked), _names(tokens.scope))
    if lasts and not tokens.refresh_token:
        message = f"The provider sent an access token only. {lasts}"
        raise ConsoleError("no_refresh_token", message, stage="judge")
    if user and tokens.mailbox and tokens.mailbox.casefold() != user.casefold():
        message = f"It is the consent of {tokens.mailbox}, expected is {user}."
        raise ConsoleError("mailbox_mismatch", message, stage="judge")


def _names(scope: t.Iterable[str]) -> set[str]:
    return {ALIASES.get(word, word) for word in scope}


def _judge_scope(wanted: set[str], granted: set[str]) -> None:
    """Refuse more or less than was asked for; ``.default`` stands for whatever an administrator has granted."""
    if not wanted or any(word.endswith("/.default") for word in wanted):
        return
    if wider := granted - wanted - OIDC:
        raise ConsoleError("scope_wider", f"It granted also {', '.join(sorted(wider))}.", stage="judge")
    if missing := wanted - granted - OIDC:
        raise ConsoleError("scope_missing", f"It did not grant {', '.join(sorted(missing))}.", stage="judge")
