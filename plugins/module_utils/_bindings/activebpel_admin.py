# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Made by ``tools/bindings.py`` from ``extensions/bindings/activebpel_admin.yml``."""

from __future__ import annotations

import typing as t

# fmt: off
ACTIVEBPEL_ADMIN: dict[str, t.Any] = {
    'format': 1,
    'meta': {
        'name': 'activebpel_admin',
        'describes': 'an engine with the SOAP service ActiveBpelAdmin',
        'status': 'assumed',
        'notes': [
            (
                'The configuration is read and written as one document, without a versi'
                'on and without a lock.'
            ),
            (
                'That the header of a session is taken is assumed. The documented way i'
                's a user name and password by HTTP Basic.'
            ),
        ],
    },
    'bases': {
        'cloud': '{console}/active-bpel/services/{organization}',
        'agent_direct': '{agent}/process-engine/services',
    },
    'session': {'headers': ['IDS-SESSION-ID']},
    'operations': {
        'read_server_properties': {
            'method': 'POST',
            'path': '/ActiveBpelAdmin',
            'headers': {'SOAPAction': '""'},
            'body': 'soap',
            'reply': 'soap',
            'element': (
                '<getConfigurationInput xmlns="http://schemas.active-endpoints.com/acti'
                'vebpeladmin/2007/01/activebpeladmin.xsd"/>'
            ),
            'document_at': 'xmlString',
            'writes': 'whole',
            'tests': 'either',
            'mutates': False,
        },
        'write_server_properties': {
            'method': 'POST',
            'path': '/ActiveBpelAdmin',
            'headers': {'SOAPAction': '""'},
            'body': 'soap',
            'reply': 'soap',
            'element': (
                '<setConfigurationInput xmlns="http://schemas.active-endpoints.com/acti'
                'vebpeladmin/2007/01/activebpeladmin.xsd"><xmlString/></setConfiguratio'
                'nInput>'
            ),
            'document_at': 'xmlString',
            'replaces_all': True,
            'writes': 'whole',
            'tests': 'either',
            'mutates': True,
        },
        'read_email_service': {
            'method': 'POST',
            'path': '/ActiveBpelAdmin',
            'headers': {'SOAPAction': '""'},
            'body': 'soap',
            'reply': 'soap',
            'element': (
                '<getConfigurationInput xmlns="http://schemas.active-endpoints.com/acti'
                'vebpeladmin/2007/01/activebpeladmin.xsd"/>'
            ),
            'document_at': 'xmlString',
            'writes': 'whole',
            'tests': 'either',
            'mutates': False,
        },
        'write_email_service': {
            'method': 'POST',
            'path': '/ActiveBpelAdmin',
            'headers': {'SOAPAction': '""'},
            'body': 'soap',
            'reply': 'soap',
            'element': (
                '<setConfigurationInput xmlns="http://schemas.active-endpoints.com/acti'
                'vebpeladmin/2007/01/activebpeladmin.xsd"><xmlString/></setConfiguratio'
                'nInput>'
            ),
            'document_at': 'xmlString',
            'replaces_all': True,
            'writes': 'whole',
            'tests': 'either',
            'mutates': True,
        },
        'read_alert_service': {
            'method': 'POST',
            'path': '/ActiveBpelAdmin',
            'headers': {'SOAPAction': '""'},
            'body': 'soap',
            'reply': 'soap',
            'element': (
                '<getConfigurationInput xmlns="http://schemas.active-endpoints.com/acti'
                'vebpeladmin/2007/01/activebpeladmin.xsd"/>'
            ),
            'document_at': 'xmlString',
            'writes': 'whole',
            'tests': 'either',
            'mutates': False,
        },
        'write_alert_service': {
            'method': 'POST',
            'path': '/ActiveBpelAdmin',
            'headers': {'SOAPAction': '""'},
            'body': 'soap',
            'reply': 'soap',
            'element': (
                '<setConfigurationInput xmlns="http://schemas.active-endpoints.com/acti'
                'vebpeladmin/2007/01/activebpeladmin.xsd"><xmlString/></setConfiguratio'
                'nInput>'
            ),
            'document_at': 'xmlString',
            'replaces_all': True,
            'writes': 'whole',
            'tests': 'either',
            'mutates': True,
        },
        'read_entries': {
            'method': 'POST',
            'path': '/ActiveBpelAdmin',
            'headers': {'SOAPAction': '""'},
            'body': 'soap',
            'reply': 'soap',
            'element': (
                '<getServerSettingsInput xmlns="http://schemas.active-endpoints.com/act'
                'ivebpeladmin/2007/01/activebpeladmin.xsd"/>'
            ),
            'document_at': 'xmlString',
            'writes': 'whole',
            'tests': 'either',
            'mutates': False,
        },
        'read_server_log': {
            'method': 'POST',
            'path': '/ActiveBpelAdmin',
            'headers': {'SOAPAction': '""'},
            'body': 'soap',
            'reply': 'soap',
            'element': (
                '<getServerLogListInput xmlns="http://schemas.active-endpoints.com/acti'
                'vebpeladmin/2007/01/activebpeladmin.xsd"><serverLog><AesServerLogOther'
                'Info xmlns="http://schemas.active-endpoints.com/logging/2009/05/loggin'
                'g.xsd"><service>All</service></AesServerLogOtherInfo></serverLog></get'
                'ServerLogListInput>'
            ),
            'log': {
                'at': 'response/serverLog',
                'complete_at': 'response/completeRowCount',
                'asked_at': 'serverLog/AesServerLogOtherInfo/service',
                'time': 'time',
                'time_in': 'milliseconds',
                'message': 'logMessage/message',
                'level': 'logMessage/AesServerLogOtherInfo/level',
                'source': 'logMessage/AesServerLogOtherInfo/source',
                'service': 'logMessage/AesServerLogOtherInfo/service',
                'words': {
                    'alert': 'Alert',
                    'email': 'Email',
                    'engine': 'Engine',
                    'eventing': 'Eventing',
                    'identity': 'Identity',
                    'messaging': 'Messaging',
                    'process': 'Process',
                    'task': 'Task',
                },
            },
            'writes': 'whole',
            'tests': 'either',
            'mutates': False,
        },
    },
    'services': {
        'server_properties': {
            'fields': {
                'suspend_on_uncaught_fault': {
                    'at': ["entry[@name='SuspendProcessOnUncaughtFault']/@value"],
                    'kind': 'boolean',
                    'as_text': True,
                },
            },
            'omitted_secret': 'unknown',
            'omit_by': 'absence',
        },
    },
}
