# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives everything that works by a binding with one that was learned, and says what came out wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from cai_lab.control_client import LabControl

from support import client
from support.labs import SENDER, Watch, connection, mail_password
from support.pairs import pairwise
from support.play import Player

OAUTH = {
    "authorization_url": "https://login.example.org/authorize",
    "token_url": "https://login.example.org/token",
    "client_id": "client-1",
    "scope": ["mail.send", "offline_access"],
    "client_secret": "Driven-cs1&<é>",
}
PASSWORD = "Driven-pw1&<é>"
POSITIONS: dict[str, dict[str, tuple[Any, ...]]] = {
    "email_service": {
        "enabled": (True, False),
        "host": ("smtp.example.org", "192.0.2.7"),
        "port": (25, 2465),
        "authentication": ("password", "oauth"),
        "username": ("alerts@example.org", "Jürgen & Söhne <1>"),
        "security": ("none", "tls", "ssl"),
    },
    "alert_service": {
        "enabled": (True, False),
        "action": ("send_email", "custom_service"),
        "email": ("operations@example.org", "o'hara+1@example.org"),
        "service": ("AlertHandler", "CaiCanary"),
    },
    "server_properties": {"suspend_on_uncaught_fault": (True, False)},
}
Row = dict[str, Any]


def rows_of(service: str, *, every: bool) -> list[Row]:
    """States of a service: every one that its positions allow, or those in which every two positions meet."""
    positions = POSITIONS[service]
    if every or len(positions) < 2:
        rows = [dict(zip(positions, values, strict=True)) for values in product(*positions.values())]
    else:
        named = {option: [str(number) for number in range(len(values))] for option, values in positions.items()}
        rows = [{option: positions[option][int(at)] for option, at in row.items()} for row in pairwise(named)]
    return [_with_secret(service, row) for row in rows]


def _with_secret(service: str, row: Row) -> Row:
    if service != "email_service":
        return row
    return {**row, "oauth": OAUTH} if row["authentication"] == "oauth" else {**row, "password": PASSWORD}


def works(lab: LabControl) -> Row:
    """An Email Service that the lab's own mail server takes."""
    smtp = lab.addresses["smtp"]
    signs_in = {"authentication": "password", "username": SENDER, "password": mail_password(lab)}
    return {"enabled": True, "host": smtp["host"], "port": smtp["starttls_port"], "security": "tls", **signs_in}


@dataclass
class Driver:
    """``text``: a binding, as a task gets it. Problems are texts; none means that all is well."""

    lab: LabControl
    text: str

    def modules(self, targets: Sequence[str], *, every: str | None) -> Iterator[str]:
        """Write each state as the ordinary modules do, in check mode too, read it back, and write it again. ``every``:
        the target at which every state is tried.
        """
        for target, service in product(targets, client.SERVICES):
            for row in rows_of(service, every=target == every):
                for problem in self._row(service, target, row):
                    yield f"{target}, {service}: {problem}"

    def _row(self, service: str, target: str, row: Row) -> Iterator[str]:
        plain = connection(self.lab)
        mine = {**plain, "console_binding": self.text}
        watch = Watch(self.lab)
        predicted = client.done(service, mine, target=target, **row, check=True)
        yield from ["check mode wrote"] if watch.writes() else []
        done = client.done(service, mine, target=target, **row)
        yield from [] if predicted["changed"] == done["changed"] else ["check mode did not say what happened"]
        told, stored = (client.stored(service, link, target) for link in (mine, plain))
        yield from _differences(_wished(row), told, stored)
        watch.restart()
        again = client.done(service, mine, target=target, **row)
        yield from ["it is written twice"] if again["changed"] or watch.writes() else []

    def tasks(self, folder: Path, learn: Row, targets: Sequence[str]) -> Iterator[str]:
        """Learn as the action does, then run ``fleet``, and the console's test as ``smtp_test`` asks for it."""
        link = {**connection(self.lab), "console_binding": learn["dest"]}
        mail = works(self.lab)
        document = {"email_service": mail, "alert_service": ALERT, "server_properties": {SUSPEND: True}}
        fleet = {"common_document": {**document, "test": "after"}}
        test = {"vantage": "console", "security": "tls"}
        tried = {name: value for name, value in mail.items() if name != "enabled"}
        run = Player(folder, link)(
            [
                {"name": "learn", "cai.console.learn_binding": learn, "delegate_to": "localhost", "run_once": True},
                {"name": "fleet", "cai.console.fleet": fleet, "run_once": True},
                {"name": "again", "cai.console.fleet": fleet, "run_once": True},
                {"name": "stored", "cai.console.smtp_test": test},
                {"name": "candidate", "cai.console.smtp_test": {**test, **tried}},
                {
                    "name": "wrong",
                    "cai.console.smtp_test": {**test, **tried, "password": "Wrong-pw1"},
                    "ignore_errors": True,
                },
            ],
            hosts=list(targets),
            exit_code=None,
        )
        if run.exit_code:
            yield f"exit code {run.exit_code}: {run.stdout[-2000:]}"
            return
        expected = {"fleet": "changed", "again": "unchanged"}
        for name, count in expected.items():
            counts = run.one(name).result["counts"]
            yield from [] if counts[count] == len(targets) else [f"fleet, {name}: {counts}"]
        for target in targets:
            for name in ("stored", "candidate"):
                yield from [] if run.one(name, target).result["outcome"] == "accepted" else [f"smtp_test, {name}"]
            yield from [] if run.one("wrong", target).status == "failed" else ["smtp_test takes a wrong password"]
            plain = connection(self.lab)
            wishes = {service: _wished(wish) for service, wish in document.items()}
            for service, wished in wishes.items():
                stored = client.stored(service, plain, target)
                yield from [f"fleet, {target}, {text}" for text in _differences(wished, stored, stored)]


SUSPEND = "suspend_on_uncaught_fault"
ALERT = {"enabled": True, "action": "send_email", "email": "fleet@example.org"}


def _wished(row: Row) -> Row:
    """What a state says that can be read again: option path to value."""
    inner = {f"oauth.{name}": value for name, value in row.get("oauth", {}).items()}
    secrets = ("oauth", "password", "oauth.client_secret")
    return {name: value for name, value in {**row, **inner}.items() if name not in secrets}


def _differences(wished: Mapping[str, Any], told: Mapping[str, Any], stored: Mapping[str, Any]) -> Iterator[str]:
    for option, value in wished.items():
        if not value == told[option] == stored[option]:
            yield f"{option} is {value!r}, read as {told[option]!r}, stored as {stored[option]!r}"
