# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""tools/suites/sanity.py: the copy that ansible-test gets."""

from __future__ import annotations

import subprocess
from pathlib import Path

from suites.interpreters import link_interpreters
from suites.sanity import copy_collection


def test_the_copy_holds_what_git_knows_or_would_add(tmp_path: Path) -> None:
    root, copy = tmp_path / "root", tmp_path / "root" / "build" / "copy"
    for name in ("plugins/a.py", "lab/b.py", "tools/c.py", "build/d.py", "gone.py", "galaxy.yml", "ignored.pyc"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x", encoding="utf-8")
    (root / ".gitignore").write_text("/build/\n*.pyc\n", encoding="utf-8")
    subprocess.run(["git", "init", "--quiet", root], check=True)
    subprocess.run(["git", "-C", root, "add", "gone.py", "galaxy.yml"], check=True)
    (root / "gone.py").unlink()
    copy.mkdir(parents=True)
    (copy / "left over").touch()

    copy_collection(root, copy)

    names = {path.relative_to(copy).as_posix() for path in copy.rglob("*") if path.is_file()}
    assert {name for name in names if not name.startswith(".git/")} == {".gitignore", "plugins/a.py", "galaxy.yml"}
    assert (copy / ".git").is_dir()


def test_the_interpreters_are_real_ones(tmp_path: Path) -> None:
    found = link_interpreters(("3.11", "3.12", "3.13", "2.99"), tmp_path / "python")
    assert "2.99" not in found
    assert found
    for version, link in found.items():
        question = "import sys; print('%d.%d' % sys.version_info[:2])"
        answer = subprocess.run([link, "-c", question], capture_output=True, text=True, check=True, env={})
        assert answer.stdout.strip() == version
