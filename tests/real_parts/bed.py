# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All real parts together: the provider, and the mail system that asks it about tokens."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path
from types import TracebackType

from .mail import RealMail
from .pki import Pki
from .provider import RealProvider


class Bed:
    """``provider`` and ``mail`` under one authority (``pki``); a context manager."""

    def __init__(self) -> None:
        self._cleanup = contextlib.ExitStack()

    def __enter__(self) -> Bed:
        with contextlib.ExitStack() as cleanup:
            folder = Path(tempfile.mkdtemp(prefix="cai-pki-"))
            cleanup.callback(shutil.rmtree, folder, ignore_errors=True)
            # Postfix's and Dovecot's own users read the authority; the keys are for root alone.
            folder.chmod(0o755)
            self.pki = Pki(folder)
            self.provider = cleanup.enter_context(RealProvider(self.pki))
            self.mail = cleanup.enter_context(RealMail(self.provider.introspection_url, self.pki))
            self._cleanup = cleanup.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._cleanup.close()
