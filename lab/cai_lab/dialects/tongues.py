# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that every dialect has, and where and in which words each dialect says them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

TICKS = {True: True, False: False}
AUTHENTICATION = {"password": "PASSWORD", "oauth": "OAUTH"}
SECURITY = {"none": None, "tls": "TLS", "ssl": "SSL"}
ACTION = {"send_email": "SEND_EMAIL", "custom_service": "CUSTOM_SERVICE"}


@dataclass(frozen=True)
class Control:
    """An option: its label on a page, where the lab stores it, and its kind: tick, text, number, secret or choice.

    ``words``: for a tick or a choice, the option's word to the lab's. ``labels``: what a page calls the choices.
    """

    label: str
    path: str
    kind: str = "text"
    words: Mapping[Any, Any] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)


CONTROLS: Mapping[str, Mapping[str, Control]] = {
    "email": {
        "enabled": Control("Enable SMTP Service", "enabled", "tick", TICKS),
        "host": Control("Host", "hostName"),
        "port": Control("Port", "port", "number"),
        "authentication": Control(
            "Authentication Type",
            "authenticationType",
            "choice",
            AUTHENTICATION,
            {"password": "Password", "oauth": "OAuth"},
        ),
        "username": Control("Username", "userName"),
        "password": Control("Password", "password", "secret"),
        "security": Control("Security", "security", "choice", SECURITY, {"none": "None", "tls": "TLS", "ssl": "SSL"}),
        "oauth.authorization_url": Control("Authorization URL", "oauth.authorizationUrl"),
        "oauth.token_url": Control("Token Request URL", "oauth.tokenUrl"),
        "oauth.client_id": Control("Client ID", "oauth.clientId"),
        "oauth.client_secret": Control("Client Secret", "oauth.clientSecret", "secret"),
        "oauth.scope": Control("Scope", "oauth.scope"),
    },
    "alert": {
        "enabled": Control("Enable Alert Service", "enabled", "tick", TICKS),
        "action": Control(
            "Action", "action", "choice", ACTION, {"send_email": "Send Email", "custom_service": "Custom Service"}
        ),
        "email": Control("Email for Alerts", "emailForAlerts"),
        "service": Control("Service", "service"),
    },
    "properties": {
        "suspend_on_uncaught_fault": Control(
            "Suspend processes on uncaught fault", "suspendProcessesOnUncaughtFault", "tick", TICKS
        ),
    },
}
OPERATIONS = {"email": "email_service", "alert": "alert_service", "properties": "server_properties"}


@dataclass(frozen=True)
class Dialect:
    """A dialect: ``places`` of the options on the wire by service, and its ``words``, by option, for their values. A
    word that is None is left out. ``texts``: whether numbers are text.
    """

    name: str
    title: str
    places: Mapping[str, Mapping[str, str]]
    words: Mapping[str, Mapping[Any, Any]] = field(default_factory=dict)
    texts: bool = False


