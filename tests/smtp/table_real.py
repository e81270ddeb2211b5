# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenarios with real servers: Postfix and Dovecot answer, and the verdicts are those of the scripted ones."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ansible_collections.cai.console.plugins.module_utils._smtp._model import Arrival, Imap

from .certificates import Kinds
from .rows import removed
from .scenarios import Also, Expect, Place, Scenario, Serve

if TYPE_CHECKING:
    from ..real_parts.mail import RealMail

ALICE = {"username": "alice@lab.test", "secret": "alice-pw", "sender": "alice@lab.test", "recipient": "alice@lab.test"}


def real_table(mail: RealMail) -> list[Scenario]:
    """Return the scenarios of a mail system that is running."""
    ca_pem = mail.ca.read_text()

    def at(variant: str) -> Serve:
        @contextlib.contextmanager
        def serve(_kinds: Kinds) -> Iterator[Place]:
            yield Place(mail.host, mail.port(variant), ca_pem)

        return serve

    def watched(user: str, wait: float = 20.0) -> dict[str, Any]:
        name = user.partition("@")[0]
        imap = Imap(mail.host, mail.port("imaps"), "ssl", user, f"{name}-pw", ca_pem=ca_pem)
        return {"arrival": Arrival(imap=imap, wait=wait, poll=0.2), "stop_after": "delivered"}

    def case(
        name: str, variant: str, expect: Expect, settings: Mapping[str, Any] | None = None, also: Also = None
    ) -> Scenario:
        return Scenario(f"real: {name}", at(variant), expect, {**ALICE, **(settings or {})}, also=also)

    refused = Expect("certificate", retryable=False, error="smtp_certificate_refused")
    sent = Expect(outcome="accepted")
    bob = {"sender": "bob@lab.test"}
    return [
        case("STARTTLS and PLAIN", "submission", sent),
        case("LOGIN", "submission", sent, {"mechanism": "LOGIN"}),
        case("implicit TLS", "submissions", sent, {"security": "ssl"}),
        case("Dovecot's submission", "dovecot", sent),
        case(
            "a wrong password",
            "submission",
            Expect("auth", 535, "5.7.8", False, error="smtp_auth_refused"),
            {"secret": "wrong-pw"},
        ),
        case(
            "a refused token",
            "submission",
            Expect("auth", 535, "5.7.8", False, error="smtp_auth_refused"),
            {"authentication": "oauth", "secret": "junk"},
        ),
        case("expired", "expired", refused),
        case("wrong name", "wrongname", refused),
        case("untrusted", "untrusted", refused),
        case("ends soon", "soon", Expect(finding="certificate_expires_soon", outcome="accepted")),
        case("TLS 1.1 at most", "tls11", Expect("starttls", retryable=False, error="smtp_tls_failed")),
        case(
            "no STARTTLS",
            "no-starttls",
            Expect("starttls", retryable=False, error="smtp_starttls_missing", finding="auth_in_clear"),
        ),
        case(
            "a password without TLS",
            "no-starttls",
            Expect("auth_offer", retryable=False, error="smtp_auth_in_clear"),
            {"security": "none"},
        ),
        case("tokens only", "oauth-only", Expect("auth_offer", retryable=False, error="smtp_auth_not_offered")),
        case("throttled", "throttled", Expect("banner", 421, "4.7.0", True, error="smtp_banner_refused")),
        case(
            "too large",
            "small",
            Expect("mail", 552, "5.3.4", False, error="smtp_sender_refused"),
            {"message_size": 20000},
        ),
        case(
            "sender not owned", "submission", Expect("rcpt", 553, "5.7.1", False, error="smtp_recipient_refused"), bob
        ),
        case("greylisted", "greylist", Expect("rcpt", 450, "4.2.0", True, error="smtp_recipient_refused")),
        case(
            "no SMTPUTF8", "ascii", Expect("mail", retryable=False, error="smtp_smtputf8_missing"), {"smtputf8": True}
        ),
        case("a server without sign-in", "mx", sent, {"security": "none", "authentication": "none"}),
        case("arrives", "submission", Expect(outcome="delivered"), watched("alice@lab.test"), removed),
        case(
            "arrives as junk",
            "submission",
            Expect(outcome="delivered", finding="in_junk"),
            {**watched("junk@lab.test"), "recipient": "junk@lab.test"},
        ),
        case(
            "accepted but deferred",
            "submission",
            Expect("delivered", 451, "4.3.0", True, outcome="deferred", error="smtp_deferred"),
            {**watched("alice@lab.test", 3.0), "recipient": "deferred@lab.test"},
        ),
        case(
            "returned",
            "submission",
            Expect("delivered", 552, "5.2.2", False, outcome="bounced", error="smtp_bounced"),
            {**watched("alice@lab.test"), "recipient": "full@lab.test"},
        ),
    ]
