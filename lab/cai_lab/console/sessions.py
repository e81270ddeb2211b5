# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions: one id serves all three headers; it ends when idle, or, as a JWT, at a fixed time."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from cai_lab.clock import Clock
from cai_lab.fleet import User

LIFE_S = 30 * 60


@dataclass
class Session:
    """A session; ``fixed`` sessions (JWT) are not prolonged by use. ``ends`` is in seconds of the lab's clock."""

    id: str
    user: User
    ends: float
    fixed: bool


class Sessions:
    """The open sessions, and counts of what happened to them. They live in memory: a restart of the lab ends them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._open: dict[str, Session] = {}
        self._key = secrets.token_bytes(32)
        self.counts: Counter[str] = Counter(sign_ins=0, refused_sign_ins=0, sign_outs=0, logout_alls=0)

    def open(self, user: User, *, jwt: bool) -> Session:
        """A new session of the user."""
        ends = self._clock.now() + LIFE_S
        identifier = self._jwt(user, ends) if jwt else secrets.token_urlsafe(16)
        session = Session(identifier, user, ends, jwt)
        self._open[identifier] = session
        self.counts["sign_ins"] += 1
        return session

    def find(self, identifier: str, *, touch: bool = True) -> Session | None:
        """The open session of that id; using it prolongs it unless it is a fixed one."""
        session = self._open.get(identifier)
        if session is None:
            return None
        now = self._clock.now()
        if now >= session.ends:
            del self._open[identifier]
            return None
        if touch and not session.fixed:
            session.ends = now + LIFE_S
        return session

    def remaining_s(self, session: Session) -> float:
        """Seconds until the session ends."""
        return session.ends - self._clock.now()

    def sign_out(self, session: Session) -> None:
        """End one session, and no other."""
        self._open.pop(session.id, None)
        self.counts["sign_outs"] += 1

    def end_all(self, user: User | None = None) -> int:
        """End all sessions (of a user); their number."""
        ended = [key for key, session in self._open.items() if user is None or session.user is user]
        for key in ended:
            del self._open[key]
        return len(ended)

    def __len__(self) -> int:
        return len(self._open)

    def _jwt(self, user: User, ends: float) -> str:
        claims = {"sub": user.uuid, "org": user.org.uuid, "exp": int(ends), "jti": secrets.token_hex(8)}
        signed = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(claims)}"
        return f"{signed}.{_base64(hmac.digest(self._key, signed.encode(), hashlib.sha256))}"


def _part(value: Mapping[str, object]) -> str:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
