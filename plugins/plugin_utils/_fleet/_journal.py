# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A line for each target that is done, so that a run that is killed leaves behind what is left to do."""

from __future__ import annotations

import contextlib
import json
import os
import typing as t

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.plugin_utils._fleet._model import Outcome


class Journal:
    """Appends JSON lines to a file of mode 0600, each at once. No setting and no secret is in it."""

    def __init__(self, stream: t.TextIO | None) -> None:
        self._stream = stream

    def note(self, outcome: Outcome) -> None:
        """Write ``{"host", "target", "status", "code", "before_digest"}``."""
        if self._stream is None:
            return
        result = outcome.result
        line = {
            "host": outcome.host,
            "target": (result.get("target") or {}).get("id"),
            "status": outcome.status,
            "code": (result.get("error") or {}).get("code"),
            "before_digest": result.get("before_digest"),
        }
        self._stream.write(json.dumps(line) + "\n")
        self._stream.flush()


@contextlib.contextmanager
def opened_journal(path: str | None) -> t.Iterator[Journal]:
    """Open the journal; without a path nothing is written."""
    if path is None:
        yield Journal(None)
        return
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError as error:
        raise ConsoleError(
            "invalid_option", f"journal {path} cannot be written: {error.strerror}.", stage="options"
        ) from None
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        yield Journal(stream)
