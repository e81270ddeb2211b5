# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The private folder of a run, which Ansible makes and removes, and the files in it that the run's workers share."""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
import typing as t

from ansible import constants


def run_folder() -> str:
    """Return the folder's path. Only the user can enter it."""
    return str(constants.DEFAULT_LOCAL_TMP)  # type: ignore[attr-defined]  # made at run time


def replace_file(path: str, data: bytes) -> None:
    """Replace a file (mode 0600) so that another worker finds all of it, or all of what was there before."""
    aside = f"{path}.{os.getpid()}.{threading.get_ident()}"
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        stream.write(data)
    os.replace(aside, path)


@contextlib.contextmanager
def locked(path: str) -> t.Iterator[None]:
    """Keep the other workers from a file meanwhile, as long as they ask for it by the same path."""
    with open(os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600), "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
