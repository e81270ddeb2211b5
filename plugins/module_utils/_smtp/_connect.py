# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a name to a connection: resolve it, then try IPv4 and IPv6 at the same time, and report both."""

from __future__ import annotations

import _thread
import errno
import ipaddress
import os
import selectors
import socket
import time
import typing as t

from ansible_collections.cai.console.plugins.module_utils._smtp._model import StageFault

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._smtp._clock import Budget

FAMILIES = {"ipv4": socket.AF_INET, "ipv6": socket.AF_INET6}
# After one family has connected, how long the other may take before it is reported as slow.
GRACE_SECONDS = 0.5
Addresses = t.Dict[str, t.List[t.Tuple[t.Any, ...]]]
_TEMPORARY = (socket.EAI_AGAIN,)


def resolve(host: str, port: int, budget: Budget) -> Addresses:
    """Return the socket addresses of each family. The system's resolver has no time limit, so it runs in a thread."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        found = _look_up(host, port, budget)
    else:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    addresses: Addresses = {name: [] for name in FAMILIES}
    for family, _kind, _protocol, _name, address in found:
        for name, number in FAMILIES.items():
            if family == number and address not in addresses[name]:
                addresses[name].append(address)
    return addresses


def _look_up(host: str, port: int, budget: Budget) -> list[t.Any]:
    answers: list[t.Any] = []
    waiting = _thread.allocate_lock()
    waiting.acquire()

    def ask() -> None:
        try:
            answers.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answers.append(error)
        finally:
            waiting.release()

    # A bare thread costs a third of threading.Thread, which waits until it has begun; none is joined.
    _thread.start_new_thread(ask, ())
    waiting.acquire(timeout=budget.left())
    if not answers:
        raise StageFault("smtp_dns_failed", f"No answer about the name {host} in time.", retryable=True)
    answer = answers[0]
    if isinstance(answer, Exception):
        again = isinstance(answer, socket.gaierror) and answer.errno in _TEMPORARY
        said = getattr(answer, "strerror", None) or str(answer)
        raise StageFault("smtp_dns_failed", f"The name {host} cannot be resolved: {said}.", retryable=again)
    return t.cast("list[t.Any]", answer)


class Race:
    """Connects by both families at once; within a family one address after another."""

    def __init__(self, addresses: Addresses) -> None:
        self._todo = {name: list(found) for name, found in addresses.items() if found}
        self._trying: dict[socket.socket, tuple[str, t.Any, float]] = {}
        # For two sockets at most; epoll would take four more calls to the system.
        self._selector = getattr(selectors, "PollSelector", selectors.DefaultSelector)()
        self.winner: socket.socket | None = None
        self.report: dict[str, dict[str, t.Any]] = {
            name: {"status": "no address", "address": None, "ms": None, "detail": None} for name in addresses
        }

    def run(self, budget: Budget) -> socket.socket:
        """Return the connected socket (blocking), or raise a StageFault ``smtp_unreachable``."""
        try:
            for name in list(self._todo):
                self._next(name)
            self._wait(budget)
        finally:
            for sock in list(self._trying):
                self._settle(sock, "slow", "no answer yet when the other had connected")
            self._selector.close()
        if self.winner is None:
            tried = [f"{row['address']}: {row['detail']}" for row in self.report.values() if row["address"] is not None]
            raise StageFault("smtp_unreachable", f"No connection. {'; '.join(tried) or 'There is no address'}.")
        self.winner.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.winner

    def _wait(self, budget: Budget) -> None:
        grace: float | None = None
        while self._trying:
            try:
                seconds = budget.left()
            except StageFault:
                self._give_up()
                return
            if self.winner is not None:
                grace = grace or time.monotonic() + GRACE_SECONDS
                seconds = min(seconds, grace - time.monotonic())
                if seconds <= 0:
                    return
            for key, _events in self._selector.select(seconds):
                self._answered(t.cast(socket.socket, key.fileobj))

    def _give_up(self) -> None:
        for sock in list(self._trying):
            self._settle(sock, "failed", "no answer in time")

    def _next(self, name: str) -> None:
        """Begin with the family's next address, if it has one."""
        while self._todo[name]:
            address = self._todo[name].pop(0)
            sock = socket.socket(FAMILIES[name], socket.SOCK_STREAM)
            sock.setblocking(False)
            self._trying[sock] = (name, address, time.monotonic())
            number = sock.connect_ex(address)
            if number in (0, errno.EINPROGRESS):
                self._selector.register(sock, selectors.EVENT_WRITE)
                return
            self._settle(sock, "failed", os.strerror(number))

    def _answered(self, sock: socket.socket) -> None:
        name = self._trying[sock][0]
        number = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        self._settle(sock, "failed" if number else "connected", os.strerror(number) if number else None)
        if number:
            self._next(name)

    def _settle(self, sock: socket.socket, status: str, detail: str | None) -> None:
        name, address, began = self._trying.pop(sock)
        ms = round((time.monotonic() - began) * 1000, 1)
        self.report[name] = {"status": status, "address": address[0], "ms": ms, "detail": detail}
        if sock in self._selector.get_map():
            self._selector.unregister(sock)
        if status == "connected" and self.winner is None:
            self.winner = sock
        else:
            sock.close()
