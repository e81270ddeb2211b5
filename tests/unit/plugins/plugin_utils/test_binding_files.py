# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A binding in a file is checked once in a run, whatever the number of tasks; a changed file is another one."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.cai.console.plugins.module_utils import _binding
from ansible_collections.cai.console.plugins.module_utils._bindings import _load
from ansible_collections.cai.console.plugins.plugin_utils._binding_files import is_file, take_along

SHIPPED = Path(__file__).resolve().parents[4] / "extensions" / "bindings" / "lab.yml"


@pytest.mark.parametrize(
    "given, means_file",
    [
        ("lab", False),
        (None, False),
        ("", False),
        ("mine.yml", True),
        ("mine.json", True),
        ("dir/mine", True),
        ('{"meta": "a/b.yml"}', False),
    ],
)
def test_what_is_a_file(given, means_file):
    assert is_file(given) is means_file


def test_a_file_is_checked_once(tmp_path, monkeypatch):
    checks = []
    checked = _load.checked
    monkeypatch.setattr(_load, "checked", lambda *args: checks.append(args) or checked(*args))
    mine = tmp_path / "mine.yml"
    mine.write_bytes(SHIPPED.read_bytes())
    first = take_along("mine.yml", lambda name: str(tmp_path / name), str(tmp_path))
    _binding._PARSED.clear()  # another worker
    assert take_along("mine.yml", lambda name: str(tmp_path / name), str(tmp_path)) == first
    assert len(checks) == 1
    assert _binding.find_binding(first) == _binding.find_binding("lab")
    assert len(checks) == 1
    mine.write_bytes(SHIPPED.read_bytes().replace(b"path: /server/properties", b"path: /server/other"))
    assert take_along("mine.yml", lambda name: str(tmp_path / name), str(tmp_path)) != first
    assert len(checks) == 2


def test_a_folder_that_cannot_be_written_to_does_no_harm(tmp_path):
    text = take_along(str(SHIPPED), lambda name: name, str(tmp_path / "gone"))
    assert _binding.find_binding(text) == _binding.find_binding("lab")
