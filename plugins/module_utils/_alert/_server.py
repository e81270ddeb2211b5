# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The processes of one execution target, by documented addresses: run one, list them. Ending one is observed only.

No binding is needed for that. An agent that is reached through the cloud is the exception: where its addresses begin is
not documented, so the user's binding has to say it.
"""

from __future__ import annotations

import re
import typing as t
from urllib.parse import quote

from ansible_collections.cai.console.plugins.module_utils._alert._model import SUSPENDED, Process
from ansible_collections.cai.console.plugins.module_utils._bindings._json_body import JsonBody
from ansible_collections.cai.console.plugins.module_utils._console import Console
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError, HttpFailure, LostReply

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._access import Access
    from ansible_collections.cai.console.plugins.module_utils._targets import Target
    from ansible_collections.cai.console.plugins.module_utils._transport import Reply

BASES = {"cloud": "{console}/active-bpel", "agent_direct": "{agent}/process-engine"}
ADMINISTRATION = "/restadmin"
LIST = {"method": "GET", "path": f"{ADMINISTRATION}/processes/", "mutates": False}
DOCUMENTED = {"headers": ["IDS-SESSION-ID"]}
# As the console's own page does it; seen in public code (jonbowring/idmc-cli api.py), documented nowhere.
OBSERVED = {"cookies": ["USER_SESSION"], "doubled": [{"cookie": "XSRF_TOKEN", "header": "XSRF_TOKEN"}]}
# What the engine answers where a process that is waited for ends in a fault.
FAULT_STATUS = 500
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Listed(t.NamedTuple):
    """The processes that the list shows, whether these are all, and the server's time, if it says it."""

    processes: list[Process]
    complete: bool
    time: str | None


class ProcessServer:
    """One target's processes. ``binding`` is the user's, or None."""

    def __init__(self, access: Access, target: Target, binding: dict[str, t.Any] | None) -> None:
        self._access = access
        self.target = target
        self._bases = dict(BASES)
        through_cloud = str((binding or {}).get("bases", {}).get("agent_through_cloud", ""))
        if through_cloud.endswith(ADMINISTRATION):
            self._bases["agent_through_cloud"] = through_cloud[: -len(ADMINISTRATION)]

    def run(self, name: str, document: t.Mapping[str, t.Any], id_at: str) -> str | None:
        """Run a process; return the id that it answers with, if it does. That a fault or nothing is answered is no
        failure here: the list of processes tells.
        """
        operation = {"method": "POST", "path": _run_path(name), "mutates": True}
        try:
            reply, _what = self._ask(operation, "run", body=JsonBody(dict(document)))
        except LostReply:
            return None
        except HttpFailure as error:
            if error.status == FAULT_STATUS:
                return None
            if error.status == 404:
                raise ConsoleError("canary_missing", error.message, stage="run", target=self.target.name) from None
            raise
        return _id_in(reply, id_at)

    def look(self, process_id: str | None = None) -> Listed:
        """Return the list of processes, or what it says of one."""
        query = {} if process_id is None else {"query": {"processId": process_id}}
        reply, what = self._ask({**LIST, **query}, "read")
        answer = reply.json(f"The answer to {what}", "read")
        rows = answer.get("process") if isinstance(answer, dict) else None
        if not isinstance(rows, list):
            raise ConsoleError("unexpected_reply", f"The answer to {what} has no list of processes.", stage="read")
        found = [_process(row) for row in rows if isinstance(row, dict) and row.get("processId")]
        return Listed(found, answer.get("completeRowCount") is True, reply.headers.get("date"))

    def end(self, process_id: str) -> None:
        """End a process; a ConsoleError where that is refused."""
        path = f"{ADMINISTRATION}/processes/{quote(process_id, safe='')}/terminate"
        self._ask({"method": "PUT", "path": path, "query": {"isManual": "true"}, "mutates": True}, "end", OBSERVED)

    def plan(self, name: str) -> tuple[str, str, str]:
        """Return what would be asked for to run a process, to see it, and to end it."""
        base = self._console({}, DOCUMENTED).base
        processes = f"{base}{LIST['path']}"
        return f"POST {base}{_run_path(name)}", f"GET {processes}?processId=ID", f"PUT {processes}ID/terminate"

    def _console(self, operation: t.Mapping[str, t.Any], carriers: t.Mapping[str, t.Any]) -> Console:
        binding: dict[str, t.Any] = {
            "meta": {"name": "of the documented addresses"},
            "bases": self._bases,
            "session": carriers,
            "operations": {"it": operation},
            "services": {},
        }
        access = self._access
        connection = access.connection
        return Console(access.session, access.transport, connection, binding, self.target, read_only=access.check_mode)

    def _ask(
        self,
        operation: t.Mapping[str, t.Any],
        stage: str,
        carriers: t.Mapping[str, t.Any] | None = None,
        body: JsonBody | None = None,
    ) -> tuple[Reply, str]:
        return self._console(operation, carriers or DOCUMENTED).exchange("it", stage=stage, body=body)


def _run_path(name: str) -> str:
    return f"/rt/{quote(name, safe='/')}"


def _id_in(reply: Reply, place: str) -> str | None:
    try:
        found = JsonBody(reply.json("The canary's answer", "run")).get(place)
    except (ConsoleError, TypeError, AttributeError):
        return None
    text = str(found) if isinstance(found, (str, int)) and not isinstance(found, bool) else ""
    return text if _ID.fullmatch(text) else None


def _process(row: t.Mapping[str, t.Any]) -> Process:
    name = row.get("processName")
    state = str(row.get("processState") or "unknown").upper()
    return Process(
        id=str(row["processId"]),
        name=str(name.get("value") if isinstance(name, dict) else row.get("title")),
        state=SUSPENDED if state.startswith(SUSPENDED) else state,
        reason=_word(row.get("processStateReason")),
        persistence=_word(row.get("persistenceType")),
        started=str(row["started"]) if row.get("started") else None,
    )


def _word(value: t.Any) -> str | None:
    return str(value).upper() if value else None
