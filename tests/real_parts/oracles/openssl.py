# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""openssl s_client: a connection and its certificate; it knows nothing of mail but STARTTLS."""

from __future__ import annotations

from .. import parts
from .verdicts import HELO, Case, Verdict, handshake, run

REFUSED = "Connection refused"
BAD = ("verify error", "certificate verify failed")


class OpenSsl:
    """Plays the cases without AUTH and without a message."""

    name = "openssl"

    def check(self, case: Case) -> Verdict | None:
        """Play the case."""
        if case.mechanism or case.recipient or case.security == "none":
            return None
        command = [
            parts.program("openssl"),
            "s_client",
            "-connect",
            f"{case.host}:{case.port}",
            "-CAfile",
            str(case.ca),
        ]
        command += ["-verify_hostname", case.host, "-verify_return_error", "-brief"]
        if case.security == "starttls":
            command += ["-starttls", "smtp", "-name", HELO]
        ended = run(command, "QUIT\n")
        if ended.code == 0:
            return Verdict()
        if REFUSED in ended.output:
            return Verdict("connect")
        return Verdict("certificate" if any(text in ended.output for text in BAD) else handshake(case))
