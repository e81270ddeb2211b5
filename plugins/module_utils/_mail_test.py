# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The task of ``smtp_test``: a probe from this host, the console's own test, or both, and one verdict."""

from __future__ import annotations

import dataclasses
import json
import typing as t

from ansible_collections.cai.console.plugins.module_utils._access import require_target
from ansible_collections.cai.console.plugins.module_utils._connection import CONNECTION_SPEC
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._smtp import _console_half, _options
from ansible_collections.cai.console.plugins.module_utils._smtp._compare import compare
from ansible_collections.cai.console.plugins.module_utils._smtp._ledger import LocalLedger, Ticket, holding
from ansible_collections.cai.console.plugins.module_utils._smtp._probe import blank_report, run_probe
from ansible_collections.cai.console.plugins.module_utils._smtp._spec import PROBE_SPEC
from ansible_collections.cai.console.plugins.module_utils._tasks import TARGET_SPEC, Task

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._access import Access
    from ansible_collections.cai.console.plugins.module_utils._console import Console
    from ansible_collections.cai.console.plugins.module_utils._smtp._ledger import Name, ProbeLedger
    from ansible_collections.cai.console.plugins.module_utils._smtp._model import Settings
    from ansible_collections.cai.console.plugins.module_utils._tasks import Params, Result, Spec, Work

Probe = t.Callable[["Settings"], t.Dict[str, t.Any]]
NOT_TRIED = "mailbox_refused"
CHECK_MODE = "Check mode: no packet left this host, and nothing was tested."
# Findings that somebody should act on although nothing failed.
_WARN = {"certificate_expires_soon", "in_junk", "duplicates", "token", "ehlo_changed", "auth_in_clear"}
# What the half that decides says of a failure.
_OF_A_FAILURE = ("failed_stage", "code", "enhanced_code", "retryable", "who", "cause", "remedy")
MODULE_SPEC: Spec = {
    "vantage": {"type": "str", "choices": ["module_host", "console", "both"], "default": "module_host"},
    "max_connections": {"type": "int", "default": 2},
    "max_messages_per_minute": {"type": "int", "default": 20},
    "reuse_stored_secret": {"type": "bool", "default": False, "no_log": False},
}


def smtp_testing(ledger: ProbeLedger | None = None, probe: Probe = run_probe, where: str = "") -> Task:
    """Return the task.

    ``ledger``: what the run knows of mailboxes; without one, what this process knows. ``probe``: how a probe is run,
    here or elsewhere; ``where`` names that place, since equal probes from two places are not equal.
    """
    book = ledger or LocalLedger()

    def prepare(params: Params) -> Work:
        _check(params)
        return lambda access: _MailTest(params, access, book, probe, where).run()

    spec = {**CONNECTION_SPEC, **TARGET_SPEC, **MODULE_SPEC, **PROBE_SPEC}
    return Task(spec, prepare, lambda params: _wants_console(params) and _has_console(params))


def _wants_console(params: Params) -> bool:
    return params["vantage"] != "module_host" or not params["host"]


def _has_console(params: Params) -> bool:
    return bool(params["console_url"] or params["console_region"])


def _check(params: Params) -> None:
    """Refuse what can never be right; no connection is made here, to nobody."""
    if _wants_console(params) and not _has_console(params):
        if params["vantage"] != "module_host":
            raise _options.wrong(f"vantage is {params['vantage']}, but no console is given (console_url).")
        raise ConsoleError("smtp_no_server", "Neither host nor console_url is set.", stage="options")
    _options.check(params)
    for name in ("max_connections", "max_messages_per_minute"):
        if params[name] < 1:
            raise _options.wrong(f"{name} must be at least 1.")
    if params["vantage"] == "console":
        if params["token"] is not None:
            raise _options.wrong("token is of no use with vantage=console: the console fetches its own.")
        return
    if not _wants_console(params):
        _options.settings(params, _options.wanted(params, None))


