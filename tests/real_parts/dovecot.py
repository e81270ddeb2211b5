# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dovecot 2.3: AUTH for Postfix, LMTP into Maildirs, IMAP, and a submission service of its own."""

from __future__ import annotations

import grp
import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from string import Template

from . import parts, processes
from .pki import Pki

USER, LOGIN_USER = "dovecot", "dovenull"


@dataclass(frozen=True)
class DovecotPorts:
    """IMAP with STARTTLS and on TLS; submission with STARTTLS and on TLS; the SMTP port to which it passes mail on."""

    imap: int
    imaps: int
    submission: int
    submissions: int
    relay: int


class Dovecot:
    """An instance in ``folder`` (to be made; every user may look into its parents).

    ``introspection_url``: where tokens are asked about (RFC 7662, with its credentials in it); without one there are
    passwords only.
    """

    def __init__(self, folder: Path, pki: Pki, ports: DovecotPorts, introspection_url: str | None = None) -> None:
        self.folder = folder
        self.ports = ports
        self.log = folder / "dovecot.log"
        self.users = folder / "users"
        self.auth_socket = folder / "run" / "postfix-auth"
        self.lmtp_socket = folder / "run" / "lmtp"
        self._pki = pki
        self._url = introspection_url
        self._server: processes.Server | None = None

    def prepare(self) -> None:
        """Make the folder and the configuration."""
        for name in ("run", "state", "mail"):
            (self.folder / name).mkdir(parents=True)
        self._own(self.folder / "mail")
        oauth = ""
        if self._url:
            values = {"url": self._url, "ca": self._pki.ca}
            settings = self.folder / "oauth2.conf"
            settings.write_text(_fill("oauth2.conf", values), encoding="utf-8")
            oauth = f"passdb {{\n  driver = oauth2\n  mechanisms = xoauth2 oauthbearer\n  args = {settings}\n}}"
        self._config.write_text(_fill("dovecot.conf", self._values(oauth)), encoding="utf-8")

    def start(self) -> None:
        """Start and return when it listens. Raises InstallError or NotReadyError."""
        command = [parts.program("dovecot"), "-F", "-c", str(self._config)]
        self._server = processes.Server(command, self.folder / "dovecot.out", self.pid_file)
        self._server.start(self._is_ready)

    def stop(self) -> None:
        """Stop by its process id and wait for the end; nothing happens when it does not run."""
        if self._server is not None:
            self._server.stop()

    @property
    def pid_file(self) -> Path:
        """The file with the master's process id while it runs."""
        return self.folder / "dovecot.pid"

    def _is_ready(self) -> bool:
        ports = (self.ports.imap, self.ports.imaps, self.ports.submission, self.ports.submissions)
        return self.lmtp_socket.exists() and self.auth_socket.exists() and all(map(processes.listens, ports))

    def home(self, user: str) -> Path:
        """Return the Maildir of a user, which exists after the first mail; it is also the home folder."""
        name, _unused, domain = user.partition("@")
        return self.folder / "mail" / domain / name

    def write_sieve(self, user: str, script: str | None) -> None:
        """Give a user a Sieve script, or take it away."""
        place = self.home(user) / ".dovecot.sieve"
        # Its compiled form lies beside it and would be kept while it is not older.
        place.with_suffix(".svbin").unlink(missing_ok=True)
        if script is None:
            place.unlink(missing_ok=True)
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(script, encoding="utf-8")
        for path in (place.parent.parent, place.parent, place):
            self._own(path)

    @property
    def _config(self) -> Path:
        return self.folder / "dovecot.conf"

    def _own(self, path: Path) -> None:
        os.chown(path, pwd.getpwnam(USER).pw_uid, grp.getgrnam(USER).gr_gid)

    def _values(self, oauth: str) -> dict[str, object]:
        good = self._pki.pair("good")
        return {
            "folder": self.folder,
            "log": self.log,
            "users": self.users,
            "user": USER,
            "login_user": LOGIN_USER,
            "certificate": good.chain,
            "key": good.key,
            "ca": self._pki.ca,
            "mechanisms": "plain login xoauth2 oauthbearer" if oauth else "plain login",
            "oauth": oauth,
            "relay_port": self.ports.relay,
            "imap_port": self.ports.imap,
            "imaps_port": self.ports.imaps,
            "submission_port": self.ports.submission,
            "submissions_port": self.ports.submissions,
        }


def _fill(template: str, values: dict[str, object]) -> str:
    return Template((parts.FILES / template).read_text(encoding="utf-8")).substitute(values)
