# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""msmtp (GnuTLS): sends mail; without a message it only asks the server for its information."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from .. import parts
from .verdicts import HELO, Case, Stage, Verdict, handshake, run

SAID = re.compile(r"server message: (\d{3})")
#: In this order, as one line may stand beside another.
SENTENCES: tuple[tuple[str, Stage], ...] = (
    ("cannot connect to", "connect"),
    ("TLS certificate verification failed", "certificate"),
    ("does not support TLS via the STARTTLS command", "starttls"),
    ("does not support authentication", "auth_offer"),
    ("authentication failed", "auth"),
    ("cannot use a secure authentication method", "auth_offer"),
    ("envelope from address", "mail"),
    ("recipient address", "rcpt"),
    ("did not accept the mail", "queued"),
    ("cannot get initial OK message from server", "banner"),
)


class Msmtp:
    """Cannot sign in without sending."""

    name = "msmtp"

    def check(self, case: Case) -> Verdict | None:
        """Play the case."""
        if case.mechanism and case.recipient is None:
            return None
        with tempfile.TemporaryDirectory() as name:
            settings = Path(name) / "msmtprc"
            settings.touch(mode=0o600)
            settings.write_text(self._settings(case), encoding="utf-8")
            command = [parts.program("msmtp"), "-C", str(settings), "-a", "case"]
            if case.recipient is None:
                ended = run([*command, "--serverinfo"])
            else:
                ended = run([*command, case.recipient], case.message())
        return Verdict() if ended.code == 0 else self._judge(case, ended.output)

    def _settings(self, case: Case) -> str:
        lines = [f"account case\nhost {case.host}\nport {case.port}\ndomain {HELO}\ntimeout 20"]
        lines.append("tls off" if case.security == "none" else f"tls on\ntls_trust_file {case.ca}")
        lines.append(f"tls_starttls {'on' if case.security == 'starttls' else 'off'}")
        if case.mechanism:
            lines.append(f'auth {case.mechanism.lower()}\nuser {case.user}\npassword "{case.secret}"')
        return "\n".join([*lines, f"from {case.sender}" if case.sender else "", ""])

    def _judge(self, case: Case, output: str) -> Verdict:
        said = SAID.search(output)
        stage = next((stage for sentence, stage in SENTENCES if sentence in output), handshake(case))
        return Verdict(stage, int(said[1]) if said else None)
