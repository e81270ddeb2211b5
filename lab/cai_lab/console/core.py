# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the console's parts share."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from cai_lab.clock import Clock
from cai_lab.console.faults import Faults
from cai_lab.console.operations import Operations
from cai_lab.console.sessions import Sessions
from cai_lab.fleet import Fleet, Target
from cai_lab.mail.mailbox import Mailbox
from cai_lab.mail.pki import Pki
from cai_lab.oauth.ledger import Ledger
from cai_lab.oauth.server import OAuthServer
from cai_lab.state import State
from cai_lab.switches import Switches

LOG_KEPT = 1000


@dataclass
class Console:
    """State and services of one lab; ``pod_url`` is what a sign-in tells as the base of all further calls.

    ``oauth`` is the OAuth server beside the console; ``held`` the access tokens that the console has, by target.
    ``cut_off``: owners of the targets that no mail server can be reached from.
    """

    state: State
    clock: Clock
    switches: Switches
    fleet: Fleet
    mailbox: Mailbox
    pki: Pki
    pod_url: str = ""
    console_url: str = ""
    tls: bool = False
    access_log: bool = False
    faults: Faults = field(default_factory=Faults)
    operations: Operations = field(default_factory=Operations)
    background: set[asyncio.Task[None]] = field(default_factory=set)
    cut_off: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.sessions = Sessions(self.clock)
        self.oauth = OAuthServer(self.state, Ledger(self.state, self.clock, self.switches))
        self.held: dict[tuple[str, str], dict[str, Any]] = {}

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Let work go on after the reply."""
        task = asyncio.get_running_loop().create_task(work)
        self.background.add(task)
        task.add_done_callback(self.background.discard)

    def log(self, target: Target, service: str, message: str, *, level: str = "Info", source: str = "System") -> None:
        """Write an entry to a target's server log; the last 1000 are kept."""
        number = self.state.count("log")
        entry = {"time": self.clock.stamp(), "level": level, "source": source, "service": service, "message": message}
        self.state.put("log", target.owner, f"{number:010d}", entry)
        kept = self.state.items("log", target.owner)
        if len(kept) > LOG_KEPT:
            self.state.delete("log", target.owner, next(iter(kept)))
