# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the default policy makes of secrets, run after run: sent once, sent again when they change, never forgotten."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from cai_lab.control_client import LabControl
from support import client, examples
from support.gateway import Answer, Gateway, Request, json_answer
from support.hand import Hand
from support.labs import Watch
from support.play import Player, Row

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


def test_a_task_without_the_secret_forgets_nothing(
    fresh: Callable[[], str], link: dict[str, Any], watch: Watch
) -> None:
    """Two tasks about one service, of which only one gives the password: also then the second run is quiet."""
    target = fresh()
    for _run in range(2):
        watch.restart()
        client.done("email_service", link, target=target, **FIRST)
        client.done("email_service", link, target=target, enabled=True)
    assert watch.writes() == []


def test_a_save_of_our_own_without_the_secret_forgets_nothing(fresh: Callable[[], str], link: dict[str, Any]) -> None:
    target = fresh()
    client.done("email_service", link, target=target, **FIRST)
    moved = client.done("email_service", link, target=target, oauth={"client_id": "moved"})
    assert (moved["changed"], list(moved["fingerprints"])) == (True, ["password"])
    wish = {**FIRST, "oauth": {**FIRST["oauth"], "client_id": "moved"}}
    again = client.done("email_service", link, target=target, **wish)
    assert (again["changed"], again["secrets"][0]["reason"]) == (False, "unchanged")
    other = client.run("email_service", link, check=True, target=target, **{**wish, "password": "Second-pw2"})
    assert other["secrets"] == [{"name": "password", "sent": True, "reason": "changed"}]


def test_a_save_of_our_own_after_somebody_elses_proves_nothing(
    fresh: Callable[[], str], link: dict[str, Any], hand: Hand
) -> None:
    target = fresh()
    client.done("email_service", link, target=target, **FIRST)
    hand.set_email(target)
    client.done("email_service", link, target=target, oauth={"client_id": "moved"})
    again = client.run("email_service", link, check=True, target=target, **FIRST)
    assert again["secrets"] == [{"name": "password", "sent": True, "reason": "unknown"}]


RECIPE = """
- name: Configure the Email Service
  cai.console.email_service: "{{ wish | combine({'known_fingerprints': email_service_fingerprints | default({})}) }}"
  register: email_service_result
- name: Keep the fingerprints for the next job
  ansible.builtin.set_fact:
    email_service_fingerprints: "{{ email_service_result.fingerprints }}"
    cacheable: true
"""


@pytest.mark.parametrize("key", ["the runner's key", None])
def test_the_recipe_with_facts_in_jobs_with_throw_away_homes(
    key: str | None, play: Player, fresh: Callable[[], str], tmp_path: Path, watch: Watch
) -> None:
    """Only the facts outlive a job. Without a key that does too they are worth nothing, which each job says."""
    target = fresh()

    def job(*options: str, password: str = "First-pw1") -> Row:
        home = tmp_path / f"home-{len(list(tmp_path.glob('home-*')))}"
        facts = {"ANSIBLE_CACHE_PLUGIN": "jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(tmp_path / "facts")}
        credential = {"CAI_FINGERPRINT_KEY": key} if key else {}
        watch.restart()
        return play(
            yaml.safe_load(RECIPE),
            hosts=[target],
            variables={"wish": {**FIRST, "password": password}},
            options=options,
            environment={**facts, **credential, "CAI_STATE_DIR": str(home / "state")},
        ).one("Configure the Email Service")

    first = job()
    assert any("Nothing is known yet" in warning for warning in first.result["warnings"])
    second = job()
    said = any("Nothing is known yet" in warning for warning in second.result.get("warnings", ()))
    assert (second.result["changed"], bool(watch.writes()), said) == (
        (False, False, False) if key else (True, True, True)
    )
    checked = job("--check", password="Second-pw2")
    assert (checked.result["changed"], watch.writes()) == (True, [])
    assert job(password="Second-pw2").result["secrets"][0]["sent"] is True
    assert job(password="Second-pw2").result["changed"] is (key is None)


def test_a_console_without_stamps_and_a_save_whose_end_nobody_saw(
    lab: LabControl, gateway: Gateway, fresh: Callable[[], str], link: dict[str, Any]
) -> None:
    """The old secret is not taken for the stored one, although no stamp tells that another was saved."""
    target = fresh()
    gateway.rule = without_stamps
    there = {**link, "console_url": gateway.console}
    client.done("email_service", there, target=target, **FIRST)
    assert client.done("email_service", there, target=target, **FIRST)["changed"] is False
    gateway.rule = Failing()
    assert client.run("email_service", there, target=target, **SECOND)["error"]["stage"] == "read"
    gateway.rule = without_stamps
    back = client.done("email_service", there, target=target, **FIRST)
    assert back["secrets"] == [{"name": "password", "sent": True, "reason": "unknown"}]
    assert lab.secret(target, "password", "First-pw1")["equal"]


def without_stamps(request: Request) -> Answer | None:
    """A console that does not say when something was saved, and gives no version."""
    if request.method != "GET" or not request.path.endswith("/server/services/email"):
        return None
    stored = json.loads(request.forward().body)
    del stored["modified"]
    return json_answer(json.dumps(stored).encode())


class Failing:
    """The same console, which cannot be read any more once something was saved."""

    def __init__(self) -> None:
        self._saved = False

    def __call__(self, request: Request) -> Answer | None:
        """A rule of the gateway."""
        if self._saved and request.method == "GET":
            return json_answer(b"{}", 404)
        self._saved = self._saved or request.method == "PUT"
        return without_stamps(request)
