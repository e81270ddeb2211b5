# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Does this collection fit an organisation? Reads only. One finding per check, with what to do next."""

from __future__ import annotations

import datetime
import email.utils
import typing as t

from ansible_collections.cai.console.plugins.module_utils._binding import find_binding
from ansible_collections.cai.console.plugins.module_utils._console import Console
from ansible_collections.cai.console.plugins.module_utils._doctor_more import Finding, Wanted, compare, rewrite
from ansible_collections.cai.console.plugins.module_utils._entries import entries_of
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._replies import failure
from ansible_collections.cai.console.plugins.module_utils._targets import CLOUD_SERVER, Directory, list_targets

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._access import Access
    from ansible_collections.cai.console.plugins.module_utils._targets import Target
    from ansible_collections.cai.console.plugins.module_utils._transport import Reply

MAX_SKEW = 120.0
SAMPLE = 5
PROCESSES = "/active-bpel/restadmin/processes/"
CHECKS = (
    "address",
    "tls",
    "clock",
    "sign_in",
    "organization",
    "targets",
    "engines",
    "privilege",
    "binding",
    "services",
)
MORE_CHECKS = ("bindings", "write", "entries")
"""Made only where they are asked for."""


def examine(access: Access, names: t.Sequence[str] | None, wanted: Wanted) -> dict[str, t.Any]:
    """Return ``{"fit": bool, "findings": [{"check", "verdict", "message", "remedy"}], "report": [str]}``.

    ``names``: the execution targets whose services are read; without them, the Cloud Server and some that are running.
    """
    examination = Examination(access, names, wanted)
    findings = examination.run()
    wrote = any(finding.check == "write" and finding.verdict == "ok" for finding in findings)
    return {
        "changed": wrote,
        "fit": not any(finding.verdict == "failed" for finding in findings),
        "findings": [finding._asdict() for finding in findings],
        "report": [finding.as_line() for finding in findings],
        **({"entries": examination.entries} if wanted.entries else {}),
    }


