# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP over requests: TLS, proxies, time limits, bounded size, bounded retries of reads, and errors without secrets."""

from __future__ import annotations

import dataclasses
import functools
import json
import os
import random
import ssl
import time
import typing as t
import warnings
from urllib.parse import urljoin, urlsplit
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]  # public, but not in typeshed

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError, LostReply

try:
    import requests
    from requests.adapters import HTTPAdapter
except ImportError:
    requests = None  # type: ignore[assignment]
    HTTPAdapter = object  # type: ignore[assignment,misc]

MAX_BYTES = 16 * 1024 * 1024
MAX_REDIRECTS = 3
MAX_TRIES = 5
MAX_WAIT = 30.0
BUSY = (429, 502, 503, 504)


@dataclasses.dataclass(frozen=True)
class Reply:
    """An answer: HTTP ``status``, ``headers`` (names in lower case), ``body`` as bytes."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self, what: str, stage: str) -> t.Any:
        """Return the body as JSON. ``what`` says in the error whose answer it is."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            kind = self.headers.get("content-type", "no content type").split(";")[0]
            raise ConsoleError(
                "not_json",
                f"{what} is not valid JSON ({kind}, {len(self.body)} bytes, status {self.status}).",
                stage=stage,
            ) from None


class Pace(t.Protocol):
    """What several threads that share a transport agree on."""

    def enter(self) -> None:
        """Wait for the turn of one request; a ConsoleError where no more may be sent."""

    def hold(self, seconds: float) -> None:
        """Let every thread wait: the server asked for it."""


class _TlsAdapter(HTTPAdapter):
    """Uses one SSL context that was built before; requests would load its own CA bundle for each connection."""

    def __init__(self, context: ssl.SSLContext, fingerprint: str | None, pool: int) -> None:
        self._tls = {"ssl_context": context, "assert_fingerprint": fingerprint}
        super().__init__(pool_connections=2 * pool, pool_maxsize=pool)

    def build_connection_pool_key_attributes(self, request: t.Any, verify: t.Any, cert: t.Any = None) -> t.Any:
        host, _unused = super().build_connection_pool_key_attributes(request, True, cert)
        return host, dict(self._tls) if host["scheme"] == "https" else {}

    def cert_verify(self, conn: t.Any, url: t.Any, verify: t.Any, cert: t.Any) -> None:
        """Leave the connection's context as it is."""


