# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Notifications, and the messages in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from jinja2 import StrictUndefined, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from .rule import rule

if TYPE_CHECKING:
    from awx.content import Content

    Item = dict[str, Any]

SERIALIZER = "awx/api/serializers.py, NotificationTemplateSerializer"
# awx/main/notifications/webhook_backend.py, init_parameters: type, and whether there is a default
WEBHOOK: dict[str, tuple[type, bool]] = {
    "url": (str, False),
    "http_method": (str, True),
    "disable_ssl_verification": (bool, True),
    "username": (str, True),
    "password": (str, True),
    "headers": (dict, False),
}
# awx/main/models/notifications.py, JobNotificationMixin.context_stub: the parts that messages here may name
CONTEXT: dict[str, Any] = {
    "job": {
        "artifacts": {},
        "finished": False,
        "id": 42,
        "job_explanation": "",
        "limit": "",
        "name": "Stub",
        "playbook": "x.yml",
        "started": "2019-08-07T21:46:38.362630Z",
        "status": "running",
    },
    "job_friendly_name": "Job",
    "url": "https://awx.example.org/#/jobs/playbook/1010",
    "approval_status": "approved",
    "approval_node_name": "Approve",
    "workflow_url": "https://awx.example.org/#/jobs/workflow/1010",
    "job_metadata": "{}",
}


@rule("notifications", "this collection: the health of mail is not told by mail")
def nothing_is_told_by_mail(item: Item, _content: Content) -> Iterator[str]:
    """When mail does not leave, neither would the notification."""
    if item.get("notification_type") == "email":
        yield "by mail"


@rule("notifications", f"{SERIALIZER}.validate; awx/main/notifications/webhook_backend.py, init_parameters")
def a_webhook_is_configured(item: Item, _content: Content) -> Iterator[str]:
    """Every parameter without a default is there, each has its type; POST or PUT."""
    if item.get("notification_type") != "webhook":
        return
    given = item.get("notification_configuration", {})
    for name, (kind, default) in WEBHOOK.items():
        if name not in given and not default:
            yield f"{name} is missing"
        elif name in given and not (isinstance(given[name], kind) and isinstance(given[name], bool) is (kind is bool)):
            yield f"{name} is no {kind.__name__}"
    if str(given.get("http_method", "POST")).lower() not in ("put", "post"):
        yield "http_method is neither POST nor PUT"


@rule("notifications", f"{SERIALIZER}.validate_messages")
def messages_are_for_known_events(item: Item, _content: Content) -> Iterator[str]:
    """Events, their parts and the parts of a message have fixed names; a message is one line."""
    for event, told in (item.get("messages") or {}).items():
        if event not in ("started", "success", "error", "workflow_approval"):
            yield f"event {event}"
        elif event == "workflow_approval":
            for part, message in told.items():
                if part not in ("running", "approved", "timed_out", "denied"):
                    yield f"event {event}.{part}"
                yield from _message(f"{event}.{part}", message)
        else:
            yield from _message(event, told)


def _message(event: str, told: dict[str, Any]) -> Iterator[str]:
    for part, text in told.items():
        if part not in ("message", "body"):
            yield f"{part} of {event}"
        elif not isinstance(text, str):
            yield f"{part} of {event} is no text"
        elif part == "message" and "\n" in text:
            yield f"a line end in {part} of {event}"


@rule("notifications", f"{SERIALIZER}.validate_messages; awx/main/models/notifications.py, context_stub")
def messages_can_be_rendered(item: Item, _content: Content) -> Iterator[str]:
    """In a sandbox, with what a job tells."""
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    for event, text in _texts(item.get("messages") or {}):
        try:
            environment.from_string(text).render(CONTEXT)
        except (UndefinedError, SecurityError, TemplateSyntaxError) as error:
            yield f"{event}: {error}"


def _texts(messages: dict[str, Any], place: str = "") -> Iterator[tuple[str, str]]:
    for name, value in messages.items():
        if isinstance(value, dict):
            yield from _texts(value, f"{place}{name}.")
        elif isinstance(value, str):
            yield f"{place}{name}", value
