# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Maildir that changes under the eyes of whoever watches it."""

from __future__ import annotations

import builtins
import shutil

import pytest
from ansible_collections.cai.console.plugins.module_utils._smtp._maildir import Maildir
from ansible_collections.cai.console.plugins.module_utils._smtp._model import StageFault


@pytest.fixture
def folder(tmp_path):
    for part in ("new", "cur", "tmp"):
        (tmp_path / "box" / part).mkdir(parents=True)
    (tmp_path / "box" / "new" / "1.old").write_bytes(b"Subject: old\n\n")
    return tmp_path / "box"


@pytest.fixture
def box(folder):
    made = Maildir(str(folder))
    made.open()
    return made


def test_only_what_came_since_is_told_and_a_move_is_no_message(box, folder):
    assert box.fresh() == []
    (folder / "new" / "1.old").rename(folder / "cur" / "1.old:2,S")
    (folder / "new" / "2.new").write_bytes(b"Subject: new\n\n")
    (found,) = box.fresh()
    assert (found.folder, found.raw, found.junk) == ("INBOX", b"Subject: new\n\n", False)


def test_a_folder_for_junk_is_known_by_its_name(box, folder):
    (folder / ".Junk" / "new").mkdir(parents=True)
    (folder / ".Junk" / "new" / "3.junk").write_bytes(b"")
    (found,) = box.fresh()
    assert (found.folder, found.junk) == ("Junk", True)


def test_one_message_is_removed_and_no_other(box, folder):
    (folder / "new" / "2.new").write_bytes(b"")
    (found,) = box.fresh()
    assert box.remove(found) and not box.remove(found)
    assert [path.name for path in (folder / "new").iterdir()] == ["1.old"]


def test_a_mailbox_that_goes_away_is_unreadable(box, folder):
    shutil.rmtree(folder)
    with pytest.raises(StageFault) as fault:
        box.fresh()
    assert fault.value.error_code == "smtp_mailbox_unreadable"
    assert str(folder) in fault.value.detail


def test_a_message_that_may_not_be_read_makes_the_mailbox_unreadable(box, folder, monkeypatch):
    (folder / "new" / "2.new").write_bytes(b"")

    def refuse(path, *_arguments, **_more):
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(builtins, "open", refuse)
    with pytest.raises(StageFault, match="Permission denied"):
        box.fresh()


def test_a_message_that_another_program_moves_meanwhile_is_read_later(box, folder, monkeypatch):
    (folder / "new" / "2.new").write_bytes(b"")
    read = builtins.open

    def gone(path, *_arguments, **_more):
        raise FileNotFoundError(2, "No such file", path)

    monkeypatch.setattr(builtins, "open", gone)
    assert box.fresh() == []
    monkeypatch.setattr(builtins, "open", read)
    assert len(box.fresh()) == 1
