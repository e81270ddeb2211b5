# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One grant, one holder: which refresh tokens were handed to a console, and so belong to nobody here any more.

For each there is a file below ``state_dir``. It is named by a digest of the token and says who
holds it, so that nothing can be done with it by who has no such token.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import typing as t

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError, LostReply
from ansible_collections.cai.console.plugins.module_utils._files import replace_file


def name_of(token: str) -> str:
    """Return how a token is called in files."""
    return hashlib.sha256(b"cai.console name " + token.encode()).hexdigest()


class HandedOver:
    """The marks below ``state_dir``."""

    def __init__(self, state_dir: str) -> None:
        self._folder = os.path.join(os.path.expanduser(state_dir), "handed_over")

    def check(self, *tokens: str, to: str | None = None) -> None:
        """Refuse tokens that a console has; ``to`` names the one that may have them."""
        for token in tokens:
            holder = self._holder(token)
            if holder is not None and holder != to:
                message = f"The refresh token was handed over to the console of {holder or 'another target'}."
                raise ConsoleError("token_handed_over", message, stage="options")

    @contextlib.contextmanager
    def handing(self, token: str, to: str) -> t.Iterator[None]:
        """Hand a token over inside: the mark is there before, and goes only if the console surely has not got it."""
        path = self._path(token)
        try:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            replace_file(path, to.encode(), durable=True)
        except OSError as error:
            raise ConsoleError("state_dir_unusable", f"{path}: {error.strerror}.", stage="options") from None
        try:
            yield
        except LostReply:
            raise
        except ConsoleError:
            os.unlink(path)
            raise

    def _path(self, token: str) -> str:
        return os.path.join(self._folder, name_of(token))

    def _holder(self, token: str) -> str | None:
        try:
            with open(self._path(token), encoding="utf-8") as mark:
                return mark.read()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise ConsoleError(
                "state_dir_unusable", f"{self._path(token)}: {error.strerror}.", stage="options"
            ) from None
