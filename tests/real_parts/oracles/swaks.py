# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""swaks (Perl, Net::SSLeay): sends mail, or stops after a stage."""

from __future__ import annotations

import re

from .. import parts
from .verdicts import HELO, Case, Stage, Verdict, handshake, run

REFUSED = re.compile(r"^(?:<~\*|<\*\*) +(\d{3})[ -]", re.MULTILINE)
STAGES: dict[int, Stage] = {2: "connect", 21: "banner", 23: "mail", 24: "rcpt", 25: "data", 26: "queued", 28: "auth"}
TLS_FAILED = 29
NOT_OFFERED = "requested type not available"


class Swaks:
    """Does not know XOAUTH2 and OAUTHBEARER."""

    name = "swaks"

    def check(self, case: Case) -> Verdict | None:
        """Play the case."""
        if case.mechanism not in {None, "PLAIN"}:
            return None
        command = [parts.program("swaks"), "--server", case.host, "--port", str(case.port), "--helo", HELO]
        command += ["--timeout", "20", "--data", "-", "--tls-verify", "--tls-ca-path", str(case.ca)]
        command += {"starttls": ["--tls"], "tls": ["--tls-on-connect"], "none": []}[case.security]
        if case.mechanism:
            command += ["--auth", case.mechanism, "--auth-user", case.user, "--auth-password", case.secret]
        if case.recipient:
            command += ["--from", case.sender, "--to", case.recipient]
        else:
            command += ["--to", "nobody@lab.test", "--quit-after", "AUTH" if case.mechanism else "HELO"]
        ended = run(command, case.message())
        return Verdict() if ended.code == 0 else self._judge(case, ended.code, ended.output)

    def _judge(self, case: Case, code: int, output: str) -> Verdict:
        refused = REFUSED.findall(output)
        if code == TLS_FAILED:
            bad = "certificate verify failed" in output
            return Verdict("certificate" if bad else handshake(case))
        if code == 28 and NOT_OFFERED in output:
            return Verdict("auth_offer")
        return Verdict(STAGES.get(code, "queued"), int(refused[0]) if refused else None)
