# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service's address, and its operations."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from typing import cast

from aiohttp import web

from cai_lab.clock import seconds
from cai_lab.console.bodies import ConsoleError, not_found
from cai_lab.console.core import Console
from cai_lab.console.gate import Call, Route
from cai_lab.console.server_log import entries
from cai_lab.console.services import Services
from cai_lab.dialects.store import Mistake
from cai_lab.soap.engine import Engine
from cai_lab.soap.envelope import Refused, answer, asked, element, fault

WORDS = ("Identity", "Email", "Eventing", "Task", "Messaging", "Alert", "Engine", "Process", "All")
VERSION = "9.2.6"
Handler = Callable[[Call, ET.Element], ET.Element | None]


class ActiveBpelAdmin:
    """The handlers of the service."""

    def __init__(self, console: Console, services: Services) -> None:
        self._console = console
        self._engine = Engine(console, services)
        self._handlers: Mapping[str, tuple[str, bool, Handler]] = {
            "getConfigurationInput": ("get_configuration", False, self._reader("configuration", "getConfiguration")),
            "setConfigurationInput": ("set_configuration", True, self._writer("configuration")),
            "getServerSettingsInput": ("get_server_settings", False, self._reader("settings", "getServerSettings")),
            "setServerSettingsInput": ("set_server_settings", True, self._writer("settings")),
            "getAPIVersionInput": ("get_api_version", False, self._version),
            "getServerLogListInput": ("get_server_log_list", False, self._log),
        }

    def routes(self, base: str) -> list[Route]:
        """Below the base of a target's processes."""
        return [Route("POST", f"{base}/ActiveBpelAdmin", "activebpel_admin", self._answer, scope="restadmin")]

    async def _answer(self, call: Call) -> web.Response:
        try:
            return answer(await self._carry(call))
        except Refused as error:
            return fault(error)
        except (Mistake, ConsoleError) as error:
            return fault(Refused(str(error), "Server"))

    async def _carry(self, call: Call) -> ET.Element | None:
        request = cast("web.Request", call.request)
        org = call.session.user.org
        if request.match_info.get("organization", org.id) not in (org.id, org.uuid):
            raise not_found("There is no such organisation.")
        if request.content_type != "text/xml" or "SOAPAction" not in request.headers:
            raise Refused("SOAP 1.1 needs text/xml and the header SOAPAction.")
        name, sent = asked(await request.read())
        if name not in self._handlers:
            raise Refused(f"The operation of {name} is not served here.")
        call.entry.operation, call.entry.mutates, handler = self._handlers[name]
        call.entry.members = sorted({inner.tag.rpartition("}")[2] for inner in sent.iter()})
        if call.entry.mutates and call.target.org is not org:
            raise Refused("A shared group is changed by its owner only.", "Server")
        return handler(call, sent)

    def _reader(self, document: str, name: str) -> Handler:
        def read(call: Call, _sent: ET.Element) -> ET.Element:
            root = element(f"a:{name}Output")
            element("a:xmlString", root, self._engine.read(call.target, document))
            return root

        return read

    def _writer(self, document: str) -> Handler:
        def write(call: Call, sent: ET.Element) -> None:
            text = sent.findtext("{*}xmlString")
            if text is None:
                raise Refused("xmlString is missing.")
            try:
                self._engine.write(call, document, text)
            except Mistake:
                raise
            except ValueError:
                self._console.log(call.target, "Engine", "A configuration could not be read.", level="Error")
                if self._console.switches["unreadable_document"] == "fault":
                    raise Refused("The document cannot be read.", "Server") from None

        return write

    def _version(self, _call: Call, _sent: ET.Element) -> ET.Element:
        root = element("a:getAPIVersionOutput")
        element("a:response", root, VERSION)
        return root

    def _log(self, call: Call, sent: ET.Element) -> ET.Element:
        word = sent.findtext("{*}serverLog/{*}AesServerLogOtherInfo/{*}service") or "All"
        if word not in WORDS:
            raise Refused("The log has no such service.")
        root = element("a:getServerLogListOutput")
        response = element("a:response", root)
        found = entries(self._console, call.target, None if word == "All" else word)
        element("a:totalRowCount", response, str(len(found)))
        element("a:completeRowCount", response, "true")
        for entry in found:
            row = element("a:serverLog", response)
            element("l:time", row, str(round(seconds(entry["time"]) * 1000)))
            message = element("l:logMessage", row)
            element("l:message", message, entry["message"])
            more = element("l:AesServerLogOtherInfo", message)
            for name in ("level", "source", "service"):
                element(f"l:{name}", more, entry[name])
        element("a:empty", response, "false" if found else "true")
        return root
