# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a fault to a verdict: which stage, whose turn it is, whether to try again, and what became of the message."""

from __future__ import annotations

import typing as t

from ansible_collections.cai.console.plugins.module_utils._faults_smtp import SMTP_FAULTS
from ansible_collections.cai.console.plugins.module_utils._smtp._catalogue import explain
from ansible_collections.cai.console.plugins.module_utils._smtp._row import MAIL_ADMIN, YOU

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._smtp._model import StageFault
    from ansible_collections.cai.console.plugins.module_utils._smtp._row import Row

# Faults that the user's own settings cause; all others are the mail server's administrator's.
_YOURS = {
    "smtp_dns_failed",
    "smtp_unreachable",
    "smtp_auth_in_clear",
    "smtp_auth_not_offered",
    "smtp_auth_refused",
    "smtp_fingerprint_mismatch",
    "smtp_mailbox_unreadable",
    "smtp_outcome_unknown",
    "smtp_sender_refused",
    "smtp_recipient_refused",
    "smtp_smtputf8_missing",
    "smtp_plaintext_injected",
    "smtp_starttls_stripped",
}
NO_VERDICT: dict[str, t.Any] = {
    "failed_stage": None,
    "code": None,
    "enhanced_code": None,
    "retryable": None,
    "who": None,
    "cause": None,
    "remedy": None,
    "error_code": None,
}


def conclude(fault: StageFault) -> dict[str, t.Any]:
    """Return ``failed_stage``, ``code``, ``enhanced_code``, ``retryable``, ``who``, ``cause``, ``remedy`` and
    ``error_code`` of the fault that ended a probe.
    """
    meaning, general, remedy = SMTP_FAULTS[fault.error_code]
    row = explain(fault.reply, str(fault.stage)) if fault.reply is not None else None
    return {
        "failed_stage": fault.stage,
        "code": fault.reply.code if fault.reply else None,
        "enhanced_code": fault.reply.enhanced if fault.reply else None,
        "retryable": _retryable(fault, row, general),
        "who": fault.who or (row.who if row else YOU if fault.error_code in _YOURS else MAIL_ADMIN),
        "cause": row.cause if row else meaning,
        "remedy": fault.remedy or (row.remedy if row else remedy),
        "error_code": fault.error_code,
    }


def _retryable(fault: StageFault, row: Row | None, general: bool) -> bool:
    """The fault's own word counts first, then the catalogue's row; a reply without one is temporary if it is 4xx."""
    if fault.retryable is not None:
        return fault.retryable
    if row is not None:
        return row.retry
    return fault.reply.code < 500 if fault.reply is not None else general


def outcome(fault: StageFault | None, reached: str) -> str:
    """Return what became of the message: ``not_sent``, ``accepted``, ``delivered``, ``deferred``, ``bounced``,
    ``lost`` or ``unknown``.
    """
    if fault is None:
        return {"queued": "accepted", "delivered": "delivered"}.get(reached, "not_sent")
    known = {
        "smtp_outcome_unknown": "unknown",
        "smtp_deferred": "deferred",
        "smtp_bounced": "bounced",
        "smtp_lost": "lost",
    }
    if fault.error_code in known:
        return known[fault.error_code]
    return "accepted" if reached == "queued" else "not_sent"
