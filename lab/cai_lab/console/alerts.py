# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The alert service at work: a suspended process becomes a mail, or a call of a deployed service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cai_lab.console import outbox
from cai_lab.console.core import Console
from cai_lab.console.deployment import CallFailed, deployed, invoke
from cai_lab.console.documents import ALERT, EMAIL, Stored
from cai_lab.fleet import Target


def raise_alert(console: Console, target: Target, details: Mapping[str, Any]) -> None:
    """Start what the target's alert service is to do; the outcome goes to the server log."""
    alert = Stored.of(ALERT, console.state.get("alert", target.owner)).values
    if not alert["enabled"]:
        return
    if alert["action"] == "SEND_EMAIL":
        console.spawn(_mail(console, target, alert["emailForAlerts"], details))
    else:
        console.spawn(_call(console, target, alert["service"], details))


async def _mail(console: Console, target: Target, recipient: str | None, details: Mapping[str, Any]) -> None:
    service = Stored.of(EMAIL, console.state.get("email", target.owner))
    if not recipient or not service.values["enabled"]:
        reason = "the email service is not enabled" if recipient else "there is no email address for alerts"
        console.log(target, "Alert", f"Alert for process {details['processId']} not sent: {reason}.", level="Error")
        return
    subject = f"Process {details['processName']} {details['status']} on {target.name}"
    text = "".join(f"{name}: {value}\n" for name, value in details.items())
    result = await outbox.deliver(console, target, service, recipient, subject, text)
    if result.ok:
        console.log(target, "Email", f"Mail to {recipient} was accepted: {result.message}")
        console.log(target, "Alert", f"Alert for process {details['processId']} was sent to {recipient}.")
        return
    console.log(target, "Email", f"Mail to {recipient} failed at {result.stage}: {result.message}", level="Error")
    console.log(target, "Alert", f"Alert for process {details['processId']} not sent.", level="Error")


async def _call(console: Console, target: Target, service: str | None, details: Mapping[str, Any]) -> None:
    if service is None or service not in deployed(console, target):
        console.log(target, "Alert", f"The service {service} is not deployed on this server.", level="Error")
        return
    try:
        await invoke(console, target, service, dict(details))
    except CallFailed as error:
        console.log(target, "Alert", str(error), level="Error")
        return
    console.log(target, "Alert", f"Alert for process {details['processId']} was given to {service}.")
