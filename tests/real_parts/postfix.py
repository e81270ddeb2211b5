# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Postfix 3.7: a submission service per variant, its queue, and the way on to Dovecot's LMTP."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from string import Template
from typing import Any

from . import parts, processes
from .logs import Journal
from .pki import Pki
from .variants import VARIANTS

USER = "postfix"
RELOADED = "reload -- version"
#: What keeps old settings or old counts.
COUNTING = {"smtpd", "anvil"}
IDLE = 2.0
LIBRARY = "/usr/lib/postfix/sbin"


class Postfix:
    """An instance in ``folder`` (to be made; every user may look into its parents); ``ports`` are the variants'."""

    def __init__(self, folder: Path, pki: Pki, ports: Mapping[str, int], policy_port: int) -> None:
        self.folder = folder
        self.ports = dict(ports)
        self.log = folder / "log" / "mail.log"
        self._pki = pki
        self._policy_port = policy_port
        self._server: processes.Server | None = None
        self._more: dict[str, dict[str, str]] = {}

    def prepare(self, auth_socket: Path, lmtp_socket: Path, owners: Iterable[str]) -> None:
        """Make the folder and the configuration; ``owners`` may send as themselves."""
        for name in ("etc", "spool", "data", "log"):
            (self.folder / name).mkdir(parents=True)
        os.chown(self.folder / "data", pwd.getpwnam(USER).pw_uid, -1)
        good = self._pki.pair("good")
        values = {
            "folder": self.folder,
            "log": self.log,
            "auth": auth_socket,
            "lmtp": lmtp_socket,
            "key": good.key,
            "certificate": good.chain,
            "owners": ", ".join(f"{owner}={owner}" for owner in owners),
        }
        self._write("main.cf", values)
        self._write_services()

    def start(self) -> None:
        """Start and return when all variants listen. Raises InstallError or NotReadyError."""
        # "check" makes the queue's folders. "start" and "start-fg" would put the master into a group of its own.
        self._postfix("check")
        command = [f"{LIBRARY}/master", "-c", str(self._etc), "-s"]
        self._server = processes.Server(command, self.folder / "postfix.out", self.pid_file)
        self._server.start(lambda: all(map(processes.listens, self.ports.values())))

    def stop(self) -> None:
        """Stop by its process id and wait for the end; nothing happens when it does not run."""
        if self._server is not None:
            self._server.stop()

    @property
    def pid_file(self) -> Path:
        """The file with the master's process id while it runs."""
        return self.folder / "postfix.pid"

    def configure(self, variant: str, options: Mapping[str, str]) -> None:
        """Set further options of a variant's service (none: back to its own), for connections made after this."""
        if self._more.get(variant, {}) == dict(options):
            return
        self._more[variant] = dict(options)
        self._write_services()
        self.reload()

    def reload(self) -> None:
        """Read the configuration again and forget what was counted for limits; returns when idle services are new."""
        # A reload in the midst of deliveries leaves messages lying until the queue is looked through again.
        self.drain()
        journal = Journal(self.log)
        mark, old = journal.mark(), self._services()
        self._postfix("reload")
        processes.wait_until(lambda: any(RELOADED in line for line in journal.lines(mark)), "postfix's reload")
        # One that serves somebody stays for as long as that takes.
        with contextlib.suppress(processes.NotReadyError):
            processes.wait_until(lambda: not any(map(processes.is_alive, old)), "the end of old services", IDLE)
        subprocess.run([parts.program("postqueue"), "-c", str(self._etc), "-f"], check=True, timeout=30)

    def configured(self) -> list[str]:
        """Return the variants that have further options now."""
        return [name for name, options in self._more.items() if options]

    def queue(self) -> list[dict[str, Any]]:
        """Return the queue as ``postqueue -j`` says: queue_id, queue_name, sender, recipients (delay_reason)."""
        command = [parts.program("postqueue"), "-c", str(self._etc), "-j"]
        said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
        return [json.loads(line) for line in said.stdout.splitlines()]

    def drain(self) -> None:
        """Wait until nothing is queued but what is put off. Raises NotReadyError after 15 s."""
        processes.wait_until(lambda: all(row["queue_name"] == "deferred" for row in self.queue()), "the queue's work")

    def drop_queue(self) -> None:
        """Throw away all that is queued."""
        command = [parts.program("postsuper"), "-c", str(self._etc), "-d", "ALL"]
        subprocess.run(command, capture_output=True, check=True, timeout=30)

    def _services(self) -> list[int]:
        pid = self._server.pid if self._server else None
        return [] if pid is None else [member for member in processes.group(pid) if processes.name(member) in COUNTING]

    @property
    def _etc(self) -> Path:
        return self.folder / "etc"

    def _write(self, name: str, values: Mapping[str, object]) -> None:
        text = Template((parts.FILES / name).read_text(encoding="utf-8")).substitute(values)
        (self._etc / name).write_text(text, encoding="utf-8")

    def _write_services(self) -> None:
        names = ("good", "expired", "soon", "wrongname", "untrusted")
        pairs = {name: self._pki.pair(name) for name in names}
        files = {name: f"{pair.key}, {pair.chain}" for name, pair in pairs.items()}
        lines = []
        for variant in VARIANTS:
            options = variant.settings(self._policy_port, files) | self._more.get(variant.name, {})
            lines.append(f"{processes.HOST}:{self.ports[variant.name]} inet n - n - - smtpd")
            lines += [f"  -o {{ {name} = {value} }}" for name, value in options.items()]
        self._write("master.cf", {"services": "\n".join(lines)})

    def _postfix(self, verb: str) -> None:
        command = [parts.program("postfix"), "-c", str(self._etc), verb]
        said = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        if said.returncode:
            raise processes.NotReadyError(f"postfix {verb}: exit code {said.returncode}: {said.stderr.strip()[-500:]}")
