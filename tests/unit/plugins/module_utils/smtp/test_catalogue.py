# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue of replies: size, sources, and that each row can be reached."""

from __future__ import annotations

import pytest
from ansible_collections.cai.console.plugins.module_utils._errors import FAULTS
from ansible_collections.cai.console.plugins.module_utils._smtp._catalogue import CATALOGUE, explain
from ansible_collections.cai.console.plugins.module_utils._smtp._model import Reply, StageFault, readable
from ansible_collections.cai.console.plugins.module_utils._smtp._verdict import conclude, outcome

TENANT, ADMIN = "tenant_admin", "mail_admin"


def test_it_has_at_least_forty_rows_each_with_its_source():
    assert len(CATALOGUE) >= 40
    assert [row for row in CATALOGUE if not row.source.startswith(("documented: ", "observed: "))] == []
    assert {row.who for row in CATALOGUE} == {"mail_admin", "tenant_admin", "you"}


@pytest.mark.parametrize(
    "text, stage, word, who, retry",
    [
        (
            "535 5.7.139 no: SmtpClientAuthentication is disabled for the Mailbox.",
            "auth",
            "this mailbox",
            TENANT,
            False,
        ),
        ("535 5.7.139 no: user is locked by the security defaults policy.", "auth", "Security defaults", TENANT, False),
        ("535 5.7.139 no: basic authentication is disabled.", "auth", "December 2026", TENANT, False),
        ("550 5.7.30 Basic authentication is not supported.", "auth", "December 2026", TENANT, False),
        ("530 5.7.0 Must issue a STARTTLS command first", "mail", "wants TLS", "you", False),
        ("454 TLS not available due to local problem", "starttls", "cannot do TLS", ADMIN, True),
        ("450 4.2.0 <a@b>: Recipient address rejected: Greylisted", "rcpt", "Greylisting", ADMIN, True),
        ("553 5.7.1 <b@x>: Sender address rejected: not owned by user a@x", "mail", "another user", ADMIN, False),
    ],
)
def test_a_reply_is_explained(text, stage, word, who, retry):
    row = explain(Reply(int(text[:3]), text[4:]), stage)
    assert row is not None
    assert (word in row.cause, row.who, row.retry) == (True, who, retry)


def test_no_row_is_hidden_by_one_before_it():
    hidden = []
    for number, row in enumerate(CATALOGUE):
        words = (row.text or "").replace("|", " ").replace("grey.?list", "greylist")
        text = f"{row.enhanced or ''} {words}".strip()
        stages = row.stages or ("dns",)
        codes = [row.code] if row.code is not None else [550]
        found = [explain(Reply(code, text), stage) for code in codes for stage in stages]
        if row not in found:
            hidden.append((number, row.code, row.enhanced, row.text))
    assert hidden == []


def test_an_unknown_reply_passes_through():
    assert explain(Reply(599, "9.9.9 strange"), "rcpt") is None
    fault = StageFault("smtp_recipient_refused", "599 strange", reply=Reply(599, "strange"), stage="rcpt")
    assert (conclude(fault)["code"], conclude(fault)["retryable"]) == (599, False)


def test_every_error_code_of_a_probe_is_in_the_catalogue_of_errors():
    assert {code for code in FAULTS if code.startswith("smtp_")} >= {"smtp_auth_refused", "smtp_outcome_unknown"}


def test_outcomes():
    assert outcome(None, "queued") == "accepted"
    assert outcome(None, "delivered") == "delivered"
    assert outcome(None, "rcpt") == "not_sent"
    assert outcome(StageFault("smtp_outcome_unknown", ""), "data") == "unknown"
    assert outcome(StageFault("smtp_sender_refused", ""), "auth") == "not_sent"


def test_a_servers_text_is_bounded_and_without_control_characters():
    assert readable(b"a\x1b[31mb\nc\xff") == "a[31mb / c\N{REPLACEMENT CHARACTER}"
    assert len(readable("x" * 5000)) == 500
