# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Install what is lacking: Debian packages by apt, oidc-provider by npm (into build/real-parts). Nothing is started."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from . import parts

POLICY = Path("/usr/sbin/policy-rc.d")
LOCKED = ("package.json", "package-lock.json")
LIMIT = 600


def install() -> list[str]:
    """Install what is missing and return a line for each thing done (none when all was there).

    Raises InstallError when it could be installed here and was not; whether it can be is parts.missing()'s to say.
    """
    done = []
    absent = parts.absent_packages()
    if absent:
        _apt(absent)
        done.append(f"apt: {' '.join(absent)}")
    if not _provider_is_current():
        _npm()
        done.append("npm: oidc-provider")
    return done


def _apt(packages: Sequence[str]) -> None:
    apt = [parts.program("apt-get"), "-y", "-q", "--no-install-recommends"]
    with _no_services():
        try:
            _run([*apt, "install", *packages])
        except parts.InstallError:
            # The lists of packages may be absent or old, as in a fresh image.
            _run([*apt, "update"])
            _run([*apt, "install", *packages])


@contextlib.contextmanager
def _no_services() -> Iterator[None]:
    """Keep the packages' own services from starting: the bed runs its own instances only."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()


def _provider_is_current() -> bool:
    lock = LOCKED[1]
    copy = parts.NODE / lock
    wanted = (parts.FILES / lock).read_bytes()
    return parts.provider_modules().is_dir() and copy.is_file() and copy.read_bytes() == wanted


def _npm() -> None:
    parts.NODE.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(parts.provider_modules(), ignore_errors=True)
    for name in LOCKED:
        shutil.copy(parts.FILES / name, parts.NODE / name)
    quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--omit-lockfile-registry-resolved"]
    try:
        _run([parts.program("npm"), "ci", *quiet], cwd=parts.NODE)
    except parts.InstallError:
        # A copy of the lock would say that all is there.
        (parts.NODE / LOCKED[1]).unlink(missing_ok=True)
        raise


def _run(command: Sequence[str], cwd: Path | None = None) -> None:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        ended = subprocess.run(
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=LIMIT,
        )
    except subprocess.TimeoutExpired as error:
        raise parts.InstallError(f"{' '.join(command[:4])} did not end within {LIMIT} s") from error
    if ended.returncode:
        said = (ended.stderr or ended.stdout).strip().splitlines()
        raise parts.InstallError(f"{' '.join(command)}: exit code {ended.returncode}: {' / '.join(said[-5:])}")
