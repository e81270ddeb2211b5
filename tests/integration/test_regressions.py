# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bugs that collections like this one have had; others are with their topics.

B1: test_memory_of_secrets. B2, B7: test_secrets. B3, B4: test_left_alone. B5, B6: test_transaction. B9: test_no_leak.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from cai_lab.control_client import LabControl
from cai_lab.mail.mailbox import Mailbox
from cai_lab.mail.pki import Pki
from cai_lab.mail.server import Counters, MailServer
from support import client, examples
from support.labs import SENDER, Watch, mail_password
from support.play import Player, rescued

SCOPES = {"absent": None, "filled": ["a", "b"]}
COMBINATIONS = list(product(["none", "tls", "ssl"], ["no login", "password", "oauth"]))
HOSTS = {"absent": None, "empty": [], "filled": ["127.0.0.1", "*.lab.test"]}


def test_a_console_that_is_down_is_a_failure_that_a_rescue_handles(
    play: Player, link: dict[str, Any], closed_port: int, watch: Watch
) -> None:
    """B8: an unreachable host would be dropped from the play, and no rescue would run."""
    down = {**link, "console_url": f"http://127.0.0.1:{closed_port}"}
    task = {"name": "configure", "cai.console.email_service": {"enabled": False}}
    run = play([rescued(task), {"name": "go on", "ansible.builtin.debug": {}}], connection=down)
    failed = run.one("configure")
    assert (failed.status, failed.code, failed.result["error"]["stage"]) == ("failed", "console_unreachable", "sign_in")
    assert failed.result["error"]["retryable"] is True
    assert run.one("rescued: configure").result["msg"] == "console_unreachable"
    assert run.one("go on").status == "ok"
    assert "unreachable" not in {row.status for row in run.rows}
    assert watch.operations() == []


@pytest.mark.parametrize("connection", ["local", "elsewhere"])
def test_a_secret_inside_a_dict_is_masked(
    connection: str, play: Player, fresh: Callable[[], str], link: dict[str, Any]
) -> None:
    """B9: one in a typed suboption, and one in each of a whole target's services; also where the task fails."""
    secret = "Nested-cs1"
    email = {**examples.EMAIL, "authentication": "oauth", "oauth": {**examples.OAUTH, "client_secret": secret}}
    tasks: list[dict[str, Any]] = [
        {"name": "email", "cai.console.email_service": email},
        {"name": "target", "cai.console.execution_target": {"email_service": email}},
        {
            "name": "wrong",
            "cai.console.execution_target": {"email_service": {**email, "port": "x"}},
            "ignore_errors": True,
        },
    ]
    run = play(
        [{**task, "connection": connection} for task in tasks],
        hosts=[fresh()],
        options=["-vvv", "--diff"],
    )
    assert {row.task: row.status for row in run.of_collection()} == {"email": "ok", "target": "ok", "wrong": "failed"}
    assert secret not in run.output + json.dumps([row.result for row in run.rows])


@pytest.mark.parametrize(
    "given", [{"host": "127.0.0.1"}, {"port": "ROGUE"}, {"security": "none"}, {"username": "x@lab.test"}]
)
@pytest.mark.parametrize("test", ["before", "after"])
def test_a_rogue_mail_server_never_sees_a_sign_in(
    given: dict[str, Any], test: str, lab: LabControl, fresh: Callable[[], str], link: dict[str, Any], tmp_path: Path
) -> None:
    """Who may change the address must not get the stored password handed to it; with consent it would be."""
    target = fresh()
    wish = {"username": SENDER, "password": mail_password(lab), "security": "tls", "enabled": True}
    smtp = lab.addresses["smtp"]["starttls_port"]
    client.done("email_service", link, target=target, host="localhost", port=smtp, **wish)
    with rogue(lab, tmp_path) as sink:
        asked: dict[str, Any] = {
            "host": "localhost",
            "port": sink.starttls_port,
            "target": target,
            "test": test,
            **given,
        }
        asked = {name: sink.starttls_port if value == "ROGUE" else value for name, value in asked.items()}
        result = client.run("email_service", link, **asked)
        assert (result["error"]["code"], sink.counters) == ("secret_required", Counters())
        with_target: dict[str, Any] = {
            "target": target,
            "test": test,
            "email_service": {"host": "localhost", "port": asked["port"]},
        }
        assert client.run("execution_target", link, **with_target)["error"]["code"] == "secret_required"
        assert sink.counters == Counters()
        consented: dict[str, Any] = {
            "target": target,
            "port": sink.starttls_port,
            "test": test,
            "reuse_stored_secret": True,
        }
        assert client.run("email_service", link, **consented)["test_results"][0]["stage"] == "auth"
        assert sink.counters.refused_sign_ins == 1


