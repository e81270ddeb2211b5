# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a probe costs beside a plain smtplib send of the same message to the same server, and what a fleet costs.

    PYTHONPATH=build/collections:lab build/venv/test/bin/python tests/benchmark/smtp_probe.py [--out FILE]

The server is the lab's, in a process of its own, on the same machine.

``overhead``: CPU of this process for a whole probe (name to QUIT) over that for the plain send, in turn, the median of
60 pairs. What a process does once, such as reading the server's certificate, is in ``first_probe_cpu_ms`` only. The
goal is 1.5 at most.

``fleet``: 200 mailboxes, tested by 16 threads as the module tests them, between two turns of as many plain senders;
five rounds. All are wall clock: ``seconds`` for the 200 tests, ``slowest_s`` for the slowest single one of them,
``server_s`` for 200 plain smtplib sessions by 16 threads, the mean of both turns, which is what the server needs for
them whoever asks. ``ratio`` is ``seconds / (slowest_s + server_s)`` in each round; the median is shown, and the
highest. The goal is 2 at most. ``server_cpu_s`` is the server's CPU for the tests of a round.

Status 1 means that a goal is missed. The last figures are in smtp_probe.json.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import smtplib
import ssl
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "build" / "collections"), str(ROOT / "lab")]

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator  # noqa: E402  (below the line that finds the rest)
from ansible_collections.cai.console.plugins.module_utils._edge import execute  # noqa: E402
from ansible_collections.cai.console.plugins.module_utils._mail_test import smtp_testing  # noqa: E402
from ansible_collections.cai.console.plugins.module_utils._smtp import _message  # noqa: E402
from ansible_collections.cai.console.plugins.module_utils._smtp._model import Settings, TlsTerms  # noqa: E402
from ansible_collections.cai.console.plugins.module_utils._smtp._probe import run_probe  # noqa: E402
from ansible_collections.cai.console.plugins.module_utils._tasks import Task  # noqa: E402
from cai_lab.mail import Mailbox, MailServer, Pki  # noqa: E402

USER, PASSWORD = "alerts@lab.test", "alerts-Mail-pw1"
TARGETS, WORKERS, ROUNDS, FLEET_ROUNDS = 200, 16, 60, 5


class Server:
    """The lab's mail server in a fork; ``delay`` is what it takes for each sign-in, in seconds."""

    def __init__(self, folder: Path, accounts: dict[str, str]) -> None:
        self.pki = Pki(folder / "pki")
        self.ca_pem = self.pki.ca_pem.read_text(encoding="utf-8")
        self._server = MailServer(
            host="127.0.0.1",
            starttls_port=0,
            tls_port=0,
            accounts=accounts,
            mailbox=Mailbox(folder / "mailbox"),
            pki=self.pki,
        )

    def __enter__(self) -> Server:
        ready, told = os.pipe()
        self._stop, stop = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            self._serve(told, self._stop, stop)
        os.close(told)
        self.port = int(os.read(ready, 16))
        os.close(ready)
        os.close(self._stop)
        self._stop = stop
        return self

    def _serve(self, told: int, stop: int, other: int) -> None:
        """In the fork: serve until the parent closes its end."""
        try:
            os.close(other)
            self._server.start()
            os.write(told, str(self._server.starttls_port).encode())
            os.read(stop, 1)
            self._server.stop()
        finally:
            os._exit(0)

    def __exit__(self, *_error: object) -> None:
        os.close(self._stop)
        os.waitpid(self.pid, 0)


def settings(server: Server, user: str = USER) -> Settings:
    """A probe with all stages that send."""
    return Settings(
        host="localhost",
        port=server.port,
        authentication="password",
        username=user,
        secret=PASSWORD,
        sender=user,
        recipient=user,
        tls=TlsTerms(ca_pem=server.ca_pem),
    )


def plain(server: Server, message: bytes, user: str = USER) -> None:
    """What a short script does."""
    context = ssl.create_default_context(cadata=server.ca_pem)
    with smtplib.SMTP("localhost", server.port, local_hostname="cai-console.invalid", timeout=30) as client:
        client.ehlo()
        client.starttls(context=context)
        client.ehlo()
        client.login(user, PASSWORD)
        client.sendmail(user, [user], message)


