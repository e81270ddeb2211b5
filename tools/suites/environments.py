# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Environments that a suite makes when it begins, some of them with another Python than the one that runs this."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

from .interpreters import link_interpreters
from .places import BUILD, ROOT, environment, venv_bin
from .programs import Ended, run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

INSTALLING = threading.Lock()  # one suite at a time asks apt for packages


def prepare(purpose: str, python: Path | str = sys.executable) -> None:
    """Leave build/venv/PURPOSE complete. Raises RuntimeError with the sentence of tools/bootstrap.py if it cannot."""
    ended = run(f"prepare-{purpose}", [python, ROOT / "tools" / "bootstrap.py", purpose], environment())
    if ended.code != 0:
        raise RuntimeError(ended.tail())


def install_chromium() -> Ended:
    """Leave the environment of the browser complete, and Chromium installed where that can be done; how that ended."""
    prepare("browser")
    command = [venv_bin("browser") / "python", ROOT / "tests" / "browser" / "install.py"]
    with INSTALLING:
        return run("browser-install", command, environment(venv_bin("browser")))


def first_interpreter(versions: Sequence[str]) -> tuple[str, Path] | None:
    """Return the first of ``versions`` (``3.12``) that this machine has, and its interpreter."""
    folder = BUILD / "interpreters" / "-".join(versions)
    found = link_interpreters(versions, folder)
    return next(((version, found[version]) for version in versions if version in found), None)
