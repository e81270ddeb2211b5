# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal: from any older token to the newest, unreadable without one, whole or not at all."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.plugin_utils._oauth import rotation

WHO = ("client", "https://id.test/token", "a@lab.test")


def rotate(folder: Path, given: str, spent: str, newest: str) -> None:
    with rotation.held(str(folder), *WHO) as journal:
        journal.begin(spent, "now")
        journal.finish(given, spent, {"refresh_token": newest, "access_token": f"at-{newest}"})


def test_from_any_older_token_to_the_newest(tmp_path: Path) -> None:
    for step in range(3):
        rotate(tmp_path, f"token-{step}", f"token-{step}", f"token-{step + 1}")
    with rotation.held(str(tmp_path), *WHO) as journal:
        assert {journal.newest(f"token-{step}") for step in range(4)} == {"token-3"}
        assert journal.newest("stranger") == "stranger"
        assert (journal.access("token-3") or {})["access_token"] == "at-token-3"
        assert journal.access("token-2") is None


def test_a_caller_who_never_stores_gets_on_for_ever(tmp_path: Path) -> None:
    for _run in range(20):
        with rotation.held(str(tmp_path), *WHO) as journal:
            newest = journal.newest("first")
        rotate(tmp_path, "first", newest, f"{newest}x")
    with rotation.held(str(tmp_path), *WHO) as journal:
        assert journal.newest("first") == "first" + "x" * 20
        assert len(journal.content["links"]) <= rotation.LINKS_KEPT


def test_a_circle_does_not_hang(tmp_path: Path) -> None:
    rotate(tmp_path, "a", "a", "b")
    rotate(tmp_path, "b", "b", "a")
    with rotation.held(str(tmp_path), *WHO) as journal:
        assert journal.newest("a") in ("a", "b")


def test_nothing_on_disk_can_be_read_without_a_token(tmp_path: Path) -> None:
    rotate(tmp_path, "SECRET-old", "SECRET-old", "SECRET-new")
    for path in (tmp_path / "rotation").iterdir():
        assert b"SECRET" not in path.read_bytes()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "rotation").stat().st_mode) == 0o700


def test_the_mark_is_on_disk_until_the_end_is_known(tmp_path: Path) -> None:
    with rotation.held(str(tmp_path), *WHO) as journal:
        journal.begin("token", "2026-11-24T12:00:00Z")
        on_disk = json.loads(Path(journal.path).read_text())
        assert on_disk["pending"] == {"of": rotation.name_of("token"), "since": "2026-11-24T12:00:00Z"}
    with rotation.held(str(tmp_path), *WHO) as journal:
        assert journal.pending is not None
        journal.abandon()
        assert json.loads(Path(journal.path).read_text())["pending"] is None


def test_the_lock_is_free_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), rotation.held(str(tmp_path), *WHO):
        raise RuntimeError
    with rotation.held(str(tmp_path), *WHO):
        pass


def test_a_torn_or_newer_file_is_not_overwritten(tmp_path: Path) -> None:
    rotate(tmp_path, "a", "a", "b")
    with rotation.held(str(tmp_path), *WHO) as journal:
        path = Path(journal.path)
    path.write_text('{"version": 99}')
    with pytest.raises(ConsoleError) as refused, rotation.held(str(tmp_path), *WHO):
        pass
    assert refused.value.code == "state_dir_unusable"
    assert path.read_text() == '{"version": 99}'


def test_no_file_left_behind(tmp_path: Path) -> None:
    rotate(tmp_path, "a", "a", "b")
    assert len(os.listdir(tmp_path / "rotation")) == 2
