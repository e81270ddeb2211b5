# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Labs of the tests: started as a process, watched, stopped; whoever signs all of a user's sessions out is caught."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cai_lab.control_client import LabControl

ROBOT = "robot@lab.test"
VIEWER = "viewer@lab.test"
PARENT = "owner@parent.test"
# The pipe ends without a word when the process that holds it dies.
LEASH = "import os, signal, sys; sys.stdin.read() or os.kill(int(sys.argv[1]), signal.SIGTERM)"
SENDER = "alerts@lab.test"


@contextmanager
def running_lab(folder: Path, *options: str) -> Iterator[LabControl]:
    """A lab on free ports; at its end it must never have been asked to end all sessions of a user."""
    with LabControl.start(folder, "--access-log", *options) as lab, on_a_leash(lab):
        try:
            yield lab
        finally:
            refuse_logout_all(lab)


@contextmanager
def on_a_leash(lab: LabControl) -> Iterator[None]:
    """End the lab if these tests die without having stopped it: whoever kills them must not leave it running."""
    command = [sys.executable, "-c", LEASH, str(lab.pid)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as watcher:
        try:
            yield
        finally:
            watcher.communicate(b"let go")


def refuse_logout_all(lab: LabControl) -> None:
    """AssertionError if ``logoutall``, which also ends the sessions of people, was requested since the log's start."""
    asked = lab.operations(operation="logout_all")
    assert not asked, f"logoutall was requested: {asked}"
    assert lab.sessions()["logout_alls"] == 0, "logoutall was carried out"


def password_of(lab: LabControl, user: str) -> str:
    """The console's password of one of the lab's users."""
    return str(next(known["password"] for known in lab.addresses["users"] if known["name"] == user))


def mail_password(lab: LabControl, account: str = SENDER) -> str:
    """The mail server's password of an account."""
    return str(lab.addresses["mail_accounts"][account])


def email_that_sends(lab: LabControl, **more: Any) -> dict[str, Any]:
    """Return options of an Email Service that really sends mail."""
    return {
        "enabled": True,
        "host": "localhost",
        "port": lab.addresses["smtp"]["starttls_port"],
        "security": "tls",
        "authentication": "password",
        "username": SENDER,
        "password": mail_password(lab),
        **more,
    }


def connection(lab: LabControl, user: str = ROBOT) -> dict[str, Any]:
    """The connection options that a user of this lab sets."""
    return {
        "console_url": lab.addresses["console"],
        "console_username": user,
        "console_password": password_of(lab, user),
        "console_binding": "lab",
    }


class Watch:
    """What has reached a lab since the watch was made or restarted."""

    def __init__(self, lab: LabControl) -> None:
        self._lab = lab
        self._since = 0
        self.restart()

    def restart(self) -> None:
        """Forget what has come so far."""
        self._hash = self._lab.state()["hash"]
        self._since = max((entry["n"] for entry in self._lab.operations(since=self._since)), default=self._since)

    def operations(self, **filters: Any) -> list[dict[str, Any]]:
        """The requests, in order; filters as LabControl.operations has them."""
        return self._lab.operations(since=self._since, **filters)

    def names(self, **filters: Any) -> list[str]:
        """Names of the operations, in order."""
        return [entry["operation"] for entry in self.operations(**filters)]

    def writes(self) -> list[dict[str, Any]]:
        """The requests that may have changed something."""
        return self.operations(mutates=True)

    def unchanged(self) -> bool:
        """Whether the lab stores exactly what it did at the beginning."""
        return bool(self._lab.state()["hash"] == self._hash)

    def assert_untouched(self) -> None:
        """Nothing is stored otherwise, and nobody tried."""
        assert self.writes() == []
        assert self.unchanged()

    def assert_untouched_but(self, *refused: str) -> None:
        """As ``assert_untouched``, where these operations were asked for and refused."""
        assert {entry["operation"] for entry in self.writes()} == set(refused)
        assert {entry["status"] for entry in self.writes()} == {400}
        assert self.unchanged()
