# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds what carries the session and the anti-forgery tokens. Values are compared, and never kept."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.cai.console.plugins.plugin_utils._learn import leaves
from ansible_collections.cai.console.plugins.plugin_utils._learn.har import Exchange

KNOWN = ("ids-session-id", "infa-session-id", "icsessionid", "user_session")
"""Names that the vendor documents, or that were observed."""
RANDOM = re.compile(r"(?=.*\d)[A-Za-z0-9+/_=.~-]{16,}")
ORDINARY = re.compile(
    r"accept|content-|user-agent|referer|origin|host|connection|cache-|pragma|sec-|cookie|dnt|te$|if-|priority|upgrade|x-forwarded|traceparent|newrelic"
)
Found = dict[str, t.Any]


def session_of(reads: t.Sequence[Exchange], writes: t.Sequence[Exchange], everything: t.Sequence[Exchange]) -> Found:
    """Return the binding's ``session``, with ``guessed`` beside it where one name was only plausible."""
    used = [*reads, *writes]
    headers = _constant([item.headers for item in used])
    cookies = _constant([item.cookies for item in used])
    found: Found = {
        "headers": [_canonical(name) for name in headers if name in KNOWN],
        "cookies": [name for name in cookies if name.lower() in KNOWN],
    }
    guessed = ""
    if not found["headers"] and not found["cookies"]:
        plausible = _plausible(headers, cookies)
        if len(plausible) != 1:
            return {"open": _undecided(plausible, everything)}
        kind, name = plausible[0]
        found[kind] = [name]
        guessed = f"{name} is the only {kind[:-1]} with the same long value in every request"
    carried = {item.lower() for item in (*found["headers"], *found["cookies"])}
    found["doubled"] = _doubled(writes, carried)
    taken = carried | {pair["header"].lower() for pair in found["doubled"]}
    found["tokens"] = _tokens(writes, everything, taken)
    made = {name: value for name, value in found.items() if value}
    return {**made, **({"guessed": guessed} if guessed else {})}


def _plausible(headers: t.Mapping[str, str], cookies: t.Mapping[str, str]) -> list[tuple[str, str]]:
    """Return (kind, name) of what could carry a session, going by its value alone."""
    kinds = {("headers", name): value for name, value in headers.items() if not ORDINARY.match(name)}
    kinds.update({("cookies", name): value for name, value in cookies.items()})
    return [key for key, value in kinds.items() if RANDOM.fullmatch(value)]


def _undecided(plausible: t.Sequence[tuple[str, str]], everything: t.Sequence[Exchange]) -> str:
    """Return why nothing was taken for the carrier: too much is plausible, or nothing is."""
    if plausible:
        return f"several things could carry it: {', '.join(sorted(name for _kind, name in plausible))}"
    bare = not any(item.cookies for item in everything)
    hint = "export with sensitive data" if bare else "no header or cookie is the same in every request"
    return f"session carrier not found: {hint}"


def headers_of(writes: t.Sequence[Exchange], session: t.Mapping[str, t.Any]) -> dict[str, str]:
    """Return the constant headers that a console may ask for, such as X-Requested-With; none that could be a secret."""
    carried = {name.lower() for name in session.get("headers", ())}
    carried |= {pair["header"].lower() for pair in session.get("doubled", ())}
    carried |= {row.get("header", "").lower() for row in session.get("tokens", ())}
    return {
        _canonical(name): value
        for name, value in _constant([item.headers for item in writes]).items()
        if name.startswith("x-") and name not in carried and not ORDINARY.match(name) and _is_plain(value)
    }


def may_be_secret(value: t.Any) -> bool:
    """Whether a value has the look of a session or a token."""
    return isinstance(value, str) and bool(RANDOM.fullmatch(value))


def _is_plain(value: str) -> bool:
    return bool(re.fullmatch(r"[A-Za-z]{1,32}", value))


def _constant(rows: t.Sequence[t.Mapping[str, str]]) -> dict[str, str]:
    """Return what has the same value in all rows."""
    if not rows:
        return {}
    return {name: value for name, value in rows[0].items() if value and all(row.get(name) == value for row in rows)}


def _doubled(writes: t.Sequence[Exchange], carried: t.AbstractSet[str]) -> list[dict[str, str]]:
    """Return cookies whose value stands in a header too, in every write."""
    pairs = []
    for cookie in writes[0].cookies if writes else ():
        for header in writes[0].headers:
            twice = all(item.cookies.get(cookie, "?") == item.headers.get(header) for item in writes)
            if twice and {cookie.lower(), header}.isdisjoint(carried) and not ORDINARY.match(header):
                pairs.append({"cookie": cookie, "header": cookie if cookie.lower() == header else _canonical(header)})
    return pairs


def _tokens(writes: t.Sequence[Exchange], everything: t.Sequence[Exchange], taken: t.AbstractSet[str]) -> list[Found]:
    """Return the tokens of writes that stood in an earlier page, with that page."""
    rows: list[Found] = []
    for kind, name in _random_parts(writes[0], taken) if writes else ():
        sources = [_source(_part(item, kind, name), item, everything) for item in writes]
        first = sources[0]
        if first is not None and all(source is not None and source[1:] == first[1:] for source in sources):
            page, source, at = first
            rows.append(
                {"page": page, "source": source, "name": at, kind: _canonical(name) if kind == "header" else name}
            )
    return rows


def _random_parts(item: Exchange, taken: t.AbstractSet[str]) -> list[tuple[str, str]]:
    body = leaves.sent(item.sent, item.sent_type)
    found = [("field", name) for name, value in body.leaves.items() if may_be_secret(value)]
    found += [
        ("header", name)
        for name, value in item.headers.items()
        if name not in taken and not ORDINARY.match(name) and RANDOM.fullmatch(value)
    ]
    return found


def _part(item: Exchange, kind: str, name: str) -> t.Any:
    return item.headers.get(name) if kind == "header" else leaves.sent(item.sent, item.sent_type).leaves.get(name)


def _source(value: t.Any, write: Exchange, everything: t.Sequence[Exchange]) -> tuple[Exchange, str, str] | None:
    """Return the last page before the write that shows the token, as what, and under which name."""
    if not isinstance(value, str):
        return None
    earlier = [item for item in everything if item.number < write.number and item.origin == write.origin]
    for item in reversed(earlier):
        shown = _shown_in_page(value, item) or _shown_in_headers(value, item)
        if shown:
            return item, *shown
    return None


def _shown_in_page(value: str, item: Exchange) -> tuple[str, str] | None:
    """Return whether a meta element or a form's field of the answered page shows a token, and its name."""
    if value not in item.got or "html" not in item.got_type:
        return None
    page = leaves.page_of(item.got)
    for name, content in page.metas.items():
        if content == value:
            return "meta", name
    for form in page.forms:
        for name, content in form.pairs:
            if content == value:
                return "form_field", name
    return None


def _shown_in_headers(value: str, item: Exchange) -> tuple[str, str] | None:
    """Return the header of the answer that shows a token, in the words of a source."""
    header = next((name for name, content in item.reply_headers.items() if content == value), None)
    return ("header", header) if header else None


def _canonical(name: str) -> str:
    known = {"ids-session-id": "IDS-SESSION-ID", "infa-session-id": "INFA-SESSION-ID", "icsessionid": "icSessionId"}
    return known.get(name.lower(), "-".join(part.capitalize() for part in name.split("-")))
