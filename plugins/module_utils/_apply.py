# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task does at one target: one service, or all of them planned together and applied in the right order."""

from __future__ import annotations

import hashlib
import json
import typing as t

from ansible_collections.cai.console.plugins.module_utils._authorization import as_read
from ansible_collections.cai.console.plugins.module_utils._converge import Change, concurrency, prepare
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._plan import nest
from ansible_collections.cai.console.plugins.module_utils._resources.alert_service import ALERT_SERVICE
from ansible_collections.cai.console.plugins.module_utils._resources.email_service import EMAIL_SERVICE
from ansible_collections.cai.console.plugins.module_utils._resources.server_properties import SERVER_PROPERTIES
from ansible_collections.cai.console.plugins.module_utils._transaction import Terms, Transaction

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._console import Console
    from ansible_collections.cai.console.plugins.module_utils._memory import Memory
    from ansible_collections.cai.console.plugins.module_utils._plan import Wishes
    from ansible_collections.cai.console.plugins.module_utils._resources._service import Service

SERVICES: tuple[Service, ...] = (SERVER_PROPERTIES, EMAIL_SERVICE, ALERT_SERVICE)
Result = t.Dict[str, t.Any]
Guard = t.Callable[[str, t.Sequence[Change]], None]
"""Gets the digest of what is stored and the planned changes before anything is written, and may refuse them."""


def apply_service(service: Service, console: Console, wishes: Wishes, memory: Memory, terms: Terms) -> Result:
    """Bring one service to what is wished and return the task's result."""
    transaction = Transaction(prepare(service, console, wishes, memory), console, memory, terms)
    transaction.check()
    settings = transaction.carry_out()
    return {
        **_summary(transaction.change),
        service.name: nest(settings),
        **(transaction.report if service.secrets else {}),
        "diff": transaction.change.plan.diff(),
        "warnings": [*transaction.all_warnings(), *memory.warnings],
    }


def apply_target(
    wishes: t.Mapping[str, Wishes],
    console: Console,
    memory: Memory,
    terms: Terms,
    *,
    require_suspend: bool,
    guard: Guard | None = None,
) -> Result:
    """Bring the services named in ``wishes`` to what is wished: everything is planned before anything is written."""
    transactions = {
        service.name: Transaction(
            prepare(service, console, wishes[service.name], memory),
            console,
            memory,
            terms if service.secrets else Terms(),
        )
        for service in SERVICES
        if service.name in wishes
    }
    warnings = _check_together({name: made.change for name, made in transactions.items()}, console, require_suspend)
    for transaction in transactions.values():
        transaction.check()
    changes = [transaction.change for transaction in transactions.values()]
    diff = _diff(changes)
    digest = _digest(changes, diff["before"])
    if guard:
        guard(digest, changes)
    settings = _carry_out(transactions)
    email = transactions.get(EMAIL_SERVICE.name)
    return {
        **_merged([_summary(change) for change in changes]),
        **settings,
        **({**email.report, **as_read(email.change.stored.facts)} if email else {}),
        "state_left": _state_left(transactions),
        "before_digest": digest,
        "diff": diff,
        "warnings": [
            *warnings,
            *(text for transaction in transactions.values() for text in transaction.all_warnings()),
            *memory.warnings,
        ],
    }


def _state_left(transactions: t.Mapping[str, Transaction]) -> dict[str, str]:
    return {name: transaction.report["state_left"] for name, transaction in transactions.items()}


def _diff(changes: t.Sequence[Change]) -> dict[str, Result]:
    diffs = {change.service.name: change.plan.diff() for change in changes}
    return {side: {name: diff[side] for name, diff in diffs.items()} for side in ("before", "after")}


def _digest(changes: t.Sequence[Change], before: Result) -> str:
    """Return a digest of what was stored before. A secret takes part by its state and by the console's stamp."""
    stamped = {
        change.service.name: [before[change.service.name], change.stored.stamp or change.stored.version]
        for change in changes
    }
    return hashlib.sha256(json.dumps(stamped, sort_keys=True).encode()).hexdigest()


def _summary(change: Change) -> Result:
    return {
        "changed": change.plan.changed,
        "secrets": [decision._asdict() for decision in change.plan.secrets],
        "stale_secrets": list(change.plan.stale),
        "authorization_at_risk": change.plan.authorization_at_risk,
        "why": change.plan.why(),
        "concurrency": concurrency(change.stored),
    }


def _merged(summaries: t.Sequence[Result]) -> Result:
    return {
        "changed": any(summary["changed"] for summary in summaries),
        "secrets": [row for summary in summaries for row in summary["secrets"]],
        "stale_secrets": [name for summary in summaries for name in summary["stale_secrets"]],
        "authorization_at_risk": any(summary["authorization_at_risk"] for summary in summaries),
        "why": [row for summary in summaries for row in summary["why"]],
        "concurrency": min((summary["concurrency"] for summary in summaries), default="best_effort"),
    }


def _carry_out(transactions: t.Mapping[str, Transaction]) -> Result:
    """Apply in order. Where one fails, the error says what the ones before it left."""
    settings: Result = {}
    for name in _order(transactions):
        try:
            settings[name] = nest(transactions[name].carry_out())
        except ConsoleError as error:
            left = _state_left(transactions)
            changed = any(state in ("saved", "disabled") for state in left.values())
            error.details = {**error.details, "changed": changed, "state_left": left}
            raise
    return settings


def _order(transactions: t.Mapping[str, Transaction]) -> list[str]:
    """Properties, email, alert; but an Email Service that goes off goes last, so that no alert ever points to it."""
    email = transactions.get(EMAIL_SERVICE.name)
    names = [service.name for service in SERVICES if service.name in transactions]
    if email and email.change.stored.settings["enabled"] and not email.change.plan.after["enabled"]:
        names.sort(key=lambda name: name == EMAIL_SERVICE.name)
    return names


def _check_together(changes: t.Mapping[str, Change], console: Console, require_suspend: bool) -> list[str]:
    """Refuse alerts that could not arrive; what the task does not touch is read, where an alert depends on it."""
    alert = changes.get(ALERT_SERVICE.name)
    if alert is None:
        email = changes.get(EMAIL_SERVICE.name)
        going_off = email and email.stored.settings["enabled"] and not email.plan.after["enabled"]
        after = console.read(ALERT_SERVICE.name).settings if going_off else None
    else:
        after = alert.plan.after
    if not after or not after["enabled"]:
        return []
    if after["action"] == "send_email" and not _after(EMAIL_SERVICE, changes, console)["enabled"]:
        raise ConsoleError("email_service_off", "The Alert Service would send email.", stage="plan")
    if alert is None or _after(SERVER_PROPERTIES, changes, console)["suspend_on_uncaught_fault"]:
        return []
    message = "Processes are not suspended on an uncaught fault, so alerts fire only for processes with that option."
    if require_suspend:
        raise ConsoleError("suspend_off", message, stage="plan")
    return [message]


def _after(service: Service, changes: t.Mapping[str, Change], console: Console) -> t.Mapping[str, t.Any]:
    change = changes.get(service.name)
    return change.plan.after if change else console.read(service.name).settings
