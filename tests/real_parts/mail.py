# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Postfix and Dovecot as one mail system that lives in a temp folder."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any

from . import logs, processes
from .accounts import Accounts
from .dovecot import Dovecot, DovecotPorts
from .guard import Guard
from .pki import Pki
from .policy import Greylist
from .postfix import Postfix
from .variants import VARIANTS

JUNK = 'require ["fileinto", "mailbox"];\nfileinto :create "Junk";\n'
OWNERS = ("alice", "bob", "robot", "junk", "deferred", "full")


class RealMail:
    """A mail system on the loopback address; use it as a context manager (``start`` and ``stop`` do the same).

    ``host``, ``ca`` (Path) and ``port(variant)`` are what a client needs. The control methods change behaviour while it
    runs; ``reset`` takes all of that back, and the mail. With ``introspection_url`` OAuth tokens are
    taken too. Raises InstallError where a part is not installed, NotReadyError where one does not come up.
    """

    host = "localhost"

    def __init__(self, introspection_url: str | None = None, pki: Pki | None = None) -> None:
        self._url = introspection_url
        self._given_pki = pki
        self._cleanup = contextlib.ExitStack()

    def start(self) -> RealMail:
        """Start all of it and return when it answers."""
        with contextlib.ExitStack() as cleanup:
            folder = self.folder = self._make_folder(cleanup)
            self.pki = self._given_pki or _own_pki(folder / "pki")
            names = [variant.name for variant in VARIANTS]
            imap, imaps, submission, submissions, policy, *rest = processes.free_ports(len(names) + 5)
            ports = dict(zip(names, rest, strict=True))
            inner = DovecotPorts(imap, imaps, submission, submissions, relay=ports["mx"])
            self.ports = {**ports, "imap": imap, "imaps": imaps, "dovecot": submission, "dovecot-tls": submissions}
            self.dovecot = Dovecot(folder / "dovecot", self.pki, inner, self._url)
            self.greylist = Greylist(policy)
            self.postfix = Postfix(folder / "postfix", self.pki, ports, policy)
            cleanup.enter_context(Guard(folder, self.postfix.pid_file, self.dovecot.pid_file))
            self._start_parts(cleanup)
            self._begin = self.mark()
            self._cleanup = cleanup.pop_all()
        return self

    def stop(self) -> None:
        """Stop all of it and remove its folder."""
        self._cleanup.close()

    def __enter__(self) -> RealMail:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def ca(self) -> Path:
        """The authority to trust (PEM)."""
        return self.pki.ca

    def port(self, variant: str) -> int:
        """Return the port of a variant, or of ``imap``, ``imaps``, ``dovecot`` or ``dovecot-tls`` (its submission)."""
        return self.ports[variant]

    def limit(self, variant: str, connections: int, messages: int) -> None:
        """Bound a variant's connections at a time and messages a minute (0: no bound)."""
        self.configure(
            variant,
            smtpd_client_connection_count_limit=str(connections),
            smtpd_client_message_rate_limit=str(messages),
        )

    def configure(self, variant: str, **options: str) -> None:
        """Give a variant further options of smtpd (none: back to its own), for connections made after this."""
        self.postfix.configure(variant, options)

    def forget_limits(self) -> None:
        """Begin a new minute for all rates, and count connections from none on."""
        self.postfix.reload()

    def junk(self, user: str, on: bool = True) -> None:
        """File the user's mail into Junk by a Sieve script, or not."""
        self.dovecot.write_sieve(user, JUNK if on else None)

    def messages(self, user: str, folder: str = "") -> list[Path]:
        """Return the files of the user's messages, the oldest first; ``folder`` is empty for the inbox, or ``Junk``."""
        maildir = self.maildir(user, folder)
        return sorted((*maildir.glob("new/*"), *maildir.glob("cur/*")), key=lambda path: path.stat().st_mtime_ns)

    def maildir(self, user: str, folder: str = "") -> Path:
        """Return the Maildir of a user's folder; it may not exist yet."""
        home = self.dovecot.home(user)
        return home / f".{folder}" if folder else home

    def queue(self) -> list[dict[str, Any]]:
        """Return what Postfix still holds, as ``postqueue -j`` says."""
        return self.postfix.queue()

    def settle(self) -> None:
        """Wait until nobody is connected and nothing is queued but what is put off."""
        self._disconnected()
        self.postfix.drain()

    def mark(self) -> Mark:
        """Wait until nobody is connected, and return now as a place in the logs: it counts what happens after."""
        self._disconnected()
        return Mark(self.postfix.log, self.dovecot.log)

    def reset(self) -> None:
        """Bring back the state after the start: users, limits, greylist, Sieve, and no mail anywhere."""
        self.settle()
        self.postfix.drop_queue()
        self.accounts.reset()
        if self._begin.counters_now("limited").messages:
            self.forget_limits()
        for variant in self.postfix.configured():
            self.configure(variant)
        self.greylist.forget()
        for user in self.accounts.users():
            shutil.rmtree(self.dovecot.home(user), ignore_errors=True)
        self.junk("junk@lab.test")
        self._begin = self.mark()

    def _disconnected(self) -> None:
        journal = logs.Journal(self.postfix.log)
        processes.wait_until(lambda: logs.count(journal.lines()).open == 0, "the end of all connections")

    def _make_folder(self, cleanup: contextlib.ExitStack) -> Path:
        folder = Path(tempfile.mkdtemp(prefix="cai-mail-"))
        cleanup.callback(shutil.rmtree, folder, ignore_errors=True)
        # The servers' own users have to reach their parts of it.
        folder.chmod(0o755)
        return folder

    def _start_parts(self, cleanup: contextlib.ExitStack) -> None:
        self.dovecot.prepare()
        self.accounts = Accounts(self.dovecot.users)
        self.postfix.prepare(self.dovecot.auth_socket, self.dovecot.lmtp_socket, self.accounts.users())
        cleanup.callback(self.greylist.stop)
        self.greylist.start()
        for part in (self.dovecot, self.postfix):
            cleanup.callback(part.stop)
            part.start()
        self.junk("junk@lab.test")


class Mark:
    """A place in the logs of a RealMail."""

    def __init__(self, postfix: Path, dovecot: Path) -> None:
        self._postfix, self._dovecot = logs.Journal(postfix), logs.Journal(dovecot)
        self._places = self._postfix.mark(), self._dovecot.mark()

    def counters(self, variant: str | None = None) -> logs.Counters:
        """Count what Postfix saw since, on one variant or on all; waits for connections to end (15 s at most)."""
        processes.wait_until(lambda: self.counters_now(variant).open <= 0, "the end of the counted connections")
        return self.counters_now(variant)

    def counters_now(self, variant: str | None = None) -> logs.Counters:
        """Count what Postfix saw since; the commands of connections that are still open are not in it."""
        return logs.count(self._postfix.lines(self._places[0]), variant)

    def failed_signins(self) -> list[str]:
        """Return the users whose sign-in Dovecot refused since, one entry for each time."""
        return logs.failed_signins(self._dovecot.lines(self._places[1]))


def _own_pki(folder: Path) -> Pki:
    folder.mkdir(mode=0o755)
    return Pki(folder)
