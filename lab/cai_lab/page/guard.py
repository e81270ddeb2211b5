# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps the page safe: the session's cookie, a token in every form, and headers that allow nothing external."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cai_lab.console.core import Console
    from cai_lab.console.sessions import Session

SESSION = "USER_SESSION"
"""The cookie that holds the session; observed under this name on the real console."""
VISITOR = "LAB_VISITOR"
TOKEN = "token"
POLICY = "Content-Security-Policy"
ORIGIN = re.compile(r"https?://[\w.-]+(:\d+)?", re.ASCII)


def policy(*forms: str) -> str:
    """What a page may load (its own), and where its forms may lead: here, and to these origins."""
    actions = " ".join(("'self'", *forms))
    return (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        f"form-action {actions}; base-uri 'none'; frame-ancestors 'none'"
    )


HEADERS = {
    POLICY: policy(),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class Guard:
    """Knows visitors by their cookies, and whether a form is one of theirs."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._key = secrets.token_bytes(32)

    def session(self, request: web.Request) -> Session | None:
        """The visitor's open session."""
        identifier = request.cookies.get(SESSION)
        return self._console.sessions.find(identifier) if identifier else None

    def visitor(self, request: web.Request) -> str:
        """What tells a visitor without a session from others; new for a new one."""
        return request.cookies.get(VISITOR) or secrets.token_urlsafe(16)

    def token(self, subject: str) -> str:
        """The token for the forms of a visitor or session."""
        return hmac.digest(self._key, subject.encode(), hashlib.sha256).hex()

    def accepts(self, form: Mapping[str, str], subject: str) -> bool:
        """Whether a form carries the token of whoever sends it."""
        return hmac.compare_digest(form.get(TOKEN, "").encode(), self.token(subject).encode())

    def remember(self, response: web.StreamResponse, name: str, value: str) -> None:
        """Set a cookie that scripts cannot read and other sites cannot send."""
        response.set_cookie(name, value, path="/", httponly=True, samesite="Strict", secure=self._console.tls)

    @staticmethod
    def forget(response: web.StreamResponse) -> None:
        """Remove the session's cookie."""
        response.del_cookie(SESSION, path="/", httponly=True, samesite="Strict")


def origin_of(url: str) -> str:
    """The origin of a web address; empty for anything else."""
    found = ORIGIN.match(url)
    whole = found is not None and url[found.end() : found.end() + 1] in ("", "/", "?", "#")
    return found[0] if found and whole else ""


async def form_of(request: web.Request) -> dict[str, str]:
    """The texts of a form that was sent."""
    return {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
