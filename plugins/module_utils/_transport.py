# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests to a server: time limits, bounded size, bounded retries of reads, redirects, and errors without secrets."""

from __future__ import annotations

import json
import os
import random
import re
import time
import typing as t
from urllib.parse import urljoin, urlsplit

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._http import (
    FAILURES,
    Http,
    environment_proxies,
    origin_of,
    translated,
)

if t.TYPE_CHECKING:
    import ssl

MAX_BYTES = 16 * 1024 * 1024
MAX_VALUES = 500_000
"""Of JSON. What has more takes many times its size in memory."""
MAX_REDIRECTS = 3
MAX_TRIES = 5
MAX_WAIT = 30.0
BUSY = (429, 502, 503, 504)
DECODER = json.JSONDecoder()
BLANKS = " \t\n\r"
BEFORE_ROWS = re.compile(f"[{BLANKS}]*\\[[{BLANKS}]*")
AFTER_ROW = re.compile(f"[{BLANKS}]*(?:,[{BLANKS}]*(?!\\])|(?=\\]))")


class Reply(t.NamedTuple):
    """An answer: HTTP ``status``, ``headers`` (names in lower case), ``body`` as bytes."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self, what: str, stage: str, most: int = MAX_VALUES) -> t.Any:
        """Return the body as JSON, of at most so many values. ``what`` says in the error whose answer it is."""
        self._limit(what, stage, most)
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise self._not_json(what, stage) from None

    def rows(self, what: str, stage: str, most: int = MAX_VALUES) -> t.Iterator[t.Any]:
        """Yield the items of the body, a JSON array of at most so many values, one by one: all of them together take
        many times its size.
        """
        self._limit(what, stage, most)
        try:
            text = self.body.decode(json.detect_encoding(self.body), "surrogatepass")
            start = BEFORE_ROWS.match(text)
            if not start:
                json.loads(text)
                raise ConsoleError("unexpected_reply", f"{what} is not a JSON array.", stage=stage)
            place = start.end()
            while text[place] != "]":
                row, place = DECODER.raw_decode(text, place)
                yield row
                place = AFTER_ROW.match(text, place).end()  # type: ignore[union-attr]  # None where no comma is
            if text[place + 1 :].strip(BLANKS):
                raise ValueError
        except (ValueError, RecursionError, AttributeError, IndexError):
            raise self._not_json(what, stage) from None

    def _limit(self, what: str, stage: str, most: int) -> None:
        if sum(self.body.count(mark) for mark in (b",", b"[", b"{")) > most:
            raise ConsoleError("unexpected_reply", f"{what} has more than {most} values.", stage=stage)

    def _not_json(self, what: str, stage: str) -> ConsoleError:
        kind = self.headers.get("content-type", "no content type").split(";")[0]
        found = f"{kind}, {len(self.body)} bytes, status {self.status}"
        return ConsoleError("not_json", f"{what} is not valid JSON ({found}).", stage=stage)


class Pace(t.Protocol):
    """What several threads that share a transport agree on."""

    def enter(self) -> None:
        """Wait for the turn of one request; a ConsoleError where no more may be sent."""

    def hold(self, seconds: float) -> None:
        """Let every thread wait: the server asked for it."""


class Transport:
    """Sends requests; an error's text never repeats what was sent. ``timeout`` is in seconds; ``sleep`` is given by
    tests. Threads may share it: ``pool`` is their number, and they keep a common ``pace``.
    """

    def __init__(
        self,
        *,
        timeout: float,
        context: ssl.SSLContext,
        proxy: str | None = None,
        environ: t.Mapping[str, str] | None = None,
        sleep: t.Callable[[float], None] = time.sleep,
        pool: int = 10,
        pace: Pace | None = None,
    ) -> None:
        self._timeout = timeout
        self._proxy = proxy
        self._environ = os.environ if environ is None else environ
        self._sleep = sleep
        self._pace = pace
        self._http = Http(context, pool)
        self._proxies: dict[str, str | None] = {}

    def pin(self, prefix: str, fingerprint: str) -> None:
        """Below the address ``prefix``, trust only the certificate with this SHA-256 fingerprint, whoever signed it."""
        self._http.pin(prefix, fingerprint)

    def wait(self, tried: int, retry_after: str | None) -> None:
        """Wait after ``tried`` attempts: as long as a busy server asked for in ``Retry-After`` (seconds, at most
        MAX_WAIT), or a short while that grows. What the server asks for, it asks of all threads.
        """
        seconds = _delay(tried, retry_after)
        if retry_after and self._pace:
            self._pace.hold(seconds)
        self._sleep(seconds)

    def pause(self, seconds: float) -> None:
        """Wait between two questions about the same thing."""
        self._sleep(seconds)

    def close(self) -> None:
        """Close the kept connections."""
        self._http.close()

    def send(
        self,
        method: str,
        url: str,
        *,
        stage: str,
        headers: t.Mapping[str, str] | None = None,
        body: bytes | None = None,
        retry: bool = False,
        follow: bool = True,
        most: int = MAX_BYTES,
    ) -> Reply:
        """Send one request and return the answer, whatever its status; one of more than ``most`` bytes is an error.

        With ``retry`` (reads only) a busy answer or a lost connection is tried again, a bounded number of times.
        A redirect is followed only by a read and only within the same origin; without ``follow`` it is the answer.
        """

        def ask() -> Reply:
            asked = (method, url, stage, headers, body, most)
            return self._follow(*asked, retry) if follow else self._once(*asked)

        for tried in range(1, MAX_TRIES if retry else 1):
            try:
                reply = ask()
            except ConsoleError as error:
                if not error.retryable:
                    raise
                self.wait(tried, None)
                continue
            if reply.status not in BUSY:
                return reply
            self.wait(tried, reply.headers.get("retry-after"))
        return ask()

    def _follow(
        self,
        method: str,
        url: str,
        stage: str,
        headers: t.Mapping[str, str] | None,
        body: bytes | None,
        most: int,
        read: bool,
    ) -> Reply:
        for _redirect in range(MAX_REDIRECTS):
            reply = self._once(method, url, stage, headers, body, most)
            place = reply.headers.get("location")
            if reply.status not in (301, 302, 303, 307, 308) or not place:
                return reply
            there = urlsplit(urljoin(url, place))
            if not read or (there.scheme, there.netloc) != urlsplit(url)[:2]:
                raise ConsoleError(
                    "redirect_refused",
                    f"{_place(method, url)} redirects to {there.scheme}://{there.netloc}.",
                    stage=stage,
                )
            url = there.geturl()
        raise ConsoleError("redirect_refused", f"{_place(method, url)} redirects again and again.", stage=stage)

    def _once(
        self, method: str, url: str, stage: str, headers: t.Mapping[str, str] | None, body: bytes | None, most: int
    ) -> Reply:
        if self._pace:
            self._pace.enter()
        try:
            status, named, content = self._http.send(
                method,
                url,
                headers=headers or {},
                body=body,
                timeout=self._timeout,
                proxy=self._proxy_for(url),
                most=most,
            )
        except FAILURES as error:
            raise translated(error, _place(method, url), stage) from None
        if content is None:
            raise ConsoleError(
                "unexpected_reply", f"{_place(method, url)} answers with more than {most} bytes.", stage=stage
            )
        return Reply(status, named, content)

    def _proxy_for(self, url: str) -> str | None:
        origin = origin_of(url)
        if origin not in self._proxies:
            scheme = urlsplit(url).scheme
            self._proxies[origin] = self._proxy or environment_proxies(url, self._environ).get(scheme)
        return self._proxies[origin]


def _place(method: str, url: str) -> str:
    parts = urlsplit(url)
    return f"{method} {parts.scheme}://{parts.netloc}{parts.path}"


def _delay(tried: int, retry_after: str | None) -> float:
    """Return the seconds to wait: what the server asks for, at most MAX_WAIT, else 0.2 s doubled each time; with
    jitter, so that forks spread.
    """
    if retry_after and retry_after.strip().isdigit():
        return min(float(retry_after), MAX_WAIT) + random.uniform(0, 0.25)
    return float(0.2 * 2 ** (tried - 1) * random.uniform(0.5, 1.5))
