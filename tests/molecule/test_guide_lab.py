# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/docsite/rst/guide_lab.rst, followed to the letter in an empty folder; the clone is a copy of this checkout."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

from ..pages import GUIDES, blocks, commands
from .conftest import ROOT, TIME_LIMIT, clean_environment

PAGE = GUIDES / "guide_lab.rst"
CLONE = "git clone https://github.com/cai-console/cai.console"


def test_the_page_works_to_the_letter(tmp_path: Path, home: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    for block in blocks(PAGE):
        if block.language != "console":
            path = project / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
    assert CLONE in commands(PAGE)
    script = "\n".join(["set -e", *map(_copy_of, commands(PAGE))])

    ended = subprocess.run(
        ["bash", "-c", script],
        cwd=project,
        env={**clean_environment(home), "PATH": _path_without_this_environment(tmp_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIME_LIMIT,
        check=False,
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert re.search(r"^default\s+: actions=6\s+successful=6\s", ended.stderr, re.M), ended.stderr


def _copy_of(line: str) -> str:
    """The clone, as a copy of what git knows or would add here."""
    if line != CLONE:
        return line
    root = shlex.quote(str(ROOT))
    listing = f"git -C {root} ls-files -z --cached --others --exclude-standard"
    pack = f"(cd {root} && tar --null --ignore-failed-read -T - -cf -)"
    return f"mkdir cai.console && {listing} | {pack} | tar -xf - -C cai.console"


def _path_without_this_environment(folder: Path) -> str:
    """A PATH on which ``python3`` is the interpreter that made the environment of these tests, and nothing of it is."""
    programs = folder / "programs"
    programs.mkdir()
    (programs / "python3").symlink_to(Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}")
    return f"{programs}:/usr/local/bin:/usr/bin:/bin"
