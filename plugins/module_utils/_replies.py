# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Failures that the server answers: which code they are, and what the server says, without what it must not say."""

from __future__ import annotations

import base64
import html
import json
import typing as t
from urllib.parse import quote, quote_plus

from ansible_collections.cai.console.plugins.module_utils._errors import HttpFailure

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._transport import Reply

MAX_TEXT = 300
MAX_BYTES = 256 * 1024
CODES = {401: "session_expired", 403: "forbidden", 404: "not_found", 412: "concurrent_change", 429: "rate_limited"}


def server_text(reply: Reply, secrets: t.Iterable[str] = ()) -> str:
    """Return the server's own words from a v2 or v3 error body, or an empty string for any other body, or a long one.

    What is in ``secrets`` is replaced: a server may quote what it was sent.
    """
    try:
        body = json.loads(reply.body) if len(reply.body) <= MAX_BYTES else None
    except (ValueError, RecursionError):
        return ""
    inner = body.get("error", body) if isinstance(body, dict) else {}
    if not isinstance(inner, dict):
        return ""
    words = [str(inner[name]) for name in ("code", "message", "description") if inner.get(name)]
    return _safe(": ".join(words), secrets)


def _safe(text: str, secrets: t.Iterable[str]) -> str:
    """Return what a server says, short, in one line, and without the secrets that it quotes."""
    text = without(text, secrets)
    text = "".join(c if c.isprintable() else " " for c in text)
    return text[:MAX_TEXT].rstrip(".")


def without(text: str, secrets: t.Iterable[str]) -> str:
    """Return a server's text without the secrets, however they are written there."""
    for form in _forms(secrets):
        text = text.replace(form, "********")
    return text


def _forms(secrets: t.Iterable[str]) -> list[str]:
    """Return how a server may quote a secret: as it is, or as bodies, URLs and pages write it. Longest first."""
    return sorted({form for text in secrets for form in _written(text)} - {""}, key=len, reverse=True)


def _written(text: str) -> t.Iterator[str]:
    yield text
    for plain_ascii in (True, False):
        yield json.dumps(text, ensure_ascii=plain_ascii)[1:-1]
    for unquoted in ("/", ""):
        yield quote(text, safe=unquoted)
        yield quote_plus(text, safe=unquoted)
    for with_quotes in (True, False):
        yield html.escape(text, quote=with_quotes)
    yield base64.b64encode(text.encode()).decode()


def failure(
    reply: Reply,
    what: str,
    *,
    stage: str,
    secrets: t.Iterable[str] = (),
    code: str | None = None,
    text: str = "",
) -> HttpFailure:
    """Return the error for a failed answer. ``what`` names the request, ``code`` overrules the usual one, and ``text``
    is what the console says, where a binding knows where it says it.
    """
    if code is None:
        code = CODES.get(reply.status) or (
            "console_error" if reply.status >= 500 else "write_refused" if stage == "write" else "unexpected_reply"
        )
    text = _safe(text, secrets) if text else server_text(reply, secrets)
    said = f": {text}" if text else ""
    return HttpFailure(
        code,
        f"{what} is answered with status {reply.status}{said}.",
        stage=stage,
        status=reply.status,
        retry_after=reply.headers.get("retry-after"),
    )
