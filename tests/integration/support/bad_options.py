# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user can get wrong, with a console that works."""

from __future__ import annotations

import copy
import json
from typing import Any

from ansible_collections.cai.console.plugins.module_utils._binding import find_binding

from support.failures import Failure
from support.labs import VIEWER


def wrong(name: str, args: dict[str, Any], *says: str, module: str = "email_service") -> Failure:
    """A value that the option cannot take; found before any request."""
    return Failure(name, "invalid_option", "options", says, args=args, module=module)


def unfit(name: str, code: str, stage: str, target: str, *says: str) -> Failure:
    """A target that cannot be configured."""
    return Failure(name, code, stage, says, args={"enabled": False, "port": 2526}, target=target)


def open_binding(option: str, why: str) -> str:
    """The binding of the lab, in which an option of the Email Service is open."""
    binding = copy.deepcopy(find_binding("lab"))
    binding["services"]["email_service"]["fields"][option] = {"open": why}
    return json.dumps(binding)


OAUTH = {"authorization_url": "https://a.example.org", "client_id": "c", "scope": ["s"]}

VALUES = [
    wrong("port 0", {"port": 0}, "port is 0", "between 1 and 65535"),
    wrong("port 70000", {"port": 70000}, "port is 70000"),
    wrong("empty host", {"host": ""}, "host is empty"),
    wrong("URL as host", {"host": "https://smtp.example.org"}, "host is https://smtp.example.org, a URL"),
    wrong("port in host", {"host": "smtp.example.org:587"}, "host is smtp.example.org:587", "option port"),
    wrong("host with a blank", {"host": "smtp example"}, "host is"),
    wrong("token URL in clear text", {"oauth": {**OAUTH, "token_url": "http://t.example.org"}}, "oauth.token_url"),
    wrong(
        "authorization URL without scheme", {"oauth": {"authorization_url": "a.example.org"}}, "oauth.authorization_url"
    ),
    wrong("empty scope", {"oauth": {"scope": []}}, "oauth.scope is empty"),
    wrong("two scopes in one", {"oauth": {"scope": ["a b"]}}, "oauth.scope"),
    wrong("empty user name", {"username": ""}, "username is empty"),
    wrong("mask as password", {"password": "********"}, "password looks like a mask"),
    wrong("empty client secret", {"oauth": {"client_secret": ""}}, "oauth.client_secret is empty"),
    wrong("two addresses", {"email": "a@example.org, b@example.org"}, "email holds several", module="alert_service"),
    wrong("no address", {"email": "operations"}, "email is 'operations'", module="alert_service"),
    wrong("empty service", {"service": ""}, "service is empty", module="alert_service"),
    wrong("console's address without scheme", {"console_url": "console.example.org"}, "console_url"),
    wrong("time limit of 0", {"console_timeout": 0}, "console_timeout"),
    wrong("CA file that is not there", {"console_ca_path": "/nowhere/ca.pem"}, "console_ca_path /nowhere/ca.pem"),
]
BINDINGS = [
    Failure("no binding", "binding_missing", "binding", ("console_binding",), link={"console_binding": ""}),
    Failure(
        "unknown binding",
        "binding_unknown",
        "binding",
        ("console_binding is real", "known: activebpel_admin, lab"),
        link={"console_binding": "real"},
    ),
    Failure(
        "binding of another format",
        "binding_invalid",
        "binding",
        ("missing required arguments",),
        link={"console_binding": '{"format": 1}'},
    ),
]
TARGETS = [
    unfit(
        "unknown target", "target_unknown", "targets", "agent-aa", "no execution target agent-aa", "Near: ", "agent-a"
    ),
    unfit("agent that is stopped", "agent_stopped", "targets", "agent-stopped", "STOPPED"),
    unfit("agent without process engine", "no_process_engine", "targets", "agent-plain", "no process engine"),
    unfit("member of a group", "group_member", "targets", "node-1", "cluster-east"),
    unfit("group of another organisation", "not_owner", "plan", "shared-eu", "00LAB0"),
    unfit("agent out of reach", "target_unreachable", "read", "agent-unreachable", "504"),
]
STATES = [
    Failure(
        "binding that leaves something open",
        "binding_open",
        "binding",
        ("host (typed in no field)",),
        link={"console_binding": open_binding("host", "typed in no field")},
    ),
    Failure("on without a host", "incomplete_settings", "plan", ("enabled without host",), args={"enabled": True}),
    Failure(
        "alert without an address",
        "incomplete_settings",
        "plan",
        ("enabled without email",),
        args={"enabled": True, "action": "send_email"},
        module="alert_service",
    ),
    Failure(
        "service that is not deployed",
        "write_refused",
        "write",
        ("400", "NotThere"),
        args={"enabled": True, "action": "custom_service", "service": "NotThere"},
        module="alert_service",
    ),
]
PEOPLE = [
    Failure(
        "viewer",
        "forbidden",
        "read",
        ("403",),
        link={"console_username": VIEWER, "console_password": "viewer-Console-pw1"},
    ),
    Failure(
        "agent's host not allowed",
        "agent_host_not_allowed",
        "targets",
        ("127.0.0.1",),
        link={"console_allowed_agent_hosts": ["*.example.org"]},
        target="agent-a",
    ),
]

BAD_OPTIONS = [*VALUES, *BINDINGS, *TARGETS, *STATES, *PEOPLE]
