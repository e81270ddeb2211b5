# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One refresh in a process of its own, which ends by SIGKILL at a step: ``victim.py OPTIONS.json STEP RESULT.json``."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from ansible_collections.cai.console.plugins.plugin_utils._oauth import exchange, rotation, stores, wire

STEPS = ("before the mark", "after the mark", "after the answer", "after the journal", "after the store", "at the end")


def dies(owner: type, name: str, *, before: bool) -> None:
    """Let a method be the last thing that this process does."""
    method = getattr(owner, name)

    def deadly(*arguments: Any, **more: Any) -> Any:
        if before:
            os.kill(os.getpid(), signal.SIGKILL)
        method(*arguments, **more)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, deadly)


def arm(step: str, store: type) -> None:
    """Set the trap."""
    traps: dict[str, tuple[type, str, bool]] = {
        "before the mark": (rotation.Journal, "begin", True),
        "after the mark": (rotation.Journal, "begin", False),
        "after the answer": (wire.Exchange, "refresh", False),
        "after the journal": (rotation.Journal, "finish", False),
        "after the store": (store, "save", False),
        "at the end": (rotation.Journal, "stored", False),
    }
    if step in traps:
        owner, name, before = traps[step]
        dies(owner, name, before=before)


def vault(password: str) -> Any:
    """A vault as ``--vault-password-file`` makes it."""
    from ansible.parsing.vault import VaultLib, VaultSecret

    return VaultLib([("default", VaultSecret(password.encode()))])


def main() -> None:
    """Run it."""
    options, step, result = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    params = json.loads(options.read_text())
    arm(step, stores.VaultedFile if params["refresh_token_file"] else stores.Caller)
    found = exchange.run(params, check_mode=False, environ=os.environ, say=print, vault=vault("pw"))
    result.write_text(json.dumps(found))


if __name__ == "__main__":
    main()