def _same(prefix: Mapping[str, str], **names: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {
        service: {option: prefix[service] + place for option, place in rows.items()} for service, rows in names.items()
    }


PLAIN = Dialect(
    "plain",
    "the interface of the lab itself",
    {service: {option: control.path for option, control in rows.items()} for service, rows in CONTROLS.items()},
    {"authentication": AUTHENTICATION, "security": SECURITY, "action": ACTION},
)
NESTED = Dialect(
    "nested",
    "one address, nested objects, other words",
    _same(
        {"email": "mail.", "alert": "notify.", "properties": "engine."},
        email={
            "enabled": "active",
            "host": "server.address",
            "port": "server.tcpPort",
            "authentication": "login.scheme",
            "username": "login.account",
            "password": "login.secret",
            "security": "server.protection",
            "oauth.authorization_url": "login.grant.askAt",
            "oauth.token_url": "login.grant.tokenAt",
            "oauth.client_id": "login.grant.application",
            "oauth.client_secret": "login.grant.applicationSecret",
            "oauth.scope": "login.grant.rights",
        },
        alert={"enabled": "active", "action": "how", "email": "recipient", "service": "handler"},
        properties={"suspend_on_uncaught_fault": "faults.park"},
    ),
    {
        "enabled": {True: "Y", False: "N"},
        "suspend_on_uncaught_fault": {True: "Y", False: "N"},
        "authentication": {"password": "BASIC", "oauth": "OAUTH2"},
        "security": {"none": "PLAIN", "tls": "STARTTLS", "ssl": "SMTPS"},
        "action": {"send_email": "MAIL", "custom_service": "SERVICE"},
    },
    texts=True,
)
FORM = Dialect(
    "form",
    "pages with forms",
    {
        "email": {
            "enabled": "smtpEnabled",
            "host": "smtpHost",
            "port": "smtpPort",
            "authentication": "authType",
            "username": "smtpUser",
            "password": "smtpPassword",
            "security": "smtpSecurity",
            "oauth.authorization_url": "oauthUrl",
            "oauth.token_url": "oauthTokenUrl",
            "oauth.client_id": "oauthClient",
            "oauth.client_secret": "oauthSecret",
            "oauth.scope": "oauthScope",
        },
        "alert": {"enabled": "alertEnabled", "action": "alertAction", "email": "alertEmail", "service": "alertService"},
        "properties": {"suspend_on_uncaught_fault": "suspendOnFault"},
    },
    {
        "enabled": {True: "on", False: None},
        "suspend_on_uncaught_fault": {True: "on", False: None},
        "authentication": {"password": "0", "oauth": "1"},
        "security": {"none": "", "tls": "TLS", "ssl": "SSL"},
        "action": {"send_email": "email", "custom_service": "service"},
    },
    texts=True,
)
TREE = Dialect(
    "tree",
    "one document in XML for everything",
    {
        "email": {
            "enabled": "email/@enabled",
            "host": "email/host",
            "port": "email/host/@port",
            "authentication": "email/entry[@name='auth.type']/@value",
            "username": "email/entry[@name='auth.user']/@value",
            "password": "email/entry[@name='auth.password']/@value",
            "security": "email/entry[@name='tls.mode']/@value",
            "oauth.authorization_url": "email/oauth/authorize",
            "oauth.token_url": "email/oauth/token",
            "oauth.client_id": "email/oauth/@client",
            "oauth.client_secret": "email/oauth/@secret",
            "oauth.scope": "email/oauth/scope",
        },
        "alert": {
            "enabled": "alert/@enabled",
            "action": "alert/@action",
            "email": "alert/recipient",
            "service": "alert/handler",
        },
        "properties": {"suspend_on_uncaught_fault": "properties/entry[@name='SuspendProcessOnUncaughtFault']/@value"},
    },
    {
        "enabled": {True: "true", False: "false"},
        "suspend_on_uncaught_fault": {True: "true", False: "false"},
        "authentication": {"password": "basic", "oauth": "oauth2"},
        "security": {"none": "none", "tls": "starttls", "ssl": "implicit"},
        "action": {"send_email": "mail", "custom_service": "service"},
    },
    texts=True,
)
PATCH = Dialect(
    "patch",
    "changes only, carried out by jobs",
    {
        "email": {
            "enabled": "smtp.enabled",
            "host": "smtp.host",
            "port": "smtp.port",
            "authentication": "smtp.auth.type",
            "username": "smtp.auth.user",
            "password": "smtp.auth.password",
            "security": "smtp.security",
            "oauth.authorization_url": "smtp.auth.authorizeUrl",
            "oauth.token_url": "smtp.auth.tokenUrl",
            "oauth.client_id": "smtp.auth.clientId",
            "oauth.client_secret": "smtp.auth.clientSecret",
            "oauth.scope": "smtp.auth.scope",
        },
        "alert": {"enabled": "on", "action": "action", "email": "mailTo", "service": "callService"},
        "properties": {"suspend_on_uncaught_fault": "suspendFaulted"},
    },
    {
        "authentication": {"password": "plain", "oauth": "xoauth2"},
        "security": {"none": "off", "tls": "starttls", "ssl": "tls"},
        "action": {"send_email": 1, "custom_service": 2},
    },
)
DIALECTS: Mapping[str, Dialect] = {item.name: item for item in (PLAIN, NESTED, FORM, TREE, PATCH)}
