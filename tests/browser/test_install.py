# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where no browser can be had, one sentence says so, and nothing is tried."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import install  # noqa: E402  (the folder above has to be on the path first)
from page_support import places  # noqa: E402


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    there = tmp_path / "chromium"
    there.touch(mode=0o755)
    assert places.missing((there,)) == ""
    sentence = places.missing((there, tmp_path / "chromedriver"))
    assert str(tmp_path / "chromedriver") in sentence
    assert str(there) + " " not in sentence
    assert "install.py" in sentence


@pytest.mark.parametrize(
    ("user", "program", "why"), [(1000, "/usr/bin/apt-get", "only root may"), (0, None, "no apt-get")]
)
def test_it_says_why_it_cannot_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], user: int, program: str | None, why: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("nothing may be run")

    monkeypatch.setattr(install, "missing", lambda: "There is no browser.")
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setattr(install.shutil, "which", lambda name: program)
    monkeypatch.setattr(subprocess, "run", refuse)
    assert install.main() == install.CANNOT
    (sentence,) = capsys.readouterr().err.splitlines()
    assert why in sentence


def test_nothing_is_installed_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "missing", lambda: "")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("nothing may be run"))
    assert install.main() == 0
