# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""System Services of a target: three sections, each a form, and the test of the email service."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ETag, web

from cai_lab.console.bodies import ConsoleError
from cai_lab.console.canaries import CANARIES
from cai_lab.console.deployment import deployed
from cai_lab.console.dialect import WORDS
from cai_lab.console.documents import Document
from cai_lab.fleet import Target
from cai_lab.page.desk import Answer, Ask, Visit
from cai_lab.page.forms import EMAIL, SERVICES, Form, Service, mistake
from cai_lab.page.guard import POLICY, origin_of, policy
from cai_lab.page.shell import SERVICES as ADDRESS
from cai_lab.page.shell import Inside, Shell, redirect

POLL_S = 0.05


@dataclass
class Section:
    """A section as shown: the form's values (None = no form), the stored document, its version, and what happened."""

    service: Service
    values: dict[str, str | bool] | None = None
    document: Document = field(default_factory=dict)
    version: str = ""
    error: str = ""
    title: str = "Not read"
    again: bool = False
    notice: str = ""
    recipient: str = ""
    result: dict[str, Any] | None = None


class ServicesPage:
    """The handlers of the page's main view."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    async def show(self, visit: Visit, target: Target, form: Form) -> web.StreamResponse:
        """The three sections as stored."""
        section = await self._read(visit, target, SERVICES[form["saved"]]) if form.get("saved") in SERVICES else None
        if section is not None and section.values is not None:
            section.notice = "Saved."
        return await self._page(visit, target, section)

    def saver(self, service: Service) -> Inside:
        """The handler that saves a section."""

        async def save(visit: Visit, target: Target, form: Form) -> web.StreamResponse:
            if problem := mistake(service, form):
                return await self._again(visit, target, form, service, ConsoleError(400, "PAGE", problem), "Not saved")
            try:
                document = await self._candidate(visit, target, form, service)
                ask = Ask(f"write_{service.resource}", document, if_match=_version(form))
                await self._shell.desk.at(visit, target, ask)
            except ConsoleError as error:
                title = "Perhaps not saved" if error.status == 502 else "Not saved"
                return await self._again(visit, target, form, service, error, title)
            return redirect(ADDRESS, target=target.id, saved=service.name)

        return save

    async def test(self, visit: Visit, target: Target, form: Form) -> web.StreamResponse:
        """Test the email service with what is in the form; nothing is saved."""
        if problem := mistake(EMAIL, form):
            return await self._again(visit, target, form, EMAIL, ConsoleError(400, "PAGE", problem), "Not tested")
        try:
            result = await self._tested(visit, target, form)
        except ConsoleError as error:
            return await self._again(visit, target, form, EMAIL, error, "Not tested")
        section = await self._typed(visit, target, form, EMAIL)
        section.result = result
        return await self._page(visit, target, section)

    async def authorize(self, visit: Visit, target: Target, form: Form) -> web.StreamResponse:
        """Authorize Access with what is saved: on to the consent at the OAuth server."""
        try:
            answer = await self._shell.desk.at(visit, target, Ask("start_authorization"))
            link = str(_document(answer)["authorizationUrl"])
            if not origin_of(link):
                raise ConsoleError(400, "PAGE", "The Authorization URL is no web address.")
        except ConsoleError as error:
            section = await self._read(visit, target, EMAIL)
            section.error, section.title = error.message, "Not authorized"
            return await self._page(visit, target, section, error.status)
        return redirect(link)

    async def _tested(self, visit: Visit, target: Target, form: Form) -> dict[str, Any]:
        body: dict[str, Any] = {}
        if self._shell.console.switches["test_values"] != "stored":
            body["configuration"] = await self._candidate(visit, target, form, EMAIL)
        if recipient := form.get("recipient", "").strip():
            body["recipient"] = recipient
        desk = self._shell.desk
        result = await desk.at(visit, target, Ask("test_email_service", body))
        while _document(result).get("state") == "RUNNING":
            await asyncio.sleep(POLL_S)
            ask = Ask("read_email_test", match_info={"job": result.document["jobId"]})
            result = await desk.at(visit, target, ask)
        return _document(result)

    async def _candidate(self, visit: Visit, target: Target, form: Form, service: Service) -> Document:
        current = await self._shell.desk.at(visit, target, Ask(f"read_{service.resource}"))
        return service.document(_document(current), form)

    async def _read(self, visit: Visit, target: Target, service: Service) -> Section:
        try:
            answer = await self._shell.desk.at(visit, target, Ask(f"read_{service.resource}"))
            document = _document(answer)
        except ConsoleError as error:
            return Section(service, error=error.message)
        return Section(service, service.shown(document), document, answer.version or "")

    async def _typed(self, visit: Visit, target: Target, form: Form, service: Service) -> Section:
        """A section with what was typed, over the version that it was typed for."""
        stored = await self._read(visit, target, service)
        return Section(
            service,
            service.typed(form),
            stored.document,
            form.get("version", ""),
            again=bool(service.secrets_typed(form)),
            recipient=form.get("recipient", "").strip(),
        )

    async def _again(
        self, visit: Visit, target: Target, form: Form, service: Service, error: ConsoleError, title: str
    ) -> web.StreamResponse:
        section = await self._typed(visit, target, form, service)
        section.error, section.title = error.message, title
        return await self._page(visit, target, section, error.status)

    async def _page(
        self, visit: Visit, target: Target, changed: Section | None = None, status: int = 200
    ) -> web.StreamResponse:
        sections = {
            name: changed if changed and changed.service is service else await self._read(visit, target, service)
            for name, service in SERVICES.items()
        }
        errors = {section.error for section in sections.values()}
        unread = all(section.values is None for section in sections.values())
        page = self._shell.page(
            visit,
            target,
            "services",
            status,
            sections=sections,
            down=errors.pop() if unread and len(errors) == 1 else "",
            securities=self._securities(),
            deployed=sorted(deployed(self._shell.console, target).keys() - CANARIES.keys()),
            clears=self._shell.console.switches["omitted_secret"] == "cleared",
            tests_stored=self._shell.console.switches["test_values"] == "stored",
        )
        # The browser holds a form to the policy even where the answer to it sends it on.
        provider = origin_of(str(sections["email"].document.get("oauth", {}).get("authorizationUrl") or ""))
        page.headers[POLICY] = policy(*filter(None, [provider]))
        return page

    def _securities(self) -> dict[str, str]:
        """The console's words for the security of the connection, and what people call it."""
        words = WORDS[self._shell.console.switches["security_words"]]
        return {words[None] or "": "None", words["TLS"] or "": "TLS", words["SSL"] or "": "SSL"}


def _document(answer: Answer) -> Document:
    if not isinstance(answer.document, dict):
        raise ConsoleError(502, "CAI_502", "The server's answer is not what was expected.")
    return answer.document


def _version(form: Form) -> tuple[ETag, ...] | None:
    """The version that the form was made from."""
    version = form.get("version", "").strip('"')
    return (ETag(value=version),) if version else None