@functools.lru_cache(maxsize=16)
def tls_context(ca_path: str | None, verify: bool) -> ssl.SSLContext:
    """Return a client context. With ``ca_path`` (a PEM file or a folder of them) no other CA is trusted.

    It is made once in a process, and its forks inherit it: loading the system's CA bundle costs more than a handshake.
    """
    if not verify and not ca_path:
        return _unverified()
    where: dict[str, t.Any] = {}
    if ca_path:
        where = {"capath": ca_path} if os.path.isdir(ca_path) else {"cafile": ca_path}
    try:
        context = ssl.create_default_context(**where)
    except OSError as error:
        raise ConsoleError(
            "invalid_option", f"console_ca_path {ca_path} cannot be used: {error.strerror or error}.", stage="options"
        ) from None
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _unverified() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def environment_proxies(url: str, environ: t.Mapping[str, str]) -> dict[str, str]:
    """Return the proxies for ``url`` as ``{scheme: proxy}`` from ``http_proxy``, ``https_proxy``, ``all_proxy`` and
    ``no_proxy``, in either case.
    """
    found = {
        name: environ.get(f"{name}_proxy") or environ.get(f"{name}_proxy".upper()) or ""
        for name in ("http", "https", "all", "no")
    }
    parts = urlsplit(url)
    if proxy_bypass_environment(parts.netloc, {"no": found["no"]}):
        return {}
    proxy = found[parts.scheme] or found["all"]
    return {parts.scheme: proxy} if proxy else {}


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
        if requests is None:
            raise ConsoleError(
                "library_missing",
                "The Python library requests is not installed.",
                stage="options",
                remedy="Install requests (2.32 or newer).",
            )
        if context.verify_mode == ssl.CERT_NONE:
            # The user asked for it, and a worker of Ansible must not write to the screen.
            warnings.filterwarnings("ignore", "Unverified HTTPS request")
        self._timeout = timeout
        self._proxy = proxy
        self._environ = os.environ if environ is None else environ
        self._sleep = sleep
        self._pool = pool
        self._pace = pace
        self._http = requests.Session()
        self._http.trust_env = False
        self._proxies: dict[tuple[str, str], dict[str, str]] = {}
        for scheme in ("https://", "http://"):
            self._http.mount(scheme, _TlsAdapter(context, None, pool))

    def pin(self, prefix: str, fingerprint: str) -> None:
        """Below the address ``prefix``, trust only the certificate with this SHA-256 fingerprint, whoever signed it."""
        self._http.mount(prefix, _TlsAdapter(tls_context(None, verify=False), fingerprint, self._pool))

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
    ) -> Reply:
        """Send one request and return the answer, whatever its status.

        With ``retry`` (reads only) a busy answer or a lost connection is tried again, a bounded number of times.
        A redirect is followed only by a read and only within the same origin; without ``follow`` it is the answer.
        """

        def ask() -> Reply:
            asked = (method, url, stage, headers, body)
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
        self, method: str, url: str, stage: str, headers: t.Mapping[str, str] | None, body: bytes | None, read: bool
    ) -> Reply:
        for _redirect in range(MAX_REDIRECTS):
            reply = self._once(method, url, stage, headers, body)
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
        self, method: str, url: str, stage: str, headers: t.Mapping[str, str] | None, body: bytes | None
    ) -> Reply:
        if self._pace:
            self._pace.enter()
        try:
            request = self._prepared(method, url, headers, body)
            with self._http.send(
                request,
                timeout=self._timeout,
                allow_redirects=False,
                proxies=self._proxies_for(url),
                stream=True,
                verify=True,
                cert=None,
            ) as response:
                content = bytearray()
                for chunk in response.iter_content(65536):
                    content += chunk
                    if len(content) > MAX_BYTES:
                        raise ConsoleError(
                            "unexpected_reply",
                            f"{_place(method, url)} answers with more than {MAX_BYTES} bytes.",
                            stage=stage,
                        )
                return Reply(
                    response.status_code,
                    {name.lower(): value for name, value in response.headers.items()},
                    bytes(content),
                )
        except requests.exceptions.RequestException as error:
            raise _failure(error, _place(method, url), stage) from None

    def _prepared(
        self, method: str, url: str, headers: t.Mapping[str, str] | None, body: bytes | None
    ) -> requests.PreparedRequest:
        """Return the request. The session's own way to make one merges six settings that are never set here, which
        takes a third of the time that the whole request does.
        """
        merged = {**self._http.headers, **(headers or {})}
        return requests.Request(method, url, merged, data=body, cookies=self._http.cookies or None).prepare()

    def _proxies_for(self, url: str) -> dict[str, str]:
        parts = urlsplit(url)
        if self._proxy:
            return {parts.scheme: self._proxy}
        place = (parts.scheme, parts.netloc)
        if place not in self._proxies:
            self._proxies[place] = environment_proxies(url, self._environ)
        return self._proxies[place]


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


def _failure(error: Exception, place: str, stage: str) -> ConsoleError:
    """Translate an exception of requests. Its text is not repeated: it may quote what was sent."""
    failures = requests.exceptions
    if isinstance(error, failures.SSLError):
        return ConsoleError("tls_failed", f"{place}: {_tls_reason(error)}.", stage=stage)
    if isinstance(error, failures.ProxyError):
        return ConsoleError("console_unreachable", f"{place}: the proxy does not let it through.", stage=stage)
    if isinstance(error, failures.ConnectTimeout):
        return ConsoleError("console_timeout", f"{place}: no connection in time.", stage=stage)
    if isinstance(error, failures.ReadTimeout):
        return LostReply("console_timeout", f"{place}: no answer in time.", stage=stage)
    if isinstance(error, (failures.ChunkedEncodingError, failures.ContentDecodingError)):
        return LostReply("console_unreachable", f"{place}: the answer was cut off.", stage=stage)
    if isinstance(error, failures.ConnectionError):
        never_sent = "NewConnectionError" in repr(error.args) or "NameResolutionError" in repr(error.args)
        what = "no connection" if never_sent else "the connection was lost before the answer"
        return (ConsoleError if never_sent else LostReply)("console_unreachable", f"{place}: {what}.", stage=stage)
    return ConsoleError("console_unreachable", f"{place}: {type(error).__name__}.", stage=stage)


def _tls_reason(error: BaseException) -> str:
    """Return OpenSSL's reason out of the chain of causes; it names certificates and versions, never what was sent."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return f"the certificate is refused: {seen.verify_message}"
        if isinstance(seen, ssl.SSLError):
            return f"TLS failed: {seen.reason or 'unknown reason'}"
        if "fingerprint" in str(seen).lower() and not seen.args[1:]:
            return "the certificate's fingerprint is not console_fingerprint"
        inner = seen.args[0] if seen.args and isinstance(seen.args[0], BaseException) else getattr(seen, "reason", None)
        seen = inner if isinstance(inner, BaseException) else seen.__cause__ or seen.__context__
    return "TLS failed"
