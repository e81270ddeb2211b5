# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A second look at a server whose certificate or TLS was refused, only to show what it is."""

from __future__ import annotations

import contextlib
import socket
import typing as t

from ansible_collections.cai.console.plugins.module_utils._smtp import _tls
from ansible_collections.cai.console.plugins.module_utils._smtp._model import Settings, StageFault
from ansible_collections.cai.console.plugins.module_utils._smtp._session import Dialogue

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._smtp._clock import Budget


def look_again(settings: Settings, winner: t.Any, budget: Budget) -> dict[str, t.Any] | None:
    """Connect once more and return the TLS facts without judging them. Nothing is sent but what STARTTLS needs."""
    family, address = winner
    sock = socket.socket(family, socket.SOCK_STREAM)
    dialogue = Dialogue(sock, budget, settings.ehlo_name)
    budget.enter("certificate")
    try:
        sock.settimeout(budget.left())
        sock.connect(address)
        if settings.security == "tls":
            dialogue.greeting()
            dialogue.introduce()
            if dialogue.command("STARTTLS").code != 220:
                return None
        dialogue.may_quit = False
        dialogue.sock = None
        shaken = _tls.shake(sock, _tls.context(settings.tls, verify=False), settings.host, budget)
        dialogue.sock = shaken.sock
        dialogue.may_quit = settings.security == "tls"
        return shaken.facts
    except (OSError, StageFault):
        return None
    finally:
        dialogue.leave()
        with contextlib.suppress(OSError):
            sock.close()
