# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ports that Postfix serves: each is a kind of mail server, good or with one fault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Security = Literal["starttls", "tls", "none"]


@dataclass(frozen=True)
class Variant:
    """A service: its name, what it is for, how a client should speak to it, and Postfix's options for it.

    ``greylisted`` asks the bed's policy server at each RCPT. Option values may hold commas and blanks.
    """

    name: str
    says: str
    security: Security = "starttls"
    certificate: str = "good"
    options: Mapping[str, str] = field(default_factory=dict)
    auth: bool = True
    greylisted: bool = False

    def settings(self, policy_port: int, files: Mapping[str, str]) -> dict[str, str]:
        """Return all options of the service; ``files`` maps a certificate's name to "key, chain"."""
        level = {"starttls": "encrypt", "none": "none", "tls": "encrypt"}[self.security]
        found = {"syslog_name": f"postfix/{self.name}", "smtpd_tls_security_level": level}
        if self.security == "tls":
            found["smtpd_tls_wrappermode"] = "yes"
        if self.certificate != "good":
            found["smtpd_tls_chain_files"] = files[self.certificate]
        if self.auth:
            found |= SUBMISSION
        if self.greylisted:
            found["smtpd_recipient_restrictions"] = f"check_policy_service inet:127.0.0.1:{policy_port}"
        return found | dict(self.options)


SUBMISSION = MappingProxyType(
    {
        "smtpd_sasl_auth_enable": "yes",
        "smtpd_relay_restrictions": "permit_sasl_authenticated, reject",
        "smtpd_sender_restrictions": "reject_sender_login_mismatch",
    }
)
CLEAR = {"smtpd_tls_auth_only": "no"}
OLD_TLS = {
    "smtpd_tls_mandatory_protocols": "<=TLSv1.1",
    "smtpd_tls_mandatory_ciphers": "low",
    "tls_low_cipherlist": "ALL:@SECLEVEL=0",
}
BUSY = {
    "smtpd_delay_reject": "no",
    "smtpd_client_restrictions": "check_client_access static:{421 4.7.0 too busy, try later}",
}
#: As Exchange Online allows for one mailbox: 3 connections at a time, 30 messages a minute.
LIMITS = {"smtpd_client_connection_count_limit": "3", "smtpd_client_message_rate_limit": "30"}

VARIANTS = (
    Variant("submission", "STARTTLS required, AUTH after it; a sender is somebody's own address"),
    Variant("submissions", "implicit TLS", "tls"),
    Variant("optional-tls", "STARTTLS offered and not required", options={"smtpd_tls_security_level": "may"}),
    Variant("no-starttls", "no STARTTLS, AUTH offered in clear text", "none", options=CLEAR),
    Variant("expired", "its certificate expired a day ago", certificate="expired"),
    Variant("soon", "its certificate expires in five days", certificate="soon"),
    Variant("wrongname", "its certificate is another host's", certificate="wrongname"),
    Variant("untrusted", "its certificate is by an unknown authority", certificate="untrusted"),
    Variant("tls11", "speaks TLS 1.1 and older only", options=OLD_TLS),
    Variant(
        "oauth-only", "XOAUTH2 and OAUTHBEARER only", options={"smtpd_sasl_mechanism_filter": "xoauth2, oauthbearer"}
    ),
    Variant("stock-lines", "Postfix's own limit of 2,048 octets a line", options={"line_length_limit": "2048"}),
    Variant("throttled", "greets with 421 and hangs up", options=BUSY),
    Variant("limited", "3 connections at a time, 30 messages a minute", options=LIMITS),
    Variant("small", "messages of at most 4,096 octets", options={"message_size_limit": "4096"}),
    Variant("greylist", "a stranger's first try is put off", greylisted=True),
    Variant("ascii", "neither 8BITMIME nor SMTPUTF8", options={"smtpd_discard_ehlo_keywords": "8bitmime, smtputf8"}),
    Variant("mx", "takes mail for lab.test from anybody, without AUTH", "none", auth=False),
)
