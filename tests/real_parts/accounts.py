# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The users' file that Dovecot reads: who has a mailbox, with which password and in which condition."""

from __future__ import annotations

import os
import secrets
import time
from dataclasses import dataclass, replace
from pathlib import Path

DOMAIN = "lab.test"


@dataclass(frozen=True)
class Account:
    """A mailbox. ``deferring``: Dovecot puts its mail off (4xx); ``full``: refuses it for good (5.2.2)."""

    password: str
    deferring: bool = False
    full: bool = False

    def line(self, user: str) -> str:
        """Return the account's line of the passwd-file."""
        extra = ["userdb_tempfail=yes"] if self.deferring else []
        extra += ["userdb_quota_rule=*:storage=1B"] if self.full else []
        return f"{user}:{{PLAIN}}{self.password}::::::{' '.join(extra)}\n"


def usual() -> dict[str, Account]:
    """Return the users of the bed by their addresses; alice, bob and robot are also the OAuth provider's."""
    plain = {f"{name}@{DOMAIN}": Account(f"{name}-pw") for name in ("alice", "bob", "robot", "junk")}
    return {
        **plain,
        f"deferred@{DOMAIN}": Account("deferred-pw", deferring=True),
        f"full@{DOMAIN}": Account("full-pw", full=True),
    }


class Accounts:
    """Keeps the passwd-file in step with what was said last. Each change holds for the very next login."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._all = usual()
        self._stamp = time.time()
        self._write()

    def users(self) -> list[str]:
        """Return the addresses."""
        return list(self._all)

    def password(self, user: str) -> str:
        """Return the password that holds now. Raises KeyError for a stranger."""
        return self._all[user].password

    def set_password(self, user: str, password: str) -> None:
        """Give a user (who may be new) another password."""
        account = self._all.get(user, Account(password))
        self._change({user: replace(account, password=password)})

    def revoke(self, user: str) -> None:
        """Make every password of the user wrong; the mailbox stays."""
        self.set_password(user, secrets.token_urlsafe(24))

    def set_deferring(self, user: str, on: bool) -> None:
        """Let Dovecot put off the user's mail, or take it again."""
        self._change({user: replace(self._all[user], deferring=on)})

    def set_full(self, user: str, on: bool) -> None:
        """Let the user's mailbox be over its quota, or not."""
        self._change({user: replace(self._all[user], full=on)})

    def reset(self) -> None:
        """Bring back the usual users."""
        if self._all != usual():
            self._all = {}
            self._change(usual())

    def _change(self, accounts: dict[str, Account]) -> None:
        self._all |= accounts
        self._write()
        # Dovecot looks at the file once a second at most.
        time.sleep(1.05 - time.time() % 1)

    def _write(self) -> None:
        aside = self.path.with_name(f"{self.path.name}.new")
        aside.write_text("".join(account.line(user) for user, account in self._all.items()), encoding="utf-8")
        aside.chmod(0o644)
        # Dovecot tells versions apart by whole seconds and size.
        self._stamp += 1
        os.utime(aside, (self._stamp, self._stamp))
        aside.replace(self.path)
