# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be seen to be wrong is refused before any connection; no console is needed where a host is given."""

from __future__ import annotations

import socket

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.cai.console.plugins.module_utils._edge import execute
from ansible_collections.cai.console.plugins.module_utils._mail_test import smtp_testing
from ansible_collections.cai.console.plugins.module_utils._smtp import _options
from ansible_collections.cai.console.plugins.module_utils._smtp._probe import blank_report

SERVER = {"host": "mail.lab.test", "username": "alice@lab.test", "password": "secret"}
BOX = {"host": "imap.lab.test", "username": "alice@lab.test", "password": "secret"}


def run(options, probe=None, *, check_mode=False):
    task = smtp_testing(None, probe or (lambda _settings: pytest.fail("a probe was started")))
    valid = ArgumentSpecValidator(task.spec).validate({**options, "console_username": "robot", "console_password": "x"})
    assert valid.error_messages == []
    return execute(task, valid.validated_parameters, check_mode=check_mode)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    def refuse(*_arguments, **_more):
        pytest.fail("a connection was tried")

    monkeypatch.delenv("CAI_CONSOLE_URL", raising=False)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.parametrize(
    "options, code, word",
    [
        ({}, "smtp_no_server", "host"),
        ({"vantage": "console"}, "invalid_option", "console_url"),
        ({**SERVER, "vantage": "both"}, "invalid_option", "console_url"),
        ({**SERVER, "token": "t"}, "invalid_option", "password and token"),
        ({**SERVER, "arrival": {}}, "invalid_option", "arrival"),
        ({**SERVER, "arrival": {"imap": BOX, "maildir": "/x"}}, "invalid_option", "arrival"),
        ({**SERVER, "arrival": {"imap": {**BOX, "token": "t"}}}, "invalid_option", "arrival.imap"),
        ({**SERVER, "arrival": {"imap": {"host": "h", "password": "p"}}}, "invalid_option", "username"),
        ({**SERVER, "stop_after": "delivered"}, "invalid_option", "arrival"),
        ({**SERVER, "recipient": "jürgen@lab.test"}, "smtp_smtputf8_missing", "recipient"),
        ({**SERVER, "username": "jürgen@lab.test"}, "smtp_smtputf8_missing", "sender"),
        ({**SERVER, "ca_path": "/nowhere/ca.pem"}, "invalid_option", "ca_path"),
        ({**SERVER, "ca_path": __file__}, "invalid_option", "PEM"),
        ({**SERVER, "fingerprint": "12"}, "invalid_option", "fingerprint"),
        ({**SERVER, "port": 70000}, "invalid_option", "port"),
        ({**SERVER, "host": "https://mail.lab.test"}, "invalid_option", "host"),
        ({**SERVER, "mechanism": "xoauth2"}, "invalid_option", "mechanism"),
        ({**SERVER, "authentication": "none"}, "invalid_option", "authentication"),
        ({**SERVER, "authentication": "oauth"}, "invalid_option", "authentication"),
        ({"host": "h", "authentication": "oauth", "username": "a@b.c"}, "secret_required", "token"),
        ({"host": "h", "password": "p"}, "invalid_option", "username"),
        ({"host": "h", "username": "alice", "password": "p"}, "invalid_option", "sender"),
        ({**SERVER, "sender": "a@b.c\r\nRCPT TO:<x@y.z>"}, "invalid_option", "sender"),
        ({**SERVER, "budget": 0}, "invalid_option", "budget"),
        ({**SERVER, "stage_budget": {"delivered": 5}}, "invalid_option", "stage_budget"),
        ({**SERVER, "stage_budget": {"auth": "soon"}}, "invalid_option", "stage_budget"),
        ({**SERVER, "max_connections": 0}, "invalid_option", "max_connections"),
    ],
)
def test_one_clear_error_and_no_connection(options, code, word):
    result = run(options)
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, False, code)
    assert result["error"]["stage"] == "options"
    assert word in result["msg"]


def test_check_mode_sends_nothing_and_says_so():
    result = run(SERVER, check_mode=True)
    assert (result["changed"], result["checked"], result.get("failed")) == (False, False, None)
    assert "no packet" in result["verdict"]
    assert {row["status"] for row in result["stages"].values()} == {"not_run"}


def test_bad_options_are_refused_in_check_mode_too():
    assert run({**SERVER, "token": "t"}, check_mode=True)["error"]["code"] == "invalid_option"


def test_no_console_and_no_connection_option_is_needed_with_a_host():
    seen = []

    def probe(settings):
        seen.append(settings)
        return blank_report()

    result = run(SERVER, probe)
    assert result["changed"] is False and "failed" not in result
    assert (seen[0].port, seen[0].security, seen[0].sender, seen[0].stop_after) == (
        587,
        "tls",
        "alice@lab.test",
        "queued",
    )


@pytest.mark.parametrize(
    "more", [{}, {"arrival": {"imap": BOX, "wait": 5}}, {"fingerprint": "ab" * 32, "fail_days": 3}]
)
def test_what_another_host_is_told_says_the_same_and_names_no_console(more):
    seen = []

    def probe(settings):
        seen.append(settings)
        return blank_report()

    run({**SERVER, **more}, probe)
    told = _options.as_options(seen[0])
    assert [name for name in told if name.startswith("console")] == []
    run(told, probe)
    assert seen[0] == seen[1]


IMAP_REFUSED = {"error_code": "smtp_mailbox_unreadable", "failed_stage": "delivered", "mailbox_refused": True}
SMTP_REFUSED = {"error_code": "smtp_auth_refused", "failed_stage": "auth"}


@pytest.mark.parametrize("watch, found", [("watch@lab.test", IMAP_REFUSED), ("Alice@lab.test", SMTP_REFUSED)])
def test_after_the_mailbox_of_arrival_refused_no_other_target_tries_it(watch, found):
    tried = []

    def probe(settings):
        tried.append(settings.username)
        return {**blank_report(), **found}

    task = smtp_testing(None, probe)
    results = []
    for name in ("alice", "bob", "carol"):
        options = {**SERVER, "username": f"{name}@lab.test", "arrival": {"imap": {**BOX, "username": watch}}}
        valid = ArgumentSpecValidator(task.spec).validate({**options, "target": f"agent-{name}"})
        results.append(execute(task, valid.validated_parameters, check_mode=False))
    assert tried == ["alice@lab.test"]
    assert [result["not_tried"] for result in results] == [None, "mailbox_refused", "mailbox_refused"]
    assert "mailbox in which the message should arrive refused the sign-in of agent-alice" in results[1]["msg"]
    assert {result["error"]["code"] for result in results[1:]} == {"smtp_mailbox_refused"}
