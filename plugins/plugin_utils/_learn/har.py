# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a HAR, as the developer tools of browsers export it: tolerant of whatever is missing or odd in it."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import json
import typing as t
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

MAX_BYTES = 256 * 1024 * 1024
MAX_BODY = 2 * 1024 * 1024
STATIC = ("image/", "font/", "audio/", "video/", "text/css", "javascript", "wasm", "octet-stream")
Pairs = list[tuple[str, str]]


class NotHar(ValueError):
    """The file is no HAR."""


@dataclasses.dataclass(frozen=True)
class Exchange:
    """A request that was answered. Header names are in lower case; ``sent`` and ``got`` are the bodies as text."""

    number: int
    method: str
    origin: str
    path: str
    query: Pairs
    headers: dict[str, str]
    cookies: dict[str, str]
    sent: str
    sent_type: str
    status: int
    reply_headers: dict[str, str]
    got: str
    got_type: str

    @property
    def mutates(self) -> bool:
        """Whether it may change something, as its method says."""
        return self.method in ("POST", "PUT", "PATCH", "DELETE")


@dataclasses.dataclass(frozen=True)
class Recording:
    """What was recorded. ``bodiless``: no body of a page that was loaded before the last one was kept, or none at all.
    ``sanitised``: nothing that could carry a session was kept.
    """

    exchanges: list[Exchange]
    bodiless: bool
    sanitised: bool


def read(*exports: bytes) -> Recording:
    """Return what a HAR holds, in the order of time; a NotHar says why it is none. Several ``exports`` of one recording
    give one: what was answered is taken from the one that still has it.
    """
    entries = [entry for data in exports for entry in _entries(data)]
    entries = _by_time(entries if len(exports) == 1 else _fullest(entries))
    found = [made for number, entry in enumerate(entries) if (made := _exchange(number, entry)) is not None]
    readable = [item for item in found if item.got_type and item.status == 200]
    pages = [item for item in readable if "html" in item.got_type][:-1]
    return Recording(
        found,
        bodiless=any(rows and not any(item.got for item in rows) for rows in (readable, pages)),
        sanitised=bool(found) and not any(item.cookies or "cookie" in item.headers for item in found),
    )


def _entries(data: bytes) -> list[dict[str, t.Any]]:
    """Return the entries of a HAR as they stand in it."""
    if len(data) > MAX_BYTES:
        raise NotHar(f"it has more than {MAX_BYTES} bytes")
    try:
        log = json.loads(data)["log"]
        entries = log["entries"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise NotHar("it is not a HAR") from None
    if not isinstance(entries, list):
        raise NotHar("it has no list of entries")
    return [entry for entry in entries if isinstance(entry, dict)]


def _by_time(entries: t.Iterable[dict[str, t.Any]]) -> list[dict[str, t.Any]]:
    return sorted(entries, key=lambda entry: str(entry.get("startedDateTime") or ""))


def _fullest(entries: t.Iterable[dict[str, t.Any]]) -> t.Iterable[dict[str, t.Any]]:
    """Return each request once, with the longest answer that an export has for it."""
    found: dict[str, dict[str, t.Any]] = {}
    for entry in entries:
        asked = _dict(entry.get("request"))
        key = repr([entry.get("startedDateTime"), asked.get("method"), asked.get("url")])
        if key not in found or len(_answered(entry)) > len(_answered(found[key])):
            found[key] = entry
    return found.values()


def _answered(entry: t.Mapping[str, t.Any]) -> str:
    return _text(_dict(_dict(entry.get("response")).get("content")).get("text"))


def _exchange(number: int, entry: t.Mapping[str, t.Any]) -> Exchange | None:
    """Return an entry, or None for one that failed, was not answered, or fetched a file."""
    asked, reply = _dict(entry.get("request")), _dict(entry.get("response"))
    content, posted = _dict(reply.get("content")), _dict(asked.get("postData"))
    status, kind = reply.get("status"), _text(content.get("mimeType")).partition(";")[0].strip().lower()
    if not isinstance(status, int) or isinstance(status, bool) or not 100 <= status < 600:
        return None
    if any(word in kind for word in STATIC) or asked.get("method") in ("OPTIONS", "HEAD", None):
        return None
    try:
        parts = urlsplit(_text(asked.get("url")))
        origin = f"{parts.scheme}://{parts.netloc}".lower()
    except ValueError:
        return None
    headers = _pairs(asked.get("headers"))
    return Exchange(
        number,
        _text(asked.get("method")).upper(),
        origin,
        unquote(parts.path),
        parse_qsl(parts.query, keep_blank_values=True),
        headers,
        _cookies(asked, headers),
        _posted(posted),
        _text(posted.get("mimeType")).partition(";")[0].strip().lower(),
        status,
        _pairs(reply.get("headers")),
        _body(content),
        kind,
    )


def _posted(posted: t.Mapping[str, t.Any]) -> str:
    text = _text(posted.get("text"))
    if text or not isinstance(posted.get("params"), list):
        return text[:MAX_BODY]
    rows = [row for row in posted["params"] if isinstance(row, dict)]
    return urlencode([(unquote(_text(row.get("name"))), unquote(_text(row.get("value")))) for row in rows])


def _body(content: t.Mapping[str, t.Any]) -> str:
    text = _text(content.get("text"))
    if content.get("encoding") == "base64":
        try:
            text = base64.b64decode(text, validate=False).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            return ""
    return text if len(text) <= MAX_BODY else ""


def _cookies(asked: t.Mapping[str, t.Any], headers: t.Mapping[str, str]) -> dict[str, str]:
    listed = _pairs(asked.get("cookies"), lower=False)
    for part in headers.get("cookie", "").split(";"):
        name, _equals, value = part.strip().partition("=")
        if name:
            listed.setdefault(name, value)
    return listed


def _pairs(rows: t.Any, *, lower: bool = True) -> dict[str, str]:
    """Return names and values, without the pseudo-headers of HTTP/2."""
    found: dict[str, str] = {}
    for row in rows if isinstance(rows, list) else ():
        name = _text(_dict(row).get("name"))
        if name and not name.startswith(":"):
            found[name.lower() if lower else name] = _text(_dict(row).get("value"))
    return found


def _dict(value: t.Any) -> t.Mapping[str, t.Any]:
    return value if isinstance(value, dict) else {}


def _text(value: t.Any) -> str:
    return value if isinstance(value, str) else ""
