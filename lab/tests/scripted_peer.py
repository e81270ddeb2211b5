# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mail server of one connection that says what a script tells it, at every stage."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator

Script = tuple[tuple[str, str], ...]


@contextlib.contextmanager
def scripted(
    *script: tuple[str, str],
    banner: str = "220 scripted ESMTP",
    trust: ssl.SSLContext | None = None,
    secured: Script = (),
) -> Iterator[int]:
    """Give the port of a peer that answers a line by the first prefix that fits, if any; an empty answer hangs up.

    With ``trust``, the context of a server, its 220 to STARTTLS begins TLS, and ``secured`` is the script from then on.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_serve, args=(listener, script, banner, trust, secured))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            with contextlib.suppress(OSError):
                # Whoever never came would be waited for.
                listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _serve(listener: socket.socket, script: Script, banner: str, trust: ssl.SSLContext | None, secured: Script) -> None:
    with contextlib.suppress(OSError), listener.accept()[0] as peer:
        if not banner:
            return
        peer.sendall(f"{banner}\r\n".encode())
        if _converse(peer, script) and trust is not None:
            with trust.wrap_socket(peer, server_side=True) as wrapped:
                _converse(wrapped, secured)


def _converse(peer: socket.socket, script: Script) -> bool:
    """Answer line by line; whether it ended with the 220 to STARTTLS."""
    with peer.makefile("r", newline="\r\n") as stream:
        for line in stream:
            answer = next((text for prefix, text in (*script, ("quit", "")) if line.startswith(prefix)), None)
            if answer == "":
                return False
            if answer is not None:
                peer.sendall(f"{answer}\r\n".encode())
            if line.startswith("STARTTLS") and (answer or "").startswith("220"):
                return True
    return False
