# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the OAuth server has given out, in the lab's state: consents, codes, tokens and device codes, by hash."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749 import TokenMixin

from cai_lab.clock import Clock
from cai_lab.fleet import MAIL_ACCOUNTS
from cai_lab.oauth.registry import REGISTRATIONS, SETTINGS, Client, Registration
from cai_lab.state import State
from cai_lab.switches import NOBODY, Switches


def hashed(token: str) -> str:
    """The key of a code or token: whoever reads the state cannot use it."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass
class Token(TokenMixin):
    """A token that was given out. ``kind`` is ``access`` or ``refresh``; ``record`` as stored."""

    kind: str
    key: str
    record: dict[str, Any]
    revoked: bool
    expired: bool

    def check_client(self, client: Client) -> bool:
        """Whether it was given to that client."""
        return bool(self.record["client"] == client.client_id)

    def get_scope(self) -> str:
        """Its scope, with ``offline_access``."""
        return str(self.record["scope"])

    def get_expires_in(self) -> int:
        """Its lifetime in seconds."""
        return int(self.record["expires"] - self.record["issued"])

    def is_expired(self) -> bool:
        """Whether its time is over by the lab's clock."""
        return self.expired

    def is_revoked(self) -> bool:
        """Whether it, or the consent that it belongs to, was revoked."""
        return self.revoked


