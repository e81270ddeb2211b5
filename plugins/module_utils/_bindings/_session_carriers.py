# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What carries a session: headers, cookies, anti-forgery tokens that are made up and doubled, and those read from a
page.
"""

from __future__ import annotations

import json
import re
import secrets
import typing as t

from ansible_collections.cai.console.plugins.module_utils._bindings import _bodies
from ansible_collections.cai.console.plugins.module_utils._bindings._json_body import JsonBody
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._transport import Reply

SAFE = re.compile(r"[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+")
"""What a cookie may hold; a header may hold it too."""


class Tokens(t.NamedTuple):
    """Anti-forgery tokens for one request, by what carries them."""

    headers: dict[str, str]
    cookies: dict[str, str]
    fields: dict[str, str]
    query: dict[str, str]


NO_TOKENS = Tokens({}, {}, {}, {})


def carry(
    bound: t.Mapping[str, t.Any], session: str, tokens: Tokens = NO_TOKENS, given: str | None = None
) -> dict[str, str]:
    """Return the headers that carry ``session`` and ``tokens``; ``given`` are cookies that go along."""
    _require_safe(session, "read")
    headers = {name: session for name in bound.get("headers", ())}
    cookies = {name: session for name in bound.get("cookies", ())}
    for pair in bound.get("doubled", ()):
        token = secrets.token_hex(16)
        cookies[pair["cookie"]] = headers[pair["header"]] = token
    headers.update(tokens.headers)
    cookies.update(tokens.cookies)
    if cookies:
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return headers


def collect(rows: t.Sequence[t.Mapping[str, t.Any]], fetch: t.Callable[[t.Mapping[str, t.Any]], Reply]) -> Tokens:
    """Read the tokens that the console hands out; ``fetch`` asks for a page, and each page is asked for once."""
    tokens = Tokens({}, {}, {}, {})
    pages: dict[str, Reply] = {}
    for row in rows:
        key = f"{row['path']}?{json.dumps(row.get('query', {}), sort_keys=True)}"
        if key not in pages:
            pages[key] = fetch(row)
        value = _read(row, pages[key])
        _require_safe(value, "write")
        for group, kind in (
            (tokens.headers, "header"),
            (tokens.cookies, "cookie"),
            (tokens.fields, "field"),
            (tokens.query, "parameter"),
        ):
            if kind in row:
                group[row[kind]] = value
    return tokens


def volatile(bound: t.Mapping[str, t.Any]) -> list[str]:
    """Return the places in a body that hold tokens: what was read there is worth nothing."""
    return [row["field"] for row in bound.get("tokens", ()) if "field" in row]


def _read(row: t.Mapping[str, t.Any], reply: Reply) -> str:
    found: t.Any = None
    name, source = row["name"], row["source"]
    if source == "header":
        found = reply.headers.get(name.lower())
    elif source == "cookie":
        match = re.search(rf"(?:^|,\s*){re.escape(name)}=([^;,]*)", reply.headers.get("set-cookie", ""))
        found = match.group(1) if match else None
    elif source == "json":
        found = JsonBody(reply.json("The page with the token", "write")).get(name)
    else:
        page = _bodies.page_of(reply, "The page with the token", "write")
        found = page.metas.get(name) if source == "meta" else _field(page.forms, name)
    if isinstance(found, str) and found:
        return found
    raise ConsoleError(
        "unexpected_reply", f"The page {row['path']} has no anti-forgery token {name} ({source}).", stage="write"
    )


def _field(forms: t.Sequence[t.Any], name: str) -> str | None:
    return next((value for form in forms for key, value in form.pairs if key == name), None)


def _require_safe(text: str, stage: str) -> None:
    if not SAFE.fullmatch(text):
        raise ConsoleError(
            "unexpected_reply", "The session or token that the console gave has characters that none has.", stage=stage
        )