class Examination:
    """Runs the checks in order. A check whose precondition failed is skipped, so that only the right line is red."""

    def __init__(self, access: Access, names: t.Sequence[str] | None, wanted: Wanted) -> None:
        self._wanted = wanted
        self._access = access
        self._names = names
        self._findings: list[Finding] = []
        self._targets: list[Target] = []
        self.entries: list[dict[str, str]] = []

    def run(self) -> list[Finding]:
        """Return the findings, at least one for each check."""
        reply = self._attempt("address", self._reach)
        if reply is not None:
            self._clock(reply)
            if self._attempt("sign_in", self._sign_in) is not None:
                self._attempt("targets", self._list)
                if self._attempt("privilege", self._privilege) is not None:
                    self._services()
                    self._more()
        seen = {finding.check for finding in self._findings}
        self._findings += [
            Finding(check, "skipped", "Not examined, because of what failed before.")
            for check in CHECKS
            if check not in seen
        ]
        return sorted(self._findings, key=lambda finding: (*CHECKS, *MORE_CHECKS).index(finding.check))

    def _attempt(self, check: str, work: t.Callable[[], t.Any]) -> t.Any:
        """Return what ``work`` returns, or None where it failed; then the failure is a finding."""
        try:
            return work()
        except ConsoleError as error:
            self._fail(check, error)
            return None

    def _fail(self, check: str, error: ConsoleError) -> None:
        if error.code == "tls_failed":
            self._say("address", "ok", f"{self._access.connection.sign_in_url} answers.")
            check = "tls"
        elif error.code == "organization_mismatch":
            self._say("sign_in", "ok", "The console accepts the user.")
            check = "organization"
        where = f"{error.target}: " if error.target else ""
        self._findings.append(Finding(check, "failed", f"{where}{error.message}", error.remedy))

    def _say(self, check: str, verdict: str, message: str, remedy: str = "") -> None:
        self._findings.append(Finding(check, verdict, message, remedy))

    def _reach(self) -> Reply:
        url = self._access.connection.sign_in_url
        reply = self._access.transport.send("GET", f"{url}/", stage="sign_in", follow=False)
        self._say("address", "ok", f"{url} answers.")
        secure = url.startswith("https:")
        self._say("tls", "ok", "The certificate is trusted." if secure else "Plain http, as the address says.")
        return reply

    def _clock(self, reply: Reply) -> None:
        try:
            theirs = email.utils.parsedate_to_datetime(reply.headers["date"])
            skew = (datetime.datetime.now(datetime.timezone.utc) - theirs).total_seconds()
        except (KeyError, TypeError, ValueError):
            self._say("clock", "skipped", "The server does not say its time.")
            return
        if abs(skew) <= MAX_SKEW:
            self._say("clock", "ok", "This host and the console agree about the time.")
        else:
            self._say("clock", "warning", f"This host's clock differs by {skew:.0f} seconds.", "Set this host's clock.")

    def _sign_in(self) -> str:
        session = self._access.session.id
        ids = ", ".join(self._access.session.organization_ids)
        self._say(
            "sign_in", "ok", "The console accepts the user." if ids else "A session was given; it is not renewed."
        )
        self._say(
            "organization", "ok", f"The organisation is {ids}." if ids else "Not known, since a session was given."
        )
        return session

    def _list(self) -> list[Target]:
        self._targets = list_targets(self._access.session)
        usable = [target for target in self._targets if target.status is not None and not target.group]
        self._say("targets", "ok", f"{len(usable)} execution targets: {_some(target.name for target in usable)}.")
        stopped = [target.name for target in usable if not target.is_running()]
        if stopped:
            self._say("engines", "warning", f"Not running: {_some(stopped)}.", "Start their Process Server.")
        else:
            self._say("engines", "ok", "Every process engine is running.")
        return self._targets

    def _privilege(self) -> bool:
        access = self._access
        base = access.connection.console_url or access.session.platform_url.rsplit("/", 1)[0]
        reply = access.session.send(
            "GET",
            base + PROCESSES,
            lambda session_id: {"IDS-SESSION-ID": session_id},
            stage="read",
            headers={"Accept": "application/json"},
            retry=True,
        )
        if reply.status >= 300:
            raise failure(reply, f"GET {base}{PROCESSES}", stage="read")
        reply.json(f"The answer to GET {base}{PROCESSES}", "read")
        self._say("privilege", "ok", "The user may read the documented list of processes of the Cloud Server.")
        return True

    def _services(self) -> None:
        try:
            binding = find_binding(self._access.connection.binding)
        except ConsoleError as error:
            verdict = "warning" if error.code == "binding_missing" else "failed"
            self._findings.append(Finding("binding", verdict, error.message, error.remedy))
            return
        self._say("binding", "ok", f"The binding {binding['meta']['name']} describes {binding['meta']['describes']}.")
        running = [target.name for target in self._targets if target.is_running()]
        for name in self._names or (running or [CLOUD_SERVER.name])[:SAMPLE]:
            self._attempt("services", lambda name=name: self._service(name, binding))  # type: ignore[misc]

    def _service(self, name: str, binding: dict[str, t.Any]) -> bool:
        target = Directory(self._targets).choose(name)
        console = self._console(binding, target, read_only=True)
        try:
            for service in binding["services"]:
                console.read(service)
        except ConsoleError as error:
            error.target = target.name
            raise
        fields = sum(len(bound["fields"]) for bound in binding["services"].values())
        services = ", ".join(service.replace("_", " ") for service in binding["services"])
        self._say(
            "services", "ok", f"{target.name}: {services} are readable; {fields} fields stand where the binding says."
        )
        return True

    def _more(self) -> None:
        wanted = self._wanted
        if wanted.bindings is not None:
            self._attempt("bindings", self._compare)
        if wanted.write:
            self._attempt("write", self._write)
        if wanted.entries:
            self._attempt("entries", self._list_entries)

    def _compare(self) -> bool:
        """Say of each binding how much of it fits."""
        target = self._sample()
        rows = compare(self._wanted.bindings or (), lambda binding: self._console(binding, target, read_only=True))
        for name, readable, said in rows:
            verdict = "ok" if not said else "warning"
            fits = "fits" if not said else f"reads {', '.join(readable) or 'nothing'}: {said}"
            self._say("bindings", verdict, f"{target.name}: the binding {name} {fits}")
        return True

    def _write(self) -> bool:
        """Write what is there already, and read it back."""
        if self._access.check_mode:
            self._say("write", "skipped", "Nothing is written in check mode.")
            return True
        binding = find_binding(self._access.connection.binding)
        target = self._sample()
        console = self._console(binding, target, read_only=False)
        services, moved = rewrite(console, self._wanted.password, self._wanted.client_secret)
        said = f" The console changed by itself: {', '.join(moved)}." if moved else ""
        self._say("write", "ok", f"{target.name}: written as read, and equal: {', '.join(services)}.{said}")
        return True

    def _list_entries(self) -> bool:
        """List what stands in the console's documents."""
        target = self._sample()
        self.entries = entries_of(self._console(find_binding(self._access.connection.binding), target, read_only=True))
        self._say("entries", "ok", f"{target.name}: {len(self.entries)} entries are listed; what may be secret is not.")
        return True

    def _sample(self) -> Target:
        return Directory(self._targets).choose((self._names or [CLOUD_SERVER.name])[0])

    def _console(self, binding: dict[str, t.Any], target: Target, *, read_only: bool) -> Console:
        access = self._access
        return Console(access.session, access.transport, access.connection, binding, target, read_only=read_only)


def _some(names: t.Iterable[str]) -> str:
    listed = list(names)
    rest = len(listed) - 10
    return ", ".join(listed[:10]) + (f" and {rest} more" if rest > 0 else "")
