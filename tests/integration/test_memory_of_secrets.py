# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the default policy makes of secrets, run after run: sent once, sent again when they change, never forgotten."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cai_lab.control_client import LabControl
from support import client, examples
from support.hand import Hand
from support.labs import Watch
from support.play import Player

FIRST = {**examples.EMAIL, "password": "First-pw1"}
SECOND = {**FIRST, "password": "Second-pw2"}


def test_a_rotated_password_goes_once(
    lab: LabControl, fresh: Callable[[], str], link: dict[str, Any], watch: Watch
) -> None:
    """B1: only the secret changes; check mode and the real run say so alike, and the run after is quiet."""
    target = fresh()
    client.done("email_service", link, target=target, **FIRST)
    assert client.done("email_service", link, target=target, **FIRST)["changed"] is False
    watch.restart()
    predicted = client.run("email_service", link, check=True, target=target, **SECOND)
    watch.assert_untouched()
    real = client.done("email_service", link, target=target, **SECOND)
    expected = [{"name": "password", "sent": True, "reason": "changed"}]
    assert predicted["secrets"] == real["secrets"] == expected
    assert (predicted["changed"], real["changed"]) == (True, True)
    assert lab.secret(target, "password", "Second-pw2")["equal"]
    watch.restart()
    assert client.done("email_service", link, target=target, **SECOND)["changed"] is False
    assert watch.writes() == []


def test_somebody_elses_save_makes_it_unknown(fresh: Callable[[], str], link: dict[str, Any], hand: Hand) -> None:
    target = fresh()
    client.done("email_service", link, target=target, **FIRST)
    hand.set_email(target, password="By-hand-pw3")
    kept = client.done("email_service", link, target=target, on_unknown_secret="keep", **FIRST)
    assert kept["secrets"] == [{"name": "password", "sent": False, "reason": "unknown"}]
    refused = client.run("email_service", link, target=target, on_unknown_secret="fail", **FIRST)
    assert refused["error"]["code"] == "secret_unknown"
    sent = client.done("email_service", link, target=target, **FIRST)
    assert sent["secrets"] == [{"name": "password", "sent": True, "reason": "unknown"}]


def test_a_newer_memory_is_refused_before_anything_is_written(
    fresh: Callable[[], str], link: dict[str, Any], memory: Path, watch: Watch
) -> None:
    target = fresh()
    client.done("email_service", link, target=target, **FIRST)
    (path,) = memory.glob("*.json")
    path.write_text(json.dumps({**json.loads(path.read_text()), "version": 99}))
    watch.restart()
    assert client.run("email_service", link, target=target, **SECOND)["error"]["code"] == "state_too_new"
    watch.assert_untouched()


def test_a_throw_away_home_is_quiet_with_what_the_caller_kept(
    fresh: Callable[[], str], link: dict[str, Any], tmp_path: Path, watch: Watch
) -> None:
    """A job runner: each job has a home of its own; the fingerprints travel as facts, the key as a credential."""
    target = fresh()
    common = {"target": target, "fingerprint_key": "the runner's key", **FIRST}
    first = client.done("email_service", link, state_dir=str(tmp_path / "job-1"), **common)
    assert any("job-1 is new" in warning for warning in first["warnings"])
    watch.restart()
    kept = first["fingerprints"]
    second = client.done("email_service", link, state_dir=str(tmp_path / "job-2"), known_fingerprints=kept, **common)
    assert (second["changed"], watch.writes(), second["warnings"]) == (False, [], [])
    assert "First-pw1" not in json.dumps(first)


def test_a_plain_second_run_of_a_playbook_is_quiet(play: Player, fresh: Callable[[], str], watch: Watch) -> None:
    target = fresh()
    task = {"name": "set", "cai.console.email_service": FIRST}
    assert play([task], hosts=[target]).one("set").result["changed"] is True
    watch.restart()
    assert play([task], hosts=[target]).one("set").result["changed"] is False
    assert watch.writes() == []
