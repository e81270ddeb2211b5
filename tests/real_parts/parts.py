# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the bed is made of, where it is found on this machine, and what is missing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

HERE = Path(__file__).resolve().parent
FILES = HERE / "files"
NODE = HERE.parents[1] / "build" / "real-parts"
SBIN = "/usr/sbin:/sbin"

#: Debian packages: the servers, and the clients that serve as oracles.
PACKAGES = (
    "postfix",
    "dovecot-core",
    "dovecot-imapd",
    "dovecot-lmtpd",
    "dovecot-sieve",
    "dovecot-submissiond",
    "swaks",
    "libnet-ssleay-perl",
    "msmtp",
    "curl",
    "openssl",
)

Lack = Literal["root", "apt", "npm"]


@dataclass(frozen=True)
class Missing:
    """Why the bed cannot exist on this machine; ``part`` is for programs, ``detail`` for people."""

    part: Lack
    detail: str

    def reason(self) -> str:
        """Return one line: ``real-parts missing: `` and a JSON object with ``part`` and ``detail``."""
        return f"real-parts missing: {json.dumps(asdict(self))}"


class InstallError(Exception):
    """The parts could have been installed here, and that went wrong: a failure, not a lack."""


def find(name: str) -> str | None:
    """Return the path of a program, also of one for administrators only; None when it is not there."""
    return shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:{SBIN}")


def program(name: str) -> str:
    """Return the path of an installed program. Raises InstallError when it is not there."""
    found = find(name)
    if found is None:
        raise InstallError(f"{name} is not installed; tests/real_parts/README.md says how")
    return found


def absent_packages() -> list[str]:
    """Return the Debian packages that are still to be installed; all of them where there is no dpkg to ask."""
    asked = find("dpkg-query")
    if asked is None:
        return list(PACKAGES)
    command = [asked, "--show", "--showformat", "${Package} ${db:Status-Status}\n", *PACKAGES]
    known = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    return [package for package in PACKAGES if f"{package} installed" not in known]


def provider_modules() -> Path:
    """Return the folder that holds the installed oidc-provider (it may not be there yet)."""
    return NODE / "node_modules"


def missing() -> Missing | None:
    """Say what keeps this machine from having the bed at all; None when it has it or can install it."""
    if os.geteuid() != 0:
        return Missing("root", "Postfix's master process starts for the superuser only")
    absent = absent_packages()
    if absent and find("apt-get") is None:
        return Missing("apt", f"not installed, and no apt-get to install them: {', '.join(absent)}")
    if find("node") is None or (find("npm") is None and not provider_modules().is_dir()):
        return Missing("npm", "no node, or no npm to install oidc-provider with")
    return None


def not_ready() -> Missing | None:
    """Say what keeps the mail servers from being started as things are; for suites that install nothing."""
    absent = absent_packages()
    return missing() or (Missing("apt", f"not installed: {', '.join(absent)}") if absent else None)
