# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names and addresses: both families are tried at once, and what became of each is told."""

from __future__ import annotations

import contextlib
import socket

import pytest
from ansible_collections.cai.console.plugins.module_utils._smtp import _connect
from ansible_collections.cai.console.plugins.module_utils._smtp._clock import Budget
from ansible_collections.cai.console.plugins.module_utils._smtp._model import Settings, StageFault

LOOPBACK = {"ipv4": "127.0.0.1", "ipv6": "::1"}


def budget(seconds=5.0):
    made = Budget(Settings("localhost", 25, stage_budget={"connect": seconds}))
    made.enter("connect")
    return made


@pytest.fixture
def listening():
    """Open a listener for a family; the stack closes it."""
    with contextlib.ExitStack() as stack:

        def listen(family, **more):
            made = stack.enter_context(
                socket.create_server((LOOPBACK[family], 0), family=_connect.FAMILIES[family], **more)
            )
            return made.getsockname()

        yield listen


@pytest.fixture
def closed():
    """Give the address of a port at which nobody listens, for a family."""
    with contextlib.ExitStack() as stack:

        def bind(family):
            held = stack.enter_context(socket.socket(_connect.FAMILIES[family], socket.SOCK_STREAM))
            held.bind((LOOPBACK[family], 0))
            return held.getsockname()

        yield bind


@pytest.fixture
def busy(listening):
    """Give an address that answers no more connections: its queue is full."""
    with contextlib.ExitStack() as stack:

        def fill(family):
            address = listening(family, backlog=0)
            for _turn in range(2):
                waiting = stack.enter_context(socket.socket(_connect.FAMILIES[family], socket.SOCK_STREAM))
                waiting.setblocking(False)
                waiting.connect_ex(address)
            return address

        yield fill


def run(addresses, seconds=5.0):
    race = _connect.Race({"ipv4": [], "ipv6": [], **addresses})
    try:
        with race.run(budget(seconds)) as sock:
            return sock.getpeername()[0], race.report
    except StageFault as fault:
        return fault, race.report


def test_both_families_are_tried_and_told(listening):
    won, report = run({family: [listening(family)] for family in LOOPBACK})
    assert won in LOOPBACK.values()
    assert {family: (row["status"], row["address"]) for family, row in report.items()} == {
        family: ("connected", address) for family, address in LOOPBACK.items()
    }
    assert all(row["ms"] >= 0 for row in report.values())


@pytest.mark.parametrize(("good", "bad"), [("ipv4", "ipv6"), ("ipv6", "ipv4")])
def test_one_that_refuses_does_not_hide_the_other(listening, closed, good, bad):
    won, report = run({good: [listening(good)], bad: [closed(bad)]})
    assert won == LOOPBACK[good]
    assert (report[good]["status"], report[bad]["status"]) == ("connected", "failed")
    assert "refused" in report[bad]["detail"]


def test_one_that_does_not_answer_is_not_waited_for_long(listening, busy, monkeypatch):
    monkeypatch.setattr(_connect, "GRACE_SECONDS", 0.1)
    won, report = run({"ipv4": [busy("ipv4")], "ipv6": [listening("ipv6")]}, seconds=60.0)
    assert (won, report["ipv4"]["status"], report["ipv6"]["status"]) == ("::1", "slow", "connected")


def test_within_a_family_the_next_address_is_tried(listening, closed):
    won, report = run({"ipv4": [closed("ipv4"), listening("ipv4")]})
    assert (won, report["ipv4"]["status"]) == ("127.0.0.1", "connected")
    assert report["ipv6"] == {"status": "no address", "address": None, "ms": None, "detail": None}


def test_when_none_answers_every_address_is_named(closed, busy):
    fault, report = run({"ipv4": [busy("ipv4")], "ipv6": [closed("ipv6")]}, seconds=0.3)
    assert fault.error_code == "smtp_unreachable"
    assert "127.0.0.1: no answer in time" in fault.detail and "::1: Connection refused" in fault.detail
    assert {row["status"] for row in report.values()} == {"failed"}


def test_an_address_needs_no_resolver(monkeypatch):
    asked = []
    monkeypatch.setattr(_connect, "_look_up", lambda *arguments: asked.append(arguments))
    assert _connect.resolve("::1", 25, budget()) == {"ipv4": [], "ipv6": [("::1", 25, 0, 0)]}
    assert asked == []
