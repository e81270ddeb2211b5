# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The console's own test of an email service: it really connects, and never stores anything."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from typing import Any

from aiohttp import web

from cai_lab.console import dialect, outbox
from cai_lab.console.bodies import bad_request, not_found, reply
from cai_lab.console.core import Console
from cai_lab.console.documents import EMAIL, Stored, combine, record, text
from cai_lab.console.gate import Call, Route
from cai_lab.console.services import load
from cai_lab.fleet import Target

JOBS_KEPT = 1000


class MailTest:
    """The handlers of the test; jobs (switch ``test_answer``) live in memory."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._jobs: dict[tuple[str, str, str], dict[str, Any]] = {}

    def routes(self, base: str) -> list[Route]:
        """Below a restadmin base."""
        path = f"{base}/server/services/email/test"
        return [
            Route("POST", path, "test_email_service", self._start, scope="restadmin", mutates=True),
            Route("GET", f"{path}/{{job}}", "read_email_test", self._job, scope="restadmin"),
        ]

    async def _start(self, call: Call) -> web.Response:
        document = call.document if call.request.body_exists else {}
        service = self._values(call.target, document)
        recipient = self._recipient(service, document)
        if self._console.switches["test_answer"] == "now":
            return reply(await self._run(call.target, service, recipient))
        job = secrets.token_hex(8)
        key = (*call.target.owner, job)
        while len(self._jobs) >= JOBS_KEPT:
            del self._jobs[next(iter(self._jobs))]
        self._jobs[key] = {"jobId": job, "state": "RUNNING"}

        async def work() -> None:
            self._jobs[key] = {"jobId": job, "state": "DONE", **await self._run(call.target, service, recipient)}

        self._console.spawn(work())
        return reply({"jobId": job, "state": "RUNNING"}, 202)

    async def _job(self, call: Call) -> web.Response:
        job = self._jobs.get((*call.target.owner, call.request.match_info["job"]))
        if job is None:
            raise not_found("There is no such test.")
        return reply(job)

    def _values(self, target: Target, document: dict[str, Any]) -> Stored:
        """The stored service, or the candidate over it: a secret that it leaves out is the stored one."""
        stored = load(self._console, EMAIL, target)
        switches = self._console.switches
        candidate = document.get("configuration")
        if candidate is None:
            if switches["test_values"] == "candidate":
                raise bad_request("configuration is missing.")
            return stored
        if switches["test_values"] == "stored":
            raise bad_request("configuration is not taken: the stored values are tested.")
        if problem := record(candidate):
            raise bad_request(f"configuration {problem}.")
        sent = dialect.incoming(switches, candidate)
        return combine(EMAIL, stored, sent, merge=switches["partial_write"] == "merge", keep_secrets=True)

    def _recipient(self, service: Stored, document: dict[str, Any]) -> str:
        rule = self._console.switches["test_recipient"]
        recipient = document.get("recipient")
        if recipient is not None and (problem := text(recipient)):
            raise bad_request(f"recipient {problem}.")
        if rule == "required" and not recipient:
            raise bad_request("recipient is missing.")
        fallback = outbox.sender_of(service.values)
        return fallback if rule == "ignored" or not recipient else recipient

    async def _run(self, target: Target, service: Stored, recipient: str) -> dict[str, Any]:
        subject = f"Test of the email service of {target.name}"
        result = await outbox.deliver(self._console, target, service, recipient, subject, f"{subject}.\n")
        level, outcome = ("Info", "succeeded") if result.ok else ("Error", f"failed at {result.stage}")
        self._console.log(target, "Email", f"A test of the email service {outcome}: {result.message}", level=level)
        return asdict(result)
