# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The binding ``lab``. ``tools/bindings.py`` makes it from ``extensions/bindings/lab.yml``."""

from __future__ import annotations

import typing as t

# fmt: off
LAB: dict[str, t.Any] = {
    'format': 1,
    'meta': {
        'name': 'lab',
        'describes': 'the embedded console of this collection',
        'status': 'assumed',
    },
    'bases': {
        'cloud': '{console}/active-bpel/restadmin',
        'agent_through_cloud': '{console}/activevos/local/{id}/restadmin',
        'agent_direct': '{agent}/process-engine/restadmin',
    },
    'session': {'headers': ['IDS-SESSION-ID']},
    'operations': {
        'read_email_service': {
            'method': 'GET',
            'path': '/server/services/email',
            'reply': 'json',
            'body': 'json',
            'writes': 'whole',
            'tests': 'either',
            'mutates': False,
        },
        'write_email_service': {
            'method': 'PUT',
            'path': '/server/services/email',
            'reply': 'json',
            'body': 'json',
            'writes': 'whole',
            'tests': 'either',
            'mutates': True,
        },
        'read_alert_service': {
            'method': 'GET',
            'path': '/server/services/alert',
            'reply': 'json',
            'body': 'json',
            'writes': 'whole',
            'tests': 'either',
            'mutates': False,
        },
        'write_alert_service': {
            'method': 'PUT',
            'path': '/server/services/alert',
            'reply': 'json',
            'body': 'json',
            'writes': 'whole',
            'tests': 'either',
            'mutates': True,
        },
        'read_server_properties': {
            'method': 'GET',
            'path': '/server/properties',
            'reply': 'json',
            'body': 'json',
            'writes': 'whole',
            'tests': 'either',
            'mutates': False,
        },
        'write_server_properties': {
            'method': 'PUT',
            'path': '/server/properties',
            'reply': 'json',
            'body': 'json',
            'writes': 'whole',
            'tests': 'either',
            'mutates': True,
        },
        'test_email_service': {
            'method': 'POST',
            'path': '/server/services/email/test',
            'candidate_at': 'configuration',
            'recipient_at': 'recipient',
            'outcome': {'ok': 'ok', 'stage': 'stage', 'code': 'code', 'message': 'message'},
            'job': {
                'id': 'jobId',
                'path': '/server/services/email/test/{job}',
                'state': 'state',
                'done': ['DONE'],
            },
            'reply': 'json',
            'body': 'json',
            'writes': 'whole',
            'tests': 'either',
            'mutates': True,
        },
        'start_authorization': {
            'method': 'POST',
            'path': '/server/services/email/authorization',
            'link_at': 'authorizationUrl',
            'lifetime_at': 'expiresIn',
            'reply': 'json',
            'body': 'json',
            'writes': 'whole',
            'tests': 'either',
            'mutates': True,
        },
        'forget_authorization': {
            'method': 'DELETE',
            'path': '/server/services/email/authorization',
            'reply': 'json',
            'body': 'json',
            'writes': 'whole',
            'tests': 'either',
            'mutates': True,
        },
        'hand_over_tokens': {
            'method': 'PUT',
            'path': '/server/services/email/authorization/tokens',
            'refresh_token_at': 'refreshToken',
            'reply': 'json',
            'body': 'json',
            'writes': 'whole',
            'tests': 'either',
            'mutates': True,
        },
        'list_processes': {
            'method': 'GET',
            'path': '/processes/',
            'reply': 'json',
            'body': 'json',
            'writes': 'whole',
            'tests': 'either',
            'mutates': False,
        },
    },
    'services': {
        'email_service': {
            'stamp': 'modified',
            'omitted_secret': 'kept',
            'clears_secrets': True,
            'save_after_authorization': True,
            'fields': {
                'enabled': {'at': ['enabled'], 'kind': 'boolean'},
                'host': {'at': ['hostName'], 'kind': 'text'},
                'port': {'at': ['port'], 'kind': 'integer'},
                'authentication': {
                    'at': ['authenticationType'],
                    'words': {'password': 'PASSWORD', 'oauth': 'OAUTH'},
                },
                'username': {'at': ['userName'], 'kind': 'text', 'may_be_absent': True},
                'password': {'at': ['password'], 'secret': True},
                'security': {
                    'at': ['security'],
                    'words': {'none': None, 'tls': 'TLS', 'ssl': 'SSL'},
                },
                'oauth.authorization_url': {'at': ['oauth.authorizationUrl'], 'kind': 'text'},
                'oauth.token_url': {'at': ['oauth.tokenUrl'], 'kind': 'text'},
                'oauth.client_id': {'at': ['oauth.clientId'], 'kind': 'text'},
                'oauth.client_secret': {'at': ['oauth.clientSecret'], 'secret': True},
                'oauth.scope': {'at': ['oauth.scope'], 'kind': 'words'},
                'authorization.status': {
                    'at': ['authorizationStatus.status'],
                    'read_only': True,
                    'words': {
                        'authorized': 'AUTHORIZED',
                        'not_authorized': 'NOT_AUTHORIZED',
                        'expired': 'EXPIRED',
                    },
                },
                'authorization.authorized_by': {
                    'at': ['authorizationStatus.authorizedBy'],
                    'read_only': True,
                    'kind': 'text',
                },
                'authorization.last_completed': {
                    'at': ['authorizationStatus.lastCompleted'],
                    'read_only': True,
                    'kind': 'text',
                },
            },
            'omit_by': 'absence',
        },
        'alert_service': {
            'fields': {
                'enabled': {'at': ['enabled'], 'kind': 'boolean'},
                'action': {
                    'at': ['action'],
                    'words': {'send_email': 'SEND_EMAIL', 'custom_service': 'CUSTOM_SERVICE'},
                },
                'email': {'at': ['emailForAlerts'], 'kind': 'text'},
                'service': {'at': ['service'], 'kind': 'text'},
            },
            'omitted_secret': 'unknown',
            'omit_by': 'absence',
        },
        'server_properties': {
            'fields': {
                'suspend_on_uncaught_fault': {'at': ['suspendProcessesOnUncaughtFault'], 'kind': 'boolean'},
            },
            'omitted_secret': 'unknown',
            'omit_by': 'absence',
        },
    },
}
