# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a lab listens: a fixed layout from a base port, or free ports."""

from __future__ import annotations

import socket
from dataclasses import dataclass

HOST = "127.0.0.1"
FIRST_AGENT = 10


class PortInUse(RuntimeError):
    """A port of the layout is taken."""

    def __init__(self, port: int) -> None:
        super().__init__(
            f"Port {port} is in use. Choose another base port with --port or LAB_PORT, or give --free-ports."
        )


@dataclass(frozen=True)
class Layout:
    """Ports by use; ``base`` None = free ones."""

    base: int | None

    def port(self, offset: int) -> int:
        """The port at an offset from the base, 0 = any free one."""
        return 0 if self.base is None else self.base + offset

    def bind(self, offset: int, *, listens: bool = True) -> socket.socket:
        """A socket bound to that port on loopback, to be listened at or only reserved; PortInUse when it is taken."""
        sock = socket.socket()
        if self.base is not None and listens:
            # A restart must not wait for old connections. Elsewhere it would let two labs share a reserved port.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((HOST, self.port(offset)))
        except OSError:
            sock.close()
            raise PortInUse(self.port(offset)) from None
        return sock


def port_of(sock: socket.socket) -> int:
    """The port that a socket is bound to."""
    number: int = sock.getsockname()[1]
    return number
