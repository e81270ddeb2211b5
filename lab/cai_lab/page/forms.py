# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Forms and documents: what a form shows of a document, and the document that a form makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cai_lab.console.documents import Document, look, placed, without

Form = Mapping[str, str]


@dataclass(frozen=True)
class Field:
    """A field by its name in the form, and the member at a dotted path; ``kind``: text, number or flag (a tick)."""

    name: str
    path: str
    kind: str = "text"

    def shown(self, document: Mapping[str, Any]) -> str | bool:
        """What the form shows."""
        _, value = look(document, self.path)
        if self.kind == "flag":
            return bool(value)
        return "" if value is None else str(value)

    def typed(self, form: Form) -> str | bool:
        """What the form held when it was sent."""
        return self.name in form if self.kind == "flag" else form.get(self.name, "").strip()

    def value(self, form: Form) -> Any:
        """The member's value. What is no number stays text: the server says what is wrong with it."""
        typed = self.typed(form)
        if isinstance(typed, bool):
            return typed
        if self.kind == "number" and typed.isascii() and typed.isdecimal():
            return int(typed)
        return typed or None


@dataclass(frozen=True)
class Secret:
    """A secret by its name in the form: its path, and the authentication type under which the form shows it."""

    name: str
    path: str
    authentication: str


@dataclass(frozen=True)
class Service:
    """A form of a service: its name, what it is called, its operations' resource, its fields, its secrets."""

    name: str
    label: str
    resource: str
    fields: tuple[Field, ...]
    secrets: tuple[Secret, ...] = ()

    def shown(self, document: Mapping[str, Any]) -> dict[str, str | bool]:
        """What the form shows; never a secret."""
        return {item.name: item.shown(document) for item in self.fields}

    def typed(self, form: Form) -> dict[str, str | bool]:
        """What the form held, so that it can be shown again; never a secret."""
        return {item.name: item.typed(form) for item in self.fields}

    def secrets_typed(self, form: Form) -> dict[str, str]:
        """The secrets that somebody typed where the form shows them: path to value."""
        shown = [secret for secret in self.secrets if form.get("authentication") == secret.authentication]
        return {secret.path: form[secret.name] for secret in shown if form.get(secret.name)}

    def document(self, current: Mapping[str, Any], form: Form) -> Document:
        """The form over the current document. Members it does not know stay; a secret is there only if it was typed.

        However the console hides a stored secret when it is read (a mask), that never goes back.
        """
        document = dict(current)
        for secret in self.secrets:
            document = without(document, secret.path)
        for item in self.fields:
            document = placed(document, item.path, item.value(form))
        for path, value in self.secrets_typed(form).items():
            document = placed(document, path, value)
        return document


EMAIL = Service(
    "email",
    "Email Service",
    "email_service",
    (
        Field("enabled", "enabled", "flag"),
        Field("host", "hostName"),
        Field("port", "port", "number"),
        Field("authentication", "authenticationType"),
        Field("username", "userName"),
        Field("security", "security"),
        Field("authorization_url", "oauth.authorizationUrl"),
        Field("token_url", "oauth.tokenUrl"),
        Field("client_id", "oauth.clientId"),
        Field("scope", "oauth.scope"),
    ),
    (Secret("password", "password", "PASSWORD"), Secret("client_secret", "oauth.clientSecret", "OAUTH")),
)
ALERT = Service(
    "alert",
    "Alert Service",
    "alert_service",
    (
        Field("enabled", "enabled", "flag"),
        Field("action", "action"),
        Field("email", "emailForAlerts"),
        Field("service", "service"),
    ),
)
PROPERTIES = Service(
    "properties",
    "Server Properties",
    "server_properties",
    (
        Field("suspend", "suspendProcessesOnUncaughtFault", "flag"),
        Field("validate", "validateServiceMessages", "flag"),
        Field("logging_level", "loggingLevel"),
        Field("process_count", "processCount", "number"),
    ),
)
SERVICES = {service.name: service for service in (EMAIL, ALERT, PROPERTIES)}


def mistake(service: Service, form: Form) -> str | None:
    """What the page itself refuses: a password that was not typed twice alike."""
    shown = service is EMAIL and form.get("authentication") == "PASSWORD"
    if shown and form.get("password", "") != form.get("password_again", ""):
        return "The two passwords differ. Enter the same password twice."
    return None