class Ledger:
    """The server's memory. ``redirects`` are further redirect URIs by client id, known only when the lab runs."""

    def __init__(self, state: State, clock: Clock, switches: Switches) -> None:
        self._state = state
        self.clock = clock
        self.switches = switches
        self.redirects: dict[str, tuple[str, ...]] = {}

    def setting(self, name: str) -> int:
        """A setting of the server, in seconds."""
        stored = self._state.get("oauth_setting", NOBODY, name)
        return int(SETTINGS[name] if stored is None else stored)

    def settings(self) -> dict[str, int]:
        """All settings."""
        return {name: self.setting(name) for name in SETTINGS}

    def set_settings(self, changes: dict[str, Any]) -> None:
        """Change settings; ValueError for an unknown one."""
        for name, value in changes.items():
            if name not in SETTINGS or isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise ValueError(f"settings are numbers of seconds: {', '.join(SETTINGS)}")
            self._state.put("oauth_setting", NOBODY, name, value)

    def registrations(self) -> list[Registration]:
        """The clients as they are registered now."""
        found = []
        for item in REGISTRATIONS:
            changed = dict(self._state.get("oauth_client", NOBODY, item.client_id) or {})
            if "secrets" in changed:
                changed["secrets"] = tuple(changed["secrets"])
            uris = (*item.redirect_uris, *self.redirects.get(item.client_id, ()))
            found.append(Registration(**{**item.__dict__, "redirect_uris": uris, **changed}))
        return found

    def register(self, client_id: str, changes: dict[str, Any]) -> None:
        """Change a client's ``secrets`` or ``certificate``; ValueError for anything else."""
        if client_id not in {item.client_id for item in REGISTRATIONS} or changes.keys() - {"secrets", "certificate"}:
            raise ValueError("client_id is a registered client, and secrets or certificate can be changed")
        before = self._state.get("oauth_client", NOBODY, client_id) or {}
        self._state.put("oauth_client", NOBODY, client_id, {**before, **changes})

    def client(self, client_id: str | None) -> Client | None:
        """A registered client."""
        return next((Client(item) for item in self.registrations() if item.client_id == client_id), None)

    def person(self, name: str, password: str) -> str | None:
        """The person who signs in so; None when name or password is wrong, or the account is disabled."""
        known = MAIL_ACCOUNTS.get(name)
        right = known is not None and secrets.compare_digest(known.encode(), password.encode())
        return name if right and not self.is_disabled(name) else None

    def is_disabled(self, name: str) -> bool:
        """Whether the account is disabled."""
        return bool((self._state.get("oauth_person", NOBODY, name) or {}).get("disabled"))

    def change_person(self, name: str, *, disabled: bool, revoke: bool) -> None:
        """Disable an account, or revoke everything it consented to, as a new password does."""
        if name not in MAIL_ACCOUNTS:
            raise ValueError(f"there is no account {name}")
        self._state.put("oauth_person", NOBODY, name, {"disabled": disabled})
        for key, grant in self._state.items("oauth_grant", NOBODY).items() if revoke else ():
            if grant["user"] == name:
                self.revoke_grant(key, "revoked_for_person")

    def note(self, event: str, grant: str | None, agent: str | None = None, **more: Any) -> None:
        """Write to the server's own log; it holds no token."""
        known = (self._state.get("oauth_grant", NOBODY, grant) if grant else None) or {}
        number = self._state.count("oauth_event")
        entry = {"n": number, "time": self.clock.stamp(), "event": event, "grant": grant, "agent": agent}
        entry |= {name: known.get(name) for name in ("client", "user")} | more
        self._state.put("oauth_event", NOBODY, f"{number:08d}", entry)

    def events(self) -> list[dict[str, Any]]:
        """The log, the oldest entry first."""
        return list(self._state.items("oauth_event", NOBODY).values())

    def open_grant(self, client_id: str, user: str, scope: str) -> str:
        """A consent was given; its id."""
        key = secrets.token_hex(8)
        value = {"client": client_id, "user": user, "scope": scope, "revoked": False, "at": self.clock.stamp()}
        self._state.put("oauth_grant", NOBODY, key, value)
        return key

    def revoke_grant(self, key: str, event: str, agent: str | None = None) -> None:
        """Revoke a consent with all its tokens."""
        grant = self._state.get("oauth_grant", NOBODY, key)
        if grant is not None and not grant["revoked"]:
            self._state.put("oauth_grant", NOBODY, key, {**grant, "revoked": True})
            self.note(event, key, agent)

    def put(self, kind: str, secret: str, lifetime_s: float, **record: Any) -> dict[str, Any]:
        """Store a code or token by its hash."""
        now = self.clock.now()
        value = {**record, "issued": now, "expires": now + lifetime_s, "used": False, "revoked": False}
        self._state.put(f"oauth_{kind}", NOBODY, hashed(secret), value)
        return value

    def get(self, kind: str, secret: str) -> dict[str, Any] | None:
        """What was stored for a code or token."""
        found = self._state.get(f"oauth_{kind}", NOBODY, hashed(secret))
        return None if found is None else dict(found)

    def mark(self, kind: str, secret: str, **changes: Any) -> None:
        """Change what is stored for a code or token."""
        self.mark_key(kind, hashed(secret), **changes)

    def mark_key(self, kind: str, key: str, **changes: Any) -> None:
        """The same, by its hash."""
        record = self._state.get(f"oauth_{kind}", NOBODY, key)
        if record is not None:
            self._state.put(f"oauth_{kind}", NOBODY, key, {**record, **changes})

    def all(self, kind: str) -> dict[str, dict[str, Any]]:
        """Everything of a kind, by hash."""
        return self._state.items(f"oauth_{kind}", NOBODY)

    def token(self, kind: str, secret: str) -> Token | None:
        """A token, alive or not."""
        record = self.get(kind, secret)
        if record is None:
            return None
        grant = self._state.get("oauth_grant", NOBODY, record["grant"]) or {}
        revoked = record["revoked"] or bool(grant.get("revoked"))
        return Token(kind, hashed(secret), record, revoked, self.clock.now() > record["expires"])

    def opens_mailbox(self, user: str, access_token: str) -> bool:
        """Whether the mail server takes the token for that mailbox."""
        token = self.token("access", access_token)
        if token is None or token.expired or token.revoked:
            return False
        scopes = set(token.get_scope().split())
        mail = {word for word in scopes if word.startswith(("https://outlook.", "https://mail.google."))}
        return bool(mail) and token.record["user"].lower() == user.lower()


def described(record: dict[str, Any]) -> dict[str, Any]:
    """A token's facts for introspection."""
    return {
        "scope": record["scope"],
        "client_id": record["client"],
        "username": record["user"],
        "exp": int(record["expires"]),
        "iat": int(record["issued"]),
        "token_type": "Bearer",
    }


def listed(ledger: Ledger) -> list[dict[str, Any]]:
    """The consents, for tests: no token among them."""
    refresh = ledger.all("refresh").values()
    return [
        {"grant": key, **grant, "refresh_tokens": sum(item["grant"] == key for item in refresh)}
        for key, grant in ledger.all("grant").items()
    ]


__all__ = ["Ledger", "Token", "described", "hashed", "listed"]
