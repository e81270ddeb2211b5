# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""curl (OpenSSL): sends mail, or signs in and says NOOP."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from .. import parts
from .verdicts import HELO, Case, Stage, Verdict, handshake, run

REPLY = re.compile(r"^< (\d{3})[ \r\n]", re.MULTILINE)
STAGES: dict[int, Stage] = {7: "connect", 8: "banner", 60: "certificate", 64: "starttls", 67: "auth"}
TLS_FAILED = 35
NO_MECHANISM = "No known authentication mechanisms supported"
LATER: tuple[tuple[str, Stage], ...] = (("MAIL failed", "mail"), ("RCPT failed", "rcpt"), ("DATA failed", "data"))


class Curl:
    """Plays all cases."""

    name = "curl"

    def check(self, case: Case) -> Verdict | None:
        """Play the case."""
        with tempfile.TemporaryDirectory() as name:
            mail = Path(name) / "mail"
            mail.write_text(case.message(), encoding="utf-8")
            # Its settings come by its input, so that no secret is in the list of processes.
            ended = run([parts.program("curl"), "-q", "-K", "-"], "\n".join(self._settings(case, mail)))
        return Verdict() if ended.code == 0 else self._judge(case, ended.code, ended.output)

    def _settings(self, case: Case, mail: Path) -> list[str]:
        scheme = "smtps" if case.security == "tls" else "smtp"
        settings = [f'url = "{scheme}://{case.host}:{case.port}/{HELO}"', f'cacert = "{case.ca}"', "verbose", "silent"]
        settings += ["show-error", "max-time = 25", 'noproxy = "*"']
        if case.security != "none":
            settings.append("ssl-reqd")
        if case.mechanism:
            settings.append(f'login-options = "AUTH={case.mechanism}"')
            password = case.secret if case.mechanism == "PLAIN" else ""
            settings.append(f'user = "{case.user}:{password}"')
        if case.mechanism in {"XOAUTH2", "OAUTHBEARER"}:
            settings.append(f'oauth2-bearer = "{case.secret}"')
        if case.recipient is None:
            return [*settings, 'request = "NOOP"']
        sent = [f'mail-from = "{case.sender}"', f'mail-rcpt = "{case.recipient}"', f'upload-file = "{mail}"', "crlf"]
        return [*settings, *sent]

    def _judge(self, case: Case, code: int, output: str) -> Verdict:
        # What follows the refusal is the answer to QUIT.
        refused = next((int(found) for found in reversed(REPLY.findall(output)) if found >= "400"), None)
        if code == TLS_FAILED:
            return Verdict(handshake(case))
        if code == 67 and (NO_MECHANISM in output or refused is None):
            return Verdict("auth_offer")
        stage = STAGES.get(code) or next((stage for text, stage in LATER if text in output), "queued")
        return Verdict(stage, refused)
