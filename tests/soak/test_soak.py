# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rollout to 2,000 targets over a console that fails one request in twenty: every target ends right, by one write."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from cache_support.runs import Ledger, Runner, connection
from cai_lab.control_client import LabControl

TARGETS = 2000
PASSWORD = "Soak-Mail-pw1"
SETTINGS = {"enabled": True, "host": "mail.example.org", "port": 2525, "security": "tls", "username": "a@example.org"}
STORED = {"enabled": True, "hostName": "mail.example.org", "port": 2525, "security": "TLS", "userName": "a@example.org"}
SHARE = 0.05
ALWAYS: dict[str, Any] = {"times": None, "share": SHARE / 3}
FAULTS = [
    {"status": 429, "retry_after": 1, "seed": 1, **ALWAYS},
    {"status": 503, "body": "html", "seed": 2, **ALWAYS},
    {"reset": True, "seed": 3, **ALWAYS},
    # On top of it, writes that are carried out, but whose reply never comes.
    {"method": "PUT", "drop_reply": True, "times": None, "share": 0.02, "seed": 4},
]
WISHES = {**SETTINGS, "password": PASSWORD}
TASKS: dict[str, dict[str, Any]] = {
    "email_service": {"cai.console.email_service": WISHES},
    "fleet": {"cai.console.fleet": {"common_document": {"email_service": WISHES}, "progress_interval": 0}},
}
WRITE = "write_email_service"
LIST = ("list_agent_details", "list_runtime_environments", "read_organisation")
HANGS = 1500.0
"""Seconds after which it is taken for hung; never a measure of speed."""

Entries = list[dict[str, Any]]


def was_carried_out(entry: dict[str, Any]) -> bool:
    """Whether the console did what was asked, even where the reply was lost."""
    return entry["fault"] == "drop_reply" or entry["status"] == 200


def by_target(entries: Entries, ids: set[str]) -> dict[str, Entries]:
    """Each target's requests, in order."""
    found: dict[str, Entries] = {identity: [] for identity in ids}
    for entry in entries:
        # A request that a fault struck never came to the target; its path says whom it was for.
        named = next((part for part in entry["path"].split("/") if part in found), None)
        if named:
            found[named].append(entry)
    return found


def is_careless(requests: Entries) -> bool:
    """Whether a write was repeated without a look at what is stored; a look is a read that was answered."""
    seen = [entry["operation"] for entry in requests if entry["operation"] == WRITE or entry["status"] == 200]
    return (WRITE, WRITE) in pairwise(seen)


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_every_target_ends_right_by_one_sign_in_and_one_write_each(
    lab: LabControl, runner: Runner, task: dict[str, Any]
) -> None:
    lab.add_agents(TARGETS)
    targets = {target["id"]: target["name"] for target in lab.targets() if target["name"].startswith("bulk-")}
    assert len(targets) == TARGETS
    ledger = Ledger(lab)
    lab.set_faults(*FAULTS)
    run = runner.start([task], connection(lab), hosts=list(targets.values()))
    run.succeed(HANGS)
    lab.set_faults()

    ledger.assert_signed(1)
    run.assert_nothing_left()
    stored = lab.state()["stored"]["email"]
    requests = ledger.operations()
    assert_struck(requests)
    answered = [entry["operation"] for entry in requests if entry["status"] == 200]
    assert [answered.count(name) for name in LIST] == [1, 1, 1]
    for identity, asked in by_target(requests, set(targets)).items():
        name = targets[identity]
        assert {member: stored[f"00LAB1/{identity}"][""]["values"][member] for member in STORED} == STORED, name
        assert sum(entry["operation"] == WRITE and was_carried_out(entry) for entry in asked) == 1, (name, asked)
        assert not is_careless(asked), (name, asked)
        assert lab.secret(name, "password", PASSWORD)["equal"], name


def assert_struck(requests: Entries) -> None:
    """The faults really happened, as often as was planned, and writes were lost on either side of the console."""
    faults = Counter(str(entry["fault"]) for entry in requests)
    struck = faults["status"] + faults["reset"]
    assert 0.6 * SHARE < struck / len(requests) < 1.6 * SHARE, faults
    writes = Counter(str(entry["fault"]) for entry in requests if entry["operation"] == WRITE)
    assert all(writes[kind] for kind in ("status", "reset", "drop_reply")), writes
