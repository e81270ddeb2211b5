# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the evidence to the verdict: which of the things that keep an alert from people it was."""

from __future__ import annotations

import typing as t

from ansible_collections.cai.console.plugins.module_utils._alert._model import FAULTED, SUSPENDED

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._alert._model import Evidence, Process


class Verdict(t.NamedTuple):
    """``word`` is the result's verdict, ``said`` a sentence or two, ``code`` the error's, None where all is well."""

    word: str
    said: str
    code: str | None = None
    remedy: str | None = None


def judge(found: Evidence) -> Verdict:
    """Return the verdict. That persistence is too low is seen first: whatever else is right, it suspends nothing."""
    process = found.process
    if found.alert is not None:
        way = "by mail" if found.by_mail else "as a call"
        said = f"The alert came {way} after {found.alert.latency_ms:g} ms ({found.alert.place})."
        return Verdict("alerted", f"{found.canary} was {_state(process)}. {said}")
    if process is None:
        return Verdict(
            "persistence",
            f"{found.canary} ran and is not in the list of processes, which holds every process but those with the "
            "persistence None.",
            "alert_persistence_low",
            "Set the process's persistence to Full or Persist, and publish it again; or, if it is that already, let "
            "process_id_at name the place of its own id in its answer.",
        )
    if process.state == SUSPENDED:
        return _unheard(found)
    if process.state == FAULTED:
        return _not_suspended(found, process)
    return Verdict("no_fault", f"{found.canary} is {process.state}, so it did not fault.", "canary_without_fault")


def _state(process: Process | None) -> str:
    return process.state.lower() if process else "not listed"


def _not_suspended(found: Evidence, process: Process) -> Verdict:
    said = f"{found.canary} faulted and was not suspended"
    if process.is_too_low:
        return Verdict(
            "persistence",
            f"{said}: its persistence is {process.persistence}, and only Full and Persist can be suspended.",
            "alert_persistence_low",
        )
    if found.known.suspends is not None:
        if not found.known.suspends:
            return Verdict("property_off", f"{said}: the target's server property is off.", "alert_property_off")
        return Verdict(
            "process_option",
            f"{said} although the target's server property is on: the process's own option says so.",
            "alert_process_option",
        )
    return _by_control(found, said)


def _by_control(found: Evidence, said: str) -> Verdict:
    control = found.control
    if control is not None and control.state == SUSPENDED:
        return Verdict(
            "process_option",
            f"{said}, and {control.name} was: the target suspends, and the process's own option does not.",
            "alert_process_option",
        )
    if control is not None and control.state == FAULTED and not control.is_too_low:
        return Verdict(
            "property_off",
            f"{said}, and neither was {control.name}, which has no option of its own: the server property is off.",
            "alert_property_off",
        )
    return Verdict(
        "not_suspended",
        f"{said}: the target's server property is off, or the process's own option says so.",
        "alert_not_suspended",
    )


def _unheard(found: Evidence) -> Verdict:
    """It was suspended, and no alert came."""
    said = f"{found.canary} was suspended, and no alert came within {found.waited:g} s"
    service = found.known.alert_service
    if service is not None and not service.get("enabled"):
        return Verdict("no_alert", f"{said}: the target's Alert Service is off.", "alert_not_sent")
    action = service.get("action") if service else None
    if action is not None and (action == "send_email") != found.by_mail:
        other = f"calls {service.get('service')}" if service and found.by_mail else "sends mail"
        return Verdict("no_alert", f"{said}: the target's Alert Service {other} instead.", "alert_not_sent")
    if not found.by_mail:
        return Verdict("no_alert", f"{said}.", "alert_not_sent")
    if found.mail is not None and found.mail.get("error"):
        return Verdict(
            "no_mail",
            f"{said}: the target's mail does not leave. {found.mail.get('msg') or ''}".rstrip(),
            "alert_mail_lost",
            (found.mail.get("error") or {}).get("remedy"),
        )
    if found.mail is not None:
        return Verdict("no_alert", f"{said}, although the target's mail leaves.", "alert_not_sent")
    return Verdict("no_alert", f"{said}; whether the target's mail leaves was not tested.", "alert_not_sent")
