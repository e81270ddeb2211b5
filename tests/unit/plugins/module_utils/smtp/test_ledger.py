# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger of a run: equal probes once, mailboxes not crowded, one refused sign-in and no more."""

from __future__ import annotations

import dataclasses
import multiprocessing
import os
import threading
import time

import pytest
from ansible_collections.cai.console.plugins.module_utils._smtp import _ledger
from ansible_collections.cai.console.plugins.module_utils._smtp._ledger import LocalLedger, Ticket, holding
from ansible_collections.cai.console.plugins.plugin_utils._probe_ledger import FileLedger

TICKET = Ticket(("mail.lab.test", "alice"), ("here", "secret-Mail-pw1"), "agent-a", 30.0, True)


@pytest.fixture(params=["one process", "a run"])
def ledger(request, tmp_path):
    return LocalLedger() if request.param == "one process" else FileLedger(str(tmp_path))


def test_equal_probes_run_once(ledger):
    with holding(ledger, TICKET) as first:
        assert first.free
        first.report = {"outcome": "accepted"}
    with holding(ledger, dataclasses.replace(TICKET, owner="agent-b")) as second:
        assert not second.free
        assert second.claim.report == {"outcome": "accepted"}


def test_another_secret_is_another_probe(ledger):
    with holding(ledger, TICKET) as first:
        first.report = {}
    with holding(ledger, dataclasses.replace(TICKET, probe=("here", "other"))) as second:
        assert second.free


def test_after_a_refusal_nobody_tries_the_mailbox_whatever_the_secret(ledger):
    with holding(ledger, TICKET) as first:
        first.report, first.refused = {"failed_stage": "auth"}, {TICKET.mailbox}
    for probe in (TICKET.probe, ("there", "other"), None):
        with holding(ledger, dataclasses.replace(TICKET, probe=probe, owner="agent-b")) as other:
            assert (other.free, other.claim.refused) == (False, "agent-a")
    with holding(ledger, dataclasses.replace(TICKET, mailbox=("mail.lab.test", "bob"), probe=("here", "bob"))) as bob:
        assert bob.free


def test_a_probe_that_broke_gives_its_place_back_and_is_tried_by_the_next(ledger):
    with pytest.raises(ZeroDivisionError), holding(ledger, TICKET):
        raise ZeroDivisionError
    with holding(ledger, TICKET) as second:
        assert second.free


def test_never_more_connections_than_allowed(ledger):
    assert crowd(ledger, 8, None, lambda entry: None) == 2


def crowd(ledger, number, proof, act, ticket_of=None):
    """Let many at one mailbox at the same time; ``act`` gets the entry of each that may run."""
    at_once, most, lock = [0], [0], threading.Lock()

    def work(name):
        ticket = Ticket(("m", "u"), ("here", str(name)), "t", 30.0, False, connections=2, proof=proof)
        ticket = ticket_of(name) if ticket_of else ticket
        with holding(ledger, ticket) as entry:
            if not entry.free:
                return
            with lock:
                at_once[0] += 1
                most[0] = max(most[0], at_once[0])
            time.sleep(0.05)
            act(entry)
            with lock:
                at_once[0] -= 1

    threads = [threading.Thread(target=work, args=(name,)) for name in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return most[0]


def test_a_secret_that_was_not_yet_accepted_is_tried_by_one_alone(ledger):
    tried = []

    def refuse(entry):
        tried.append(entry)
        entry.refused = {("m", "u")}

    assert crowd(ledger, 6, "secret-Mail-pw1", refuse) == 1
    assert len(tried) == 1


def test_once_a_secret_is_accepted_several_use_it(ledger):
    with holding(ledger, dataclasses.replace(TICKET, mailbox=("m", "u"), proof="secret-Mail-pw1")) as first:
        first.proven = {("m", "u")}
    assert crowd(ledger, 6, "secret-Mail-pw1", lambda entry: None) == 2
    assert crowd(ledger, 4, "another-Mail-pw2", lambda entry: None) == 1


def test_the_messages_of_a_minute_are_limited(ledger, monkeypatch):
    monkeypatch.setattr(_ledger, "WINDOW_SECONDS", 1.0)
    times = []
    for number in range(5):
        with holding(ledger, Ticket(("m", "u"), ("here", str(number)), "t", 30.0, True, messages=2)):
            times.append(time.monotonic())
    assert all(later - earlier >= 0.9 for earlier, later in zip(times, times[2:]))


BOX = ("imap://imap.lab.test", "watch")


def watching(number, **more):
    """The ticket of a target with a mailbox of its own, whose message should arrive in everybody's."""
    more = {"mailbox": ("m", f"user-{number}"), "arrival": BOX, "arrival_proof": "watch-Mail-pw1", **more}
    return dataclasses.replace(TICKET, probe=("here", str(number)), owner=f"agent-{number}", **more)


def test_a_mailbox_of_arrival_that_refused_is_left_alone_whoever_sends(ledger):
    with holding(ledger, watching(1)) as first:
        first.report, first.refused = {}, {BOX}
    with holding(ledger, watching(2)) as second:
        assert (second.free, second.claim.refused, second.claim.mailbox) == (False, "agent-1", BOX)
    with holding(ledger, watching(3, arrival=None)) as third:
        assert third.free
    # The mailbox that sends was not refused.
    with holding(ledger, dataclasses.replace(watching(1, arrival=None), probe=("here", "again"))) as fourth:
        assert fourth.free


@pytest.mark.parametrize("proven, most", [(False, 1), (True, 2)])
def test_a_mailbox_of_arrival_is_not_crowded_and_an_untried_secret_is_tried_alone(ledger, proven, most):
    if proven:
        with holding(ledger, watching(0)) as first:
            first.proven = {BOX}
    assert crowd(ledger, 6, None, lambda entry: None, watching) == most


def _in_a_fork(folder, number, seen):
    ledger = FileLedger(folder)
    with holding(ledger, dataclasses.replace(TICKET, owner=f"agent-{number}")) as entry:
        if entry.free:
            time.sleep(0.2)
            entry.report, entry.refused = {}, {TICKET.mailbox}
            seen.put(("tried", number))
        else:
            seen.put(("left alone", number))


def test_of_many_forks_one_tries_a_wrong_password(tmp_path):
    context = multiprocessing.get_context("fork")
    seen = context.Queue()
    forks = [context.Process(target=_in_a_fork, args=(str(tmp_path), number, seen)) for number in range(12)]
    for fork in forks:
        fork.start()
    found = [seen.get(timeout=60)[0] for _fork in forks]
    for fork in forks:
        fork.join(60)
    assert (found.count("tried"), found.count("left alone")) == (1, 11)


def test_no_secret_and_no_name_is_in_the_files_and_nobody_else_may_read_them(tmp_path):
    ledger = FileLedger(str(tmp_path))
    seen = dataclasses.replace(TICKET, proof="secret-Mail-pw1", arrival=BOX, arrival_proof="watch-Mail-pw1")
    with holding(ledger, seen) as entry:
        entry.report, entry.proven = {"outcome": "accepted"}, {TICKET.mailbox, BOX}
    files = list(tmp_path.iterdir())
    assert files
    for file in files:
        assert os.stat(file).st_mode & 0o077 == 0
        text = file.read_text()
        assert [word for word in ("Mail-pw1", "alice", "watch") if word in text] == []
