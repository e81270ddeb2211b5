# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the embedded console speaks. Every path and name here is assumed: ``docs/console-contract.yaml`` states them once
more, for the server.
"""

from __future__ import annotations

import typing as t


def _operations(service: str, path: str) -> dict[str, dict[str, t.Any]]:
    return {
        f"read_{service}": {"method": "GET", "path": path, "mutates": False},
        f"write_{service}": {"method": "PUT", "path": path, "mutates": True},
    }


LAB: dict[str, t.Any] = {
    "meta": {"name": "lab", "describes": "the embedded console of this collection", "status": "assumed"},
    "bases": {
        "cloud": "{console}/active-bpel/restadmin",
        "agent_through_cloud": "{console}/activevos/local/{id}/restadmin",
        "agent_direct": "{agent}/process-engine/restadmin",
    },
    "session_headers": ["IDS-SESSION-ID"],
    "operations": {
        **_operations("email_service", "/server/services/email"),
        **_operations("alert_service", "/server/services/alert"),
        **_operations("server_properties", "/server/properties"),
        "test_email_service": {
            "method": "POST",
            "path": "/server/services/email/test",
            "mutates": True,
            "candidate_at": "configuration",
            "recipient_at": "recipient",
            "outcome": {"ok": "ok", "stage": "stage", "code": "code", "message": "message"},
            "job": {"id": "jobId", "path": "/server/services/email/test/{id}", "state": "state", "done": ["DONE"]},
        },
        "start_authorization": {
            "method": "POST",
            "path": "/server/services/email/authorization",
            "mutates": True,
            "link_at": "authorizationUrl",
            "lifetime_at": "expiresIn",
        },
        "forget_authorization": {
            "method": "DELETE",
            "path": "/server/services/email/authorization",
            "mutates": True,
        },
        "hand_over_tokens": {
            "method": "PUT",
            "path": "/server/services/email/authorization/tokens",
            "mutates": True,
            "refresh_token_at": "refreshToken",
        },
        "list_processes": {"method": "GET", "path": "/processes/", "mutates": False},
    },
    "services": {
        "email_service": {
            "stamp": "modified",
            "omitted_secret": "kept",
            "clears_secrets": True,
            "save_after_authorization": True,
            "fields": {
                "enabled": {"at": ["enabled"], "kind": "boolean"},
                "host": {"at": ["hostName"], "kind": "text"},
                "port": {"at": ["port"], "kind": "integer"},
                "authentication": {"at": ["authenticationType"], "words": {"password": "PASSWORD", "oauth": "OAUTH"}},
                "username": {"at": ["userName"], "kind": "text", "may_be_absent": True},
                "password": {"at": ["password"], "secret": True},
                "security": {
                    "at": ["security"],
                    "words": {"none": None, "tls": "TLS", "ssl": "SSL"},
                    "may_be_absent": True,
                },
                "oauth.authorization_url": {"at": ["oauth.authorizationUrl"], "kind": "text"},
                "oauth.token_url": {"at": ["oauth.tokenUrl"], "kind": "text"},
                "oauth.client_id": {"at": ["oauth.clientId"], "kind": "text"},
                "oauth.client_secret": {"at": ["oauth.clientSecret"], "secret": True},
                "oauth.scope": {"at": ["oauth.scope"], "kind": "words"},
                "authorization.status": {
                    "at": ["authorizationStatus.status"],
                    "read_only": True,
                    "words": {"authorized": "AUTHORIZED", "not_authorized": "NOT_AUTHORIZED", "expired": "EXPIRED"},
                },
                "authorization.authorized_by": {
                    "at": ["authorizationStatus.authorizedBy"],
                    "read_only": True,
                    "kind": "text",
                },
                "authorization.last_completed": {
                    "at": ["authorizationStatus.lastCompleted"],
                    "read_only": True,
                    "kind": "text",
                },
            },
        },
        "alert_service": {
            "fields": {
                "enabled": {"at": ["enabled"], "kind": "boolean"},
                "action": {"at": ["action"], "words": {"send_email": "SEND_EMAIL", "custom_service": "CUSTOM_SERVICE"}},
                "email": {"at": ["emailForAlerts"], "kind": "text"},
                "service": {"at": ["service"], "kind": "text"},
            },
        },
        "server_properties": {
            "fields": {
                "suspend_on_uncaught_fault": {"at": ["suspendProcessesOnUncaughtFault"], "kind": "boolean"},
            },
        },
    },
}
