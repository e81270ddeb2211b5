# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bed from the command line.

    python -m real_parts install    install what is missing, and say what was
    python -m real_parts check      install, start all of it, check it with its own tests: a line per check
    python -m real_parts serve      start all of it and print one JSON object: addresses, ports, users; Ctrl-C ends it

Exit codes: 0; 1 something failed; 3 this machine cannot have it (the last line says why: "real-parts missing: {...}").
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from . import parts
from .bed import Bed
from .install import install
from .processes import NotReadyError
from .provider import INTROSPECTOR, USERS

CANNOT = 3


def main(arguments: Sequence[str]) -> int:
    """Do what was asked for and return the exit code."""
    parser = argparse.ArgumentParser(prog="real_parts", description="Real mail and OAuth servers for tests.")
    parser.add_argument("verb", choices=["install", "check", "serve"])
    verb = parser.parse_args(arguments).verb
    lack = parts.missing()
    if lack:
        print(lack.reason())
        return CANNOT
    try:
        for line in install():
            print(f"installed by {line}", flush=True)
        return {"install": lambda: 0, "check": _check, "serve": _serve}[verb]()
    except (parts.InstallError, NotReadyError) as error:
        print(f"real-parts failed: {error}")
        return 1


def _check() -> int:
    # Only this verb needs pytest.
    import pytest

    from .reporter import Reporter

    reporter = Reporter()
    here = Path(__file__).resolve().parent
    options = ["-p", "no:terminal", "-p", "no:cacheprovider", "-p", "no:xdist", "--import-mode=importlib"]
    code = int(pytest.main([*options, "--rootdir", str(here), "-c", "/dev/null", str(here)], plugins=[reporter]))
    reporter.summary()
    return 1 if code else 0


def _serve() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with Bed() as bed:
            print(json.dumps(_addresses(bed)), flush=True)
            signal.pause()
    except KeyboardInterrupt:
        return 0
    return 0


def _addresses(bed: Bed) -> dict[str, object]:
    mail, provider = bed.mail, bed.provider
    return {
        "host": mail.host,
        "ca": str(mail.ca),
        "ports": mail.ports,
        "mailboxes": {user: mail.accounts.password(user) for user in mail.accounts.users()},
        "issuer": provider.issuer,
        "discovery": provider.endpoint("discovery"),
        "provider_users": USERS,
        "introspection": {"url": provider.endpoint("introspect"), "client": INTROSPECTOR[0]},
        "folder": str(mail.folder),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