class _MailTest:
    """One target's test. Each half goes through the ledger, so that a mailbox is neither crowded nor locked."""

    def __init__(self, params: Params, access: Access, ledger: ProbeLedger, probe: Probe, where: str) -> None:
        self._params = params
        self._access = access
        self._ledger = ledger
        self._probe = probe
        self._where = where
        self._target: dict[str, str] | None = None

    def run(self) -> Result:
        """Test, and return the result, or raise what is wrong, with the whole result in its details."""
        params, vantage = self._params, self._params["vantage"]
        if self._access.check_mode:
            return {"changed": False, "checked": False, "vantage": vantage, "verdict": CHECK_MODE, **blank_report()}
        console, stored = self._read_console()
        chosen = _options.wanted(params, stored.settings if stored else None)
        here = there = None
        if vantage != "console":
            here = self._from_here(_options.settings(params, chosen))
        if vantage != "module_host":
            there = self._from_console(t.cast("Console", console), stored, chosen)
        return self._result(chosen, here, there)

    def _read_console(self) -> tuple[Console | None, t.Any]:
        if not _wants_console(self._params):
            return None, None
        console = self._access.console(require_target(self._params["target"]))
        self._target = console.target.as_name()
        return console, console.read("email_service")

    def _from_here(self, settings: Settings) -> dict[str, t.Any]:
        signs_in = settings.authentication != "none" and _options.reaches(self._params, "auth")
        equal = (self._where, json.dumps(dataclasses.asdict(settings), sort_keys=True, default=str))
        wait = settings.arrival.wait if settings.arrival else 0.0
        proof = settings.secret if signs_in else None
        ticket = self._ticket(settings.host, settings.username, equal, settings.budget + wait + 60.0, proof)
        imap = settings.arrival.imap if settings.arrival else None
        if imap is not None:
            there = (f"imap://{imap.host.casefold()}", imap.username.casefold())
            ticket = dataclasses.replace(ticket, arrival=there, arrival_proof=imap.password or imap.token)
        with holding(self._ledger, ticket) as entry:
            if entry.claim.refused is not None and (signs_in or imap):
                return _not_tried(entry.claim.refused, of_arrival=entry.claim.mailbox == ticket.arrival)
            if entry.claim.report is not None:
                return {**entry.claim.report, "shared": True}
            report = {**self._probe(settings), "shared": False, "not_tried": None}
            entry.report = report
            entry.refused, entry.proven = _accepted(report, ticket, signs_in)
            return report

    def _from_console(self, console: Console, stored: t.Any, chosen: dict[str, t.Any]) -> dict[str, t.Any]:
        candidate = _console_half.candidate(self._params, stored, chosen)
        secret = candidate["secrets"].get("password") if candidate else None
        # Which secret the console has stored is not known, so it counts as one of its own.
        proof = secret or f"stored for {(self._target or {})['id']}"
        if chosen["authentication"] == "none":
            proof = None
        ticket = self._ticket(chosen["host"] or "", chosen["username"], None, 180.0, proof)
        with holding(self._ledger, ticket) as entry:
            if entry.claim.refused is not None:
                return _not_tried(entry.claim.refused)
            report = _console_half.ask(console, stored, candidate, self._params["recipient"], chosen)
            if report["failed_stage"] == "auth" and report["error_code"] == "smtp_auth_refused":
                entry.refused = {ticket.mailbox}
            if report["stages"]["auth"]["status"] == "passed":
                entry.proven = {ticket.mailbox}
            return report

    def _ticket(
        self, host: str, user: str | None, probe: tuple[str, str] | None, seconds: float, proof: str | None
    ) -> Ticket:
        name = (self._target or {}).get("name") or self._params["target"] or "another task"
        return Ticket(
            mailbox=(host.casefold(), (user or "").casefold()),
            probe=probe,
            owner=name,
            seconds=seconds,
            sends=_options.reaches(self._params, "data"),
            connections=self._params["max_connections"],
            messages=self._params["max_messages_per_minute"],
            proof=proof,
        )

    def _result(
        self, chosen: dict[str, t.Any], here: dict[str, t.Any] | None, there: dict[str, t.Any] | None
    ) -> Result:
        name = (self._target or {}).get("name") or self._params["target"]
        verdict = compare(here, there, f"{chosen['host']}:{chosen['port']}", name)
        main = t.cast("dict[str, t.Any]", there if here is None else here)
        result: Result = {
            "changed": False,
            "checked": True,
            "vantage": self._params["vantage"],
            "settings": {key: chosen[key] for key in ("host", "port", "security", "authentication", "username")},
            **main,
            "console": there,
            "comparison": verdict.comparison,
            "verdict": verdict.sentence,
        }
        if self._target is not None:
            result["target"] = self._target
        if main.get("findings"):
            result["warnings"] = [f["detail"] for f in main["findings"] if f["name"] in _WARN]
        if verdict.error_code is None:
            return result
        deciding = t.cast("dict[str, t.Any]", there) if verdict.of_console else main
        raise _fault(verdict.error_code, {**result, **{key: deciding[key] for key in _OF_A_FAILURE}}, name)


def _fault(code: str, result: Result, target: str | None) -> ConsoleError:
    """The error that carries the whole result."""
    return ConsoleError(
        code,
        result["verdict"],
        stage=result["failed_stage"] or "test",
        target=target,
        retryable=result["retryable"],
        remedy=result["remedy"],
        details=result,
    )


def _accepted(report: t.Mapping[str, t.Any], ticket: Ticket, signs_in: bool) -> tuple[set[Name], set[Name]]:
    """Return the ticket's mailboxes that refused their secret, and those that accepted it."""
    refused: set[Name] = set()
    proven: set[Name] = set()
    stages = report["stages"]
    if report["error_code"] == "smtp_auth_refused":
        # The same user there is the same mailbox.
        refused.update(place.mailbox for place in ticket.places() if place.mailbox[1] == ticket.mailbox[1])
    if signs_in and stages["auth"]["status"] == "ok":
        proven.add(ticket.mailbox)
    if ticket.arrival is not None:
        if report["mailbox_refused"]:
            refused.add(ticket.arrival)
        # It is opened just before MAIL.
        elif stages["mail"]["status"] != "not_run":
            proven.add(ticket.arrival)
    return refused, proven


def _not_tried(owner: str, *, of_arrival: bool = False) -> dict[str, t.Any]:
    """The report of a target that was left alone: its mailbox has refused a sign-in in this run."""
    which = "mailbox in which the message should arrive" if of_arrival else "mailbox"
    return {
        **blank_report(),
        "shared": False,
        "not_tried": NOT_TRIED,
        "error_code": "smtp_mailbox_refused",
        "retryable": False,
        "who": "you",
        "detail": f"The {which} refused the sign-in of {owner}.",
        "cause": "The mailbox refused another target's sign-in in this run.",
        "remedy": "Correct the secret, then run again; repeated refusals lock accounts.",
    }