def probe(server: Server, user: str = USER) -> dict[str, Any]:
    """Probe, and insist that it worked."""
    report = run_probe(settings(server, user))
    if report["outcome"] != "accepted":
        raise RuntimeError(report["detail"])
    return report


def cpu(act: Any) -> float:
    """CPU of this process in milliseconds."""
    began = time.process_time()
    act()
    return (time.process_time() - began) * 1000


def overhead(server: Server, rounds: int = ROUNDS) -> dict[str, float]:
    """Compare, in turn, so that other load meets both; medians, and the ratio."""
    message = _message.compose("0" * 32, USER, USER, 0)
    pairs = []
    for number in range(rounds + 3):
        pair = cpu(lambda: plain(server, message)), cpu(lambda: probe(server))
        if number >= 3:
            pairs.append(pair)
    usual, ours = (statistics.median(column) for column in zip(*pairs, strict=True))
    return {"smtplib_cpu_ms": round(usual, 2), "probe_cpu_ms": round(ours, 2), "ratio": round(ours / usual, 2)}


def server_cpu(pid: int) -> float:
    """Seconds of CPU that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def crowd(act: Callable[[str], Any], users: list[str]) -> tuple[float, float]:
    """Act for each user, 16 at a time; seconds for all, and for the slowest."""

    def timed(user: str) -> float:
        began = time.perf_counter()
        act(user)
        return time.perf_counter() - began

    began = time.perf_counter()
    with ThreadPoolExecutor(WORKERS) as pool:
        slowest = max(pool.map(timed, users))
    return time.perf_counter() - began, slowest


def fleet(server: Server, users: list[str]) -> dict[str, float]:
    """Test every user's mailbox as the module does, 16 at a time, between two turns of as many plain senders."""
    usual = {"host": "localhost", "port": server.port, "password": PASSWORD, "ca_pem": server.ca_pem}
    rounds = []

    def other(user: str) -> None:
        plain(server, _message.compose("0" * 32, user, user), user)

    for _number in range(FLEET_ROUNDS):
        # A task of its own: what one round has tested would not be tested again.
        task = smtp_testing()

        def one(user: str, task: Task = task) -> None:
            valid = ArgumentSpecValidator(task.spec).validate({**usual, "username": user})
            result = execute(task, valid.validated_parameters, check_mode=False)
            if result.get("failed"):
                raise RuntimeError(result["msg"])

        one(users[0])
        own_before, _slowest = crowd(other, users[1:])
        before = server_cpu(server.pid)
        took, slowest = crowd(one, users[1:])
        used = server_cpu(server.pid) - before
        # Before and after, so that load which comes or goes meets both alike.
        own = (own_before + crowd(other, users[1:])[0]) / 2
        rounds.append((took, slowest, own, used, took / (slowest + own)))
    names = ("seconds", "slowest_s", "server_s", "server_cpu_s", "ratio")
    columns = dict(zip(names, zip(*rounds, strict=True), strict=True))
    found = {name: round(statistics.median(column), 2) for name, column in columns.items()}
    sizes = {"targets": len(users) - 1, "workers": WORKERS, "rounds": FLEET_ROUNDS}
    return {**sizes, **found, "highest_ratio": round(max(columns["ratio"]), 2)}


def main() -> int:
    """Measure, print, and keep the figures where ``--out`` says; 1 if a bar is missed."""
    command = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    command.add_argument("--out", type=Path, help="file for the figures, as JSON")
    options = command.parse_args()
    users = [f"user{number:03d}@lab.test" for number in range(TARGETS + 1)]
    accounts = {USER: PASSWORD, **dict.fromkeys(users, PASSWORD)}
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder), accounts) as server:
        first = cpu(lambda: probe(server))
        figures = {
            "python": platform.python_version(),
            "load": round(os.getloadavg()[0], 1),
            "overhead": {**overhead(server), "first_probe_cpu_ms": round(first, 2)},
            "fleet": fleet(server, users),
        }
    print(json.dumps(figures, indent=2))
    if options.out:
        options.out.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return int(figures["overhead"]["ratio"] > 1.5 or figures["fleet"]["ratio"] > 2)


if __name__ == "__main__":
    sys.exit(main())
