# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The console's half of a test: it is asked to test its mail, and what it says is told as the probe's stages."""

from __future__ import annotations

import re
import time
import typing as t

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._smtp._model import STAGES, Reply, StageFault, readable
from ansible_collections.cai.console.plugins.module_utils._smtp._probe import blank_report
from ansible_collections.cai.console.plugins.module_utils._smtp._verdict import conclude

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


def ask(console: Console, stored: t.Any, wish: dict[str, t.Any] | None, recipient: str | None) -> dict[str, t.Any]:
    """Let the console test, and return its report."""
    began = time.perf_counter()
    said = console.test(
        "email_service",
        stored if wish else None,
        wish["settings"] if wish else stored.settings,
        wish["secrets"] if wish else {},
        recipient,
    )
    report = told(said)
    report["ms"] = round((time.perf_counter() - began) * 1000, 1)
    report["tested"] = "candidate" if wish else "stored"
    return report


def told(said: TestOutcome) -> dict[str, t.Any]:
    """Tell a console's outcome as a report. What its test does not say stays unknown."""
    report = {**blank_report(), "shared": False, "not_tried": None}
    text = readable(said.message)
    stage = said.stage if said.stage in STAGES else None
    passed = STAGES[: STAGES.index(stage)] if stage else STAGES[:-1] if said.ok else ()
    for name in passed:
        report["stages"][name]["status"] = "passed"
    if said.ok:
        report["stages"]["queued"]["detail"] = text or None
        report["outcome"] = "accepted"
        return report
    reply = Reply(said.code, re.sub(rf"^\s*{said.code}[ -]", "", said.message)) if said.code else None
    fault = StageFault(_error_code(stage, said.code), text, reply=reply, stage=stage)
    report.update(conclude(fault), detail=text)
    if stage:
        row = report["stages"][stage]
        row.update(status="failed", detail=text, remedy=report["remedy"])
        row.update(code=report["code"], enhanced_code=report["enhanced_code"])
    return report


def _error_code(stage: str | None, code: int | None) -> str:
    if stage == "auth" and (code is None or code < 500):
        return "smtp_auth_interrupted"
    return _CODES.get(stage or "", "smtp_auth_refused" if code in (534, 535) else "smtp_console_failed")
