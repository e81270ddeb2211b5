# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the runs of a rollout leave behind, and how it is read."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.plugin_utils._rollout._ledger import (
    BEGUN,
    ENDED,
    SOAKED,
    WRITTEN,
    History,
    Ledger,
    read_history,
)


def noted(folder: Path, *lines: tuple[str, str | None, dict[str, object]]) -> Path:
    """Note the lines of one run; its file."""
    before = set(folder.glob("*.jsonl"))
    ledger = Ledger(str(folder))
    for status, host, facts in lines:
        ledger.note(status, host, **facts)
    ledger.close()
    (made,) = set(folder.glob("*.jsonl")) - before
    return made


def test_what_is_noted_is_read_by_the_next_run(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    path = noted(
        folder,
        (BEGUN, "a", {"wave": "canary", "undo": {"alert_service": {}}}),
        (WRITTEN, "a", {}),
        ("changed", "a", {"mail": {"latency_ms": 3}}),
        (BEGUN, "b", {}),
        (SOAKED, None, {}),
        (ENDED, None, {"stopped_at": "canary"}),
    )
    assert (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(folder.stat().st_mode)) == (0o600, 0o700)
    history = read_history(str(folder))
    one, other = history.records["a"], history.records["b"]
    assert (one.status, one.wave, one.touched, one.mail) == ("changed", "canary", True, {"latency_ms": 3})
    assert (other.status, other.touched) == (BEGUN, True)
    assert (history.soaked, history.stopped_at(), history.warnings) == (True, "canary", [])


def test_the_first_way_back_is_kept_and_a_later_run_has_the_last_word(tmp_path: Path) -> None:
    noted(tmp_path, (BEGUN, "a", {"undo": {"first": 1}}), ("failed", "a", {"left_digest": "x"}))
    noted(tmp_path, (BEGUN, "a", {"undo": {"second": 1}}), ("changed", "a", {}))
    record = read_history(str(tmp_path)).records["a"]
    assert (record.status, record.undo, record.left_digest) == ("changed", {"first": 1}, None)


def test_a_run_that_was_killed_has_no_end_and_one_that_follows_forgets_where_it_stopped(tmp_path: Path) -> None:
    noted(tmp_path, (ENDED, None, {"stopped_at": "wave 1"}))
    assert read_history(str(tmp_path)).stopped_at() == "wave 1"
    noted(tmp_path, ("changed", "a", {}))
    history = read_history(str(tmp_path))
    assert [run["ended"] is None for run in history.runs] == [False, True]
    assert history.stopped_at() is None


def test_a_line_that_was_cut_off_counts_as_not_written(tmp_path: Path) -> None:
    path = noted(tmp_path, ("changed", "a", {}), ("changed", "b", {}))
    path.write_text(path.read_text()[:-5])
    history = read_history(str(tmp_path))
    assert set(history.records) == {"a"}
    assert "cut off" in history.warnings[0]


@pytest.mark.parametrize("content", ["\0\0\n", "[]\n", '{"version": "x"}\n', '{"version": 1, "began": ""}\nnothing\n'])
def test_what_cannot_be_read_is_set_aside_whole_and_the_others_are_read(tmp_path: Path, content: str) -> None:
    noted(tmp_path, ("changed", "a", {}))
    torn = tmp_path / "9.jsonl"
    torn.write_text(content)
    history = read_history(str(tmp_path))
    assert set(history.records) == {"a"}
    assert len(history.runs) == 1
    assert "9.jsonl.torn" in history.warnings[0]
    assert not torn.exists()
    assert (tmp_path / "9.jsonl.torn").read_text() == content


def test_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "9.jsonl"
    path.write_text('{"version": 2, "began": "x"}\n')
    with pytest.raises(ConsoleError) as caught:
        read_history(str(tmp_path))
    assert caught.value.code == "state_too_new"
    assert path.exists()


def test_an_older_version_and_lines_with_more_members_are_read(tmp_path: Path) -> None:
    lines = [{"version": 0, "began": "2026"}, {"at": "2026", "status": "changed", "host": "a", "unknown": 1}]
    (tmp_path / "1.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert read_history(str(tmp_path)).records["a"].status == "changed"


def test_without_a_folder_nothing_is_noted_and_nothing_is_read(tmp_path: Path) -> None:
    ledger = Ledger(None)
    ledger.note("changed", "a")
    ledger.close()
    assert read_history(str(tmp_path / "nowhere")) == History()


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConsoleError) as caught:
        Ledger(str(tmp_path / "file" / "below")).note("changed", "a")
    assert caught.value.code == "state_dir_unusable"