@contextmanager
def rogue(lab: LabControl, folder: Path) -> Iterator[MailServer]:
    """A mail server that knows nobody, and counts who tries to sign in."""
    pki = Pki(Path(lab.addresses["ca"]).parent)
    sink = MailServer(
        host="127.0.0.1", starttls_port=0, tls_port=0, accounts={}, mailbox=Mailbox(folder / "rogue"), pki=pki
    )
    sink.start()
    try:
        yield sink
    finally:
        sink.stop()


@pytest.mark.parametrize("service", ["email_service", "alert_service"])
def test_switching_off_what_was_never_on_is_no_change(
    service: str, fresh: Callable[[], str], link: dict[str, Any], watch: Watch
) -> None:
    """B11."""
    target = fresh()
    watch.restart()
    for _run in range(2):
        assert client.done(service, link, target=target, enabled=False)["changed"] is False
    watch.assert_untouched()


@pytest.mark.parametrize(("security", "kind"), COMBINATIONS)
def test_every_combination_of_security_and_authentication_is_accepted(
    security: str, kind: str, fresh: Callable[[], str], link: dict[str, Any], watch: Watch
) -> None:
    """B13."""
    target = fresh()
    wanted: dict[str, Any] = {"enabled": True, "host": "relay.example.org", "port": 2525, "security": security}
    if kind == "password":
        wanted |= {"authentication": "password", "username": "alerts@example.org", "password": "Nine-pw1"}
    if kind == "oauth":
        wanted |= {"authentication": "oauth", "oauth": {**examples.OAUTH, "client_secret": "Nine-cs1"}}
    result = client.done("email_service", link, target=target, **wanted)
    assert (result["changed"], result["email_service"]["security"]) == (True, security)
    watch.restart()
    assert client.done("email_service", link, target=target, **wanted)["changed"] is False
    watch.assert_untouched()


@pytest.mark.parametrize("scope", SCOPES.values(), ids=SCOPES)
def test_a_list_setting_may_be_left_out_or_filled_twice(
    scope: list[str] | None, fresh: Callable[[], str], link: dict[str, Any], watch: Watch
) -> None:
    """B14."""
    target = fresh()
    for stored in (None, ["c", "d"]):
        if stored:
            client.done("email_service", link, target=target, oauth={"scope": stored})
        oauth = {"client_id": f"client-{stored}", **({"scope": scope} if scope else {})}
        first = client.done("email_service", link, target=target, oauth=oauth)
        assert first["email_service"]["oauth"]["scope"] == (scope or stored or [])
        watch.restart()
        assert client.done("email_service", link, target=target, oauth=oauth)["changed"] is False
        watch.assert_untouched()


def test_an_empty_list_setting_is_refused_twice(link: dict[str, Any], watch: Watch) -> None:
    """B14: whether the console would take an empty scope for "none" or for "all" is not known."""
    for _run in range(2):
        result = client.run("email_service", link, oauth={"scope": []})
        assert result["error"]["code"] == "invalid_option"
        assert "oauth.scope is empty" in result["msg"]
    assert watch.operations() == []


@pytest.mark.parametrize("hosts", HOSTS.values(), ids=HOSTS)
def test_a_list_of_the_connection_may_be_left_out_empty_or_filled_twice(
    hosts: list[str] | None, link: dict[str, Any], watch: Watch
) -> None:
    """B14: an empty list of agents' hosts counts as none given, so the way is through the cloud."""
    link = {**link, "console_allowed_agent_hosts": hosts}
    for _run in range(2):
        assert client.done("server_properties", link, target="agent-a")["changed"] is False
    ways = {entry["listener"] for entry in watch.operations(operation="read_server_properties")}
    assert ways == {"agent" if hosts else "console"}
