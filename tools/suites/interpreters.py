# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real Python interpreters of this machine, for the tests that run on several versions."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

from .places import BUILD

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def link_interpreters(versions: Iterable[str], folder: Path = BUILD / "python") -> dict[str, Path]:
    """Fill ``folder`` with links to a real interpreter for each of ``versions`` (``3.11``) that there is; return them.

    pyenv puts a stand-in for each of its versions on PATH, which fails unless that version is selected; ansible-test
    takes it for the interpreter. So the real ones are looked up, and this folder goes in front of PATH.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    found = {}
    for version in versions:
        real = next((path for path in _candidates(version) if _is_version(path, version)), None)
        if real is not None:
            link = folder / f"python{version}"
            link.symlink_to(real)
            found[version] = link
    return found


def _candidates(version: str) -> Iterable[str]:
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        parent, last = os.path.split(folder)
        if last == "shims":
            yield from _pyenv(os.path.join(parent, "versions"), version)
        else:
            yield os.path.join(folder, f"python{version}")


def _pyenv(versions: str, version: str) -> Iterable[str]:
    if os.path.isdir(versions):
        for name in sorted(os.listdir(versions), reverse=True):
            if name.startswith(f"{version}."):
                yield os.path.join(versions, name, "bin", f"python{version}")


def _is_version(path: str, version: str) -> bool:
    if not os.access(path, os.X_OK) or os.path.realpath(path).startswith(str(BUILD)):
        return False
    question = "import sys, venv, ssl; print('%d.%d' % sys.version_info[:2])"
    answer = subprocess.run([path, "-c", question], capture_output=True, text=True, check=False)
    return answer.returncode == 0 and answer.stdout.strip() == version
