# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The probe of ``smtp_test``, asked as the other clients are."""

from __future__ import annotations

from typing import cast

from ansible_collections.cai.console.plugins.module_utils._smtp._model import Settings, TlsTerms
from ansible_collections.cai.console.plugins.module_utils._smtp._probe import run_probe

from .verdicts import HELO, Case, Stage, Verdict

SECURITY = {"starttls": "tls", "tls": "ssl", "none": "none"}


class Ours:
    """Plays all cases."""

    name = "smtp_test"

    def check(self, case: Case) -> Verdict:
        """Play the case."""
        report = run_probe(self._settings(case))
        return Verdict(cast(Stage | None, report["failed_stage"]), report["code"])

    def _settings(self, case: Case) -> Settings:
        kinds = {None: "none", "PLAIN": "password"}
        return Settings(
            host=case.host,
            port=case.port,
            security=SECURITY[case.security],
            authentication=kinds.get(case.mechanism, "oauth"),
            username=case.user or None,
            secret=case.secret or None,
            mechanism=case.mechanism,
            sender=case.sender or None,
            recipient=case.recipient,
            # An equal share of text makes the message of a case as large as the other clients'.
            message_size=len(case.message()),
            tls=TlsTerms(ca_pem=case.ca.read_text(encoding="utf-8")),
            stop_after="queued" if case.recipient else "auth" if case.mechanism else "ehlo_tls",
            ehlo_name=HELO,
        )
