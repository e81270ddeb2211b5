# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The console's half of a test: it is asked to test its mail, and what it says is told as the probe's stages."""

from __future__ import annotations

import re
import time
import typing as t

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._smtp._model import Reply, StageFault, readable, stages_of
from ansible_collections.cai.console.plugins.module_utils._smtp._probe import blank_report
from ansible_collections.cai.console.plugins.module_utils._smtp._rows import NOT_RUN, Rows
from ansible_collections.cai.console.plugins.module_utils._smtp._verdict import conclude, outcome

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._console import Console, TestOutcome

CANDIDATE = ("host", "port", "security", "authentication", "username")
_CODES = {
    "dns": "smtp_dns_failed",
    "connect": "smtp_unreachable",
    "banner": "smtp_banner_refused",
    "ehlo": "smtp_ehlo_refused",
    "starttls": "smtp_starttls_refused",
    "certificate": "smtp_certificate_refused",
    "ehlo_tls": "smtp_ehlo_refused",
    "auth_offer": "smtp_auth_not_offered",
    "auth": "smtp_auth_refused",
    "mail": "smtp_sender_refused",
    "rcpt": "smtp_recipient_refused",
    "data": "smtp_data_refused",
    "queued": "smtp_message_refused",
}
_NEEDS_A_REPLY = ("banner", "ehlo", "starttls", "ehlo_tls", "mail", "rcpt", "data")


def candidate(params: t.Mapping[str, t.Any], stored: t.Any, chosen: dict[str, t.Any]) -> dict[str, t.Any] | None:
    """Return the settings that the console shall try over what it has stored; None: what it has stored.

    A candidate that would hand the stored secret to another server or user is refused.
    """
    given = {name: chosen[name] for name in CANDIDATE if params[name] is not None}
    moved = [name for name in given if stored.settings.get(name) != given[name]]
    if params["password"] is None:
        if moved and not params["reuse_stored_secret"]:
            raise ConsoleError(
                "secret_required",
                f"The console would try its stored secret with another {', '.join(moved)}.",
                stage="options",
                remedy="Give password too, or accept it with reuse_stored_secret=true.",
            )
        return {"settings": {**stored.settings, **given}, "secrets": {}} if moved else None
    if params["vantage"] == "both" and not given:
        # The password was given for this host's probe. The console tests what it has stored.
        return None
    return {"settings": {**stored.settings, **given}, "secrets": {"password": params["password"]}}


def ask(
    console: Console,
    stored: t.Any,
    wish: dict[str, t.Any] | None,
    recipient: str | None,
    chosen: t.Mapping[str, t.Any],
) -> dict[str, t.Any]:
    """Let the console test the ``chosen`` settings, and return its report."""
    began = time.perf_counter()
    said = console.test(
        "email_service",
        stored if wish else None,
        wish["settings"] if wish else stored.settings,
        wish["secrets"] if wish else {},
        recipient,
    )
    report = told(said, chosen)
    report["ms"] = round((time.perf_counter() - began) * 1000, 1)
    report["tested"] = "candidate" if wish else "stored"
    return report


def told(said: TestOutcome, chosen: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Tell a console's outcome as a report; ``chosen``: the security and authentication that it tested.

    What its test does not say stays unknown.
    """
    rows = Rows()
    rows.skip_needless(chosen["security"])
    if chosen["authentication"] == "none":
        for needless in ("auth_offer", "auth"):
            rows.skip(needless, "No sign-in was asked for.")
    report = {**blank_report(rows), "shared": False, "not_tried": None}
    text = readable(said.message)
    order = stages_of(chosen["security"])
    stage = said.stage if said.stage in order else None
    passed = order[: order.index(stage)] if stage else order[:-1] if said.ok else ()
    for name in passed:
        if rows.stages[name]["status"] == NOT_RUN:
            rows.stages[name]["status"] = "passed"
    if said.ok:
        rows.note("queued", text)
        report["outcome"] = "accepted"
        return report
    reply = Reply(said.code, re.sub(rf"^\s*{said.code}[ -]", "", said.message)) if said.code else None
    fault = StageFault(_error_code(stage, said.code), text, reply=reply, stage=stage)
    report.update(conclude(fault), detail=text, outcome=outcome(fault, ""))
    if stage is not None:
        rows.fail(fault)
        rows.stages[stage]["remedy"] = report["remedy"]
    return report


def _error_code(stage: str | None, code: int | None) -> str:
    if stage == "auth" and (code is None or code < 500):
        return "smtp_auth_interrupted"
    if stage == "queued" and code is None:
        return "smtp_outcome_unknown"
    # Where there was no reply, nobody refused: it may be the network, or the time that it took.
    if stage in _NEEDS_A_REPLY and code is None:
        return "smtp_console_failed"
    return _CODES.get(stage or "", "smtp_auth_refused" if code in (534, 535) else "smtp_console_failed")
