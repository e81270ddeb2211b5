# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections over urllib3: TLS that is set up once, proxies, pinned certificates, and failures without secrets.

A worker of Ansible sends one or two requests and ends, so their cost is that of the first use of a library; requests,
which stands over urllib3, doubled it.
"""

from __future__ import annotations

import functools
import os
import re
import ssl
import typing as t
import warnings
from urllib.parse import unquote, urlsplit
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]  # public, but not in typeshed

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError, LostReply

try:
    import urllib3
    from urllib3 import exceptions as failures
    from urllib3.util import make_headers
except ImportError:
    urllib3 = None  # type: ignore[assignment]

FAILURES = (ValueError,) if urllib3 is None else (ValueError, failures.HTTPError)
"""What goes wrong on the way. A ValueError is a header or an address that cannot be sent."""
HEADERS = {"User-Agent": "ansible-cai-console", "Accept": "*/*", "Accept-Encoding": "gzip, deflate"}
CHUNK = 65536
ORIGIN = re.compile("[^/?#]*(//[^/?#]*)?")


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
    proxy = found[parts.scheme] or found["all"]
    if not proxy or proxy_bypass_environment(parts.netloc, {"no": found["no"]}):
        return {}
    return {parts.scheme: proxy}


class Http:
    """Keeps connections, by the way to a server: straight, or through a proxy. ``pool`` threads may share it."""

    def __init__(self, context: ssl.SSLContext, pool: int) -> None:
        if urllib3 is None:
            raise ConsoleError(
                "library_missing",
                "The Python library urllib3 is not installed.",
                stage="options",
                remedy="Install requests (2.32 or newer), which brings urllib3 (2.0 or newer).",
            )
        if context.verify_mode == ssl.CERT_NONE:
            # The user asked for it, and a worker of Ansible must not write to the screen.
            warnings.filterwarnings("ignore", "Unverified HTTPS request")
        self._context = context
        self._pool = pool
        self._pinned: tuple[str, str] | None = None
        self._ways: dict[tuple[str | None, str | None], urllib3.PoolManager] = {}
        self._last: tuple[t.Any, t.Any] = None, None
        self._once = urllib3.Retry(False, redirect=False)

    def pin(self, prefix: str, fingerprint: str) -> None:
        """Below the address ``prefix``, trust only the certificate with this SHA-256 fingerprint, whoever signed it."""
        self._pinned = prefix, fingerprint

    def close(self) -> None:
        """Close the kept connections."""
        for way in self._ways.values():
            way.clear()

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: t.Mapping[str, str],
        body: bytes | None,
        timeout: float,
        proxy: str | None,
        most: int,
    ) -> tuple[int, dict[str, str], bytes | None]:
        """Send one request; return status, headers (names in lower case) and body, which is None where it has more than
        ``most`` bytes. Raises what ``FAILURES`` lists.
        """
        way, place = (self._way(url, proxy), url) if proxy else self._straight(url)
        response = way.request(
            method,
            place,
            headers={**HEADERS, **headers},
            body=body,
            timeout=timeout,
            retries=self._once,
            redirect=False,
            preload_content=False,
        )
        try:
            content = bytearray()
            for chunk in response.stream(CHUNK):
                content += chunk
                if len(content) > most:
                    break
            else:
                response.release_conn()
        finally:
            response.close()
        named = {name.lower(): value for name, value in response.headers.itermerged()}
        return response.status, named, bytes(content) if len(content) <= most else None

    def _straight(self, url: str) -> tuple[urllib3.HTTPConnectionPool, str]:
        """Return the connections to the server, and the address there. Nearly every request goes where the one before
        went; the manager would look the server up anew, in a tenth of a request's time.
        """
        origin = origin_of(url)
        way, place = self._way(url, None), url[len(origin) :]
        known, pool = self._last
        if known != (way, origin):
            pool = way.connection_from_url(url)
            self._last = (way, origin), pool
        return pool, place if place.startswith("/") else f"/{place}"

    def _way(self, url: str, proxy: str | None) -> urllib3.PoolManager:
        pinned = self._pinned[1] if self._pinned and url.lower().startswith(self._pinned[0].lower()) else None
        if (pinned, proxy) not in self._ways:
            self._ways[pinned, proxy] = self._new_way(pinned, proxy)
        return self._ways[pinned, proxy]

    def _new_way(self, pinned: str | None, proxy: str | None) -> urllib3.PoolManager:
        trust: dict[str, t.Any] = {"ssl_context": self._context}
        if pinned:
            trust = {"ssl_context": tls_context(None, verify=False), "assert_fingerprint": pinned}
        sizes: dict[str, t.Any] = {"num_pools": 2 * self._pool, "maxsize": self._pool}
        if proxy is None:
            return urllib3.PoolManager(**sizes, **trust)
        proxy = proxy if "://" in proxy else f"http://{proxy}"
        parts = urlsplit(proxy)
        if parts.scheme not in ("http", "https"):
            raise ConsoleError(
                "invalid_option",
                f"The proxy {parts.scheme}://{parts.hostname} is neither http nor https.",
                stage="options",
                remedy="Set console_proxy, or the variable in the environment, to a proxy that speaks http.",
            )
        who = f"{unquote(parts.username)}:{unquote(parts.password or '')}" if parts.username else None
        return urllib3.ProxyManager(proxy, proxy_headers=make_headers(proxy_basic_auth=who), **sizes, **trust)


def origin_of(url: str) -> str:
    """Return ``scheme://host:port`` of an address, in less time than it takes to look at all of it."""
    found = ORIGIN.match(url)
    return found[0] if found else url


def translated(error: Exception, place: str, stage: str) -> ConsoleError:
    """Translate an exception of ``Http.send``. Its text is not repeated: it may quote what was sent."""
    if isinstance(error, failures.SSLError):
        return ConsoleError("tls_failed", f"{place}: {_tls_reason(error)}.", stage=stage)
    if isinstance(error, failures.ProxyError):
        return ConsoleError("console_unreachable", f"{place}: the proxy does not let it through.", stage=stage)
    if isinstance(error, failures.NewConnectionError):
        return ConsoleError("console_unreachable", f"{place}: no connection.", stage=stage)
    if isinstance(error, failures.ConnectTimeoutError):
        return ConsoleError("console_timeout", f"{place}: no connection in time.", stage=stage)
    if isinstance(error, failures.ReadTimeoutError):
        return LostReply("console_timeout", f"{place}: no answer in time.", stage=stage)
    if isinstance(error, (failures.IncompleteRead, failures.InvalidChunkLength, failures.DecodeError)):
        return LostReply("console_unreachable", f"{place}: the answer was cut off.", stage=stage)
    if isinstance(error, failures.ProtocolError):
        return LostReply(
            "console_unreachable", f"{place}: the connection was lost before the answer was complete.", stage=stage
        )
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
