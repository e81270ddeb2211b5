# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rotation cannot lose a token: crashes at each step, twenty at once, runs in a row, stores that fail."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import Tasks
from .victim import STEPS, vault

ROOT = Path(__file__).resolve().parents[2]
DAY_S = 24 * 3600


def start(tasks: Tasks, step: str, number: int = 0, **options: Any) -> tuple[int, dict[str, Any]]:
    """Run a refresh in a process of its own; its exit code and result."""
    given, result = tasks.folder / f"options-{number}.json", tasks.folder / f"result-{number}.json"
    given.write_text(json.dumps(tasks.options(**options)))
    path = os.pathsep.join([str(ROOT / "build" / "collections"), str(ROOT / "lab")])
    done = subprocess.run(
        [sys.executable, "-m", "tests.oauth.victim", str(given), step, str(result)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode in (0, -9), done.stderr.decode()
    return done.returncode, json.loads(result.read_text()) if result.exists() else {}


@pytest.mark.parametrize("rotation", ["keeps_old", "revokes_old"])
@pytest.mark.parametrize("kept", ["caller", "file"])
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_each_step(tasks: Tasks, rotation: str, kept: str, step: str) -> None:
    tasks.lab.set_switches(refresh_rotation=rotation)
    first = tasks.consent()["refresh_token"]
    options: dict[str, Any] = {"refresh_token": first}
    if kept == "file":
        options = {"refresh_token_file": str(tasks.folder / "token.yml")}
        (tasks.folder / "token.yml").write_bytes(vault("pw").encrypt(yaml.safe_dump({"refresh_token": first})))
    code, _unused = start(tasks, step, **options)
    assert code == -9
    again = tasks.refresh(**options, vault=vault("pw"), force_refresh=True)
    if rotation == "revokes_old" and step == "after the answer":
        # The one window: the provider has spent it, and we never had the successor.
        assert again["error"]["code"] == "consent_needed"
        assert again["authorization_url"].startswith(tasks.lab.addresses["oauth"]["authorization_url"])
        assert "cut off" in again["msg"]
        return
    assert "failed" not in again, again
    assert tasks.refresh(**options, vault=vault("pw"), force_refresh=True)["refreshed"] is True
    assert tasks.lab.oauth_events(event="reuse_detected", grant=tasks.lab.oauth_events()[-1]["grant"]) == []


def test_twenty_at_once_make_one_request(tasks: Tasks) -> None:
    tasks.lab.set_switches(refresh_rotation="revokes_old")
    first = tasks.consent()["refresh_token"]
    with ThreadPoolExecutor(20) as pool:
        ended = list(pool.map(lambda number: start(tasks, "", number, refresh_token=first), range(20)))
    assert [code for code, _rest in ended] == [0] * 20
    assert len({result["access_token"] for _unused, result in ended}) == 1
    assert sorted(result["refreshed"] for _unused, result in ended) == [False] * 19 + [True]
    assert tasks.token_requests() == 1


@pytest.mark.parametrize("rotation", ["keeps_old", "revokes_old"])
def test_three_runs_in_a_row(tasks: Tasks, rotation: str) -> None:
    tasks.lab.set_switches(refresh_rotation=rotation)
    path = tasks.folder / "token.yml"
    options = {"refresh_token_file": str(path), "vault": vault("pw")}
    tasks.complete(tasks.come_back(tasks.begin()), **options)
    seen = {yaml.safe_load(vault("pw").decrypt(path.read_bytes()))["refresh_token"]}
    for _run in range(3):
        assert tasks.refresh(**options, force_refresh=True)["refreshed"] is True
        seen.add(yaml.safe_load(vault("pw").decrypt(path.read_bytes()))["refresh_token"])
    assert len(seen) == 4
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(item.name for item in tasks.folder.iterdir()) == ["state", "token.yml"]


def test_a_token_that_lives_is_returned_again(tasks: Tasks) -> None:
    first = tasks.consent()["refresh_token"]
    one = tasks.refresh(refresh_token=first)
    seen = len(tasks.lab.operations())
    two = tasks.refresh(refresh_token=first)
    three = tasks.refresh(refresh_token=one["refresh_token"], check_mode=True)
    # Not even the discovery document is asked for.
    assert len(tasks.lab.operations()) == seen > 0
    assert one["access_token"] == two["access_token"] == three["access_token"]
    assert (one["changed"], two["changed"], two["refresh_token"]) == (True, False, one["refresh_token"])
    assert tasks.refresh(refresh_token=first, min_validity=4000)["refreshed"] is True
    assert tasks.token_requests() == 2


def test_a_file_is_the_same_however_it_is_named(tasks: Tasks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tasks.folder)
    (tasks.folder / "link").symlink_to(tasks.folder)
    url = tasks.come_back(tasks.begin())
    got = tasks.complete(url, refresh_token_file="token.yml", vault=vault("pw"))
    for name in (str(tasks.folder / "token.yml"), "./token.yml", "link/token.yml"):
        again = tasks.refresh(refresh_token_file=name, vault=vault("pw"))
        assert again["access_token"] == got["access_token"]
    assert tasks.token_requests() == 0


def test_check_mode_spends_nothing(tasks: Tasks) -> None:
    first = tasks.consent()["refresh_token"]
    checked = tasks.refresh(refresh_token=first, check_mode=True)
    assert (checked["changed"], checked["would_spend"]) == (True, True)
    assert "access_token" not in checked
    assert tasks.token_requests() == 0


def test_a_command_gets_each_new_token_on_its_input(tasks: Tasks) -> None:
    first = tasks.consent()["refresh_token"]
    out = tasks.folder / "out.json"
    got = tasks.refresh(refresh_token=first, store_command=["sh", "-c", f"cat > {out}"])
    assert json.loads(out.read_text())["refresh_token"] == got["refresh_token"]


def test_a_command_that_fails_loses_nothing(tasks: Tasks) -> None:
    tasks.lab.set_switches(refresh_rotation="revokes_old")
    first = tasks.consent()["refresh_token"]
    out = tasks.folder / "out.json"
    failed = tasks.refresh(refresh_token=first, store_command=["false"])
    assert failed["error"]["code"] == "token_not_stored"
    again = tasks.refresh(refresh_token=first, store_command=["sh", "-c", f"cat > {out}"])
    assert again["refreshed"] is False
    assert json.loads(out.read_text())["refresh_token"] == again["refresh_token"]
    assert tasks.refresh(refresh_token=first, force_refresh=True)["refreshed"] is True


@pytest.mark.parametrize("content", [b"plain: text", b"$ANSIBLE_VAULT;1.1;AES256\n00\n", b""])
def test_a_file_that_cannot_be_read_is_named(tasks: Tasks, content: bytes) -> None:
    path = tasks.folder / "token.yml"
    path.write_bytes(content)
    result = tasks.refresh(refresh_token_file=str(path), vault=vault("pw"))
    assert result["error"]["code"] == "invalid_option"
    assert path.read_bytes() == content


def test_no_file_and_no_token(tasks: Tasks) -> None:
    result = tasks.refresh(refresh_token_file=str(tasks.folder / "none.yml"), vault=vault("pw"))
    assert result["error"]["code"] == "consent_needed"
    result = tasks.refresh(refresh_token_file=str(tasks.folder / "none.yml"), refresh_token="x")
    assert result["error"]["code"] in ("consent_needed", "invalid_option")


def test_a_token_that_is_over_brings_the_link(tasks: Tasks) -> None:
    first = tasks.consent()["refresh_token"]
    tasks.lab.set_clock(91 * DAY_S)
    over = tasks.refresh(refresh_token=first)
    assert (over["error"]["code"], over["provider_error"]["aadsts"]) == ("consent_needed", 700082)
    tasks.lab.set_clock(0)
    assert tasks.complete(tasks.person.consent(over["authorization_url"], "https://localhost:8400"))["access_token"]


def test_a_reuse_is_named(tasks: Tasks) -> None:
    tasks.lab.set_switches(refresh_rotation="revokes_old")
    first = tasks.consent()["refresh_token"]
    assert tasks.refresh(refresh_token=first)["refreshed"]
    elsewhere = tasks.refresh(refresh_token=first, state_dir=str(tasks.folder / "other"))
    assert elsewhere["error"]["code"] == "consent_needed"
    assert "reuse" in elsewhere["msg"]


def test_a_lost_answer_leaves_the_mark_and_says_so(tasks: Tasks) -> None:
    tasks.lab.set_switches(refresh_rotation="revokes_old")
    first = tasks.consent()["refresh_token"]
    tasks.lab.set_faults({"listener": "oauth", "path": "/token$", "drop_reply": True})
    assert tasks.refresh(refresh_token=first)["error"]["code"] == "token_endpoint_unreachable"
    again = tasks.refresh(refresh_token=first)
    assert again["error"]["code"] == "consent_needed"
    assert "cut off" in again["msg"]


def test_what_was_refused_once_is_not_used_by_the_next_task(tasks: Tasks) -> None:
    """The provider grants too much: the successor is kept where it belongs, the access token is not used."""
    tasks.lab.set_switches(refresh_rotation="revokes_old")
    path = tasks.folder / "token.yml"
    options: dict[str, Any] = {"refresh_token_file": str(path), "vault": vault("pw")}
    tasks.complete(tasks.come_back(tasks.begin()), **options)
    before = path.read_bytes()
    tasks.lab.set_switches(granted_scope="wider")
    for force in (True, False):
        refused = tasks.refresh(**options, force_refresh=force)
        assert refused["error"]["code"] == "scope_wider", refused
        assert "access_token" not in refused
    assert path.read_bytes() != before
    tasks.lab.set_switches(granted_scope="as_asked")
    assert tasks.refresh(**options, state_dir=str(tasks.folder / "other"))["refreshed"] is True


def test_a_token_that_lives_is_not_anothers(tasks: Tasks) -> None:
    options: dict[str, Any] = {"refresh_token_file": str(tasks.folder / "token.yml"), "vault": vault("pw")}
    tasks.complete(tasks.come_back(tasks.begin()), **options)
    assert tasks.refresh(**options)["mailbox"] == "alerts@lab.test"
    assert tasks.refresh(**options, user="reports@lab.test")["error"]["code"] == "mailbox_mismatch"


@pytest.mark.parametrize("fault", [{"status": 429, "body": "html"}, {"status": 400, "body": "empty"}])
def test_a_refusal_spends_nothing(tasks: Tasks, fault: dict[str, Any]) -> None:
    tasks.lab.set_switches(refresh_rotation="revokes_old")
    first = tasks.consent()["refresh_token"]
    tasks.lab.set_faults({"listener": "oauth", "path": "/token$", **fault})
    assert tasks.refresh(refresh_token=first)["failed"]
    assert tasks.refresh(refresh_token=first)["refreshed"]


def test_a_place_that_cannot_be_written_stops_before_the_request(tasks: Tasks) -> None:
    first = tasks.consent()["refresh_token"]
    (tasks.folder / "file").touch()
    result = tasks.refresh(refresh_token=first, state_dir=str(tasks.folder / "file"))
    assert result["error"]["code"] == "state_dir_unusable"
    assert tasks.token_requests() == 0


def test_a_provider_without_revocation_is_named_and_nothing_is_forgotten(tasks: Tasks) -> None:
    path = tasks.folder / "token.yml"
    path.write_bytes(vault("pw").encrypt(yaml.safe_dump({"refresh_token": "x"})))
    options = {"provider": "microsoft", "tenant": "t", "discovery_url": None, "refresh_token_file": str(path)}
    result = tasks.run(state="absent", vault=vault("pw"), **options)
    assert result["error"]["code"] == "invalid_option"
    assert "revocation_url" in result["msg"]
    assert path.exists()


def test_revoked_and_forgotten(tasks: Tasks) -> None:
    path = tasks.folder / "token.yml"
    options = {"refresh_token_file": str(path), "vault": vault("pw")}
    tasks.complete(tasks.come_back(tasks.begin()), **options)
    assert tasks.run(state="absent", **options, check_mode=True)["would_spend"]
    assert tasks.run(state="absent", **options) == {"changed": True, "revoked": True}
    assert not path.exists()
    assert tasks.lab.oauth_events()[-1]["event"] == "revoked"
    assert tasks.run(state="absent", **options) == {"changed": False, "revoked": False}
