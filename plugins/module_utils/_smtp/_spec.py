# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a probe, as an argument spec."""

from __future__ import annotations

import typing as t

from ansible_collections.cai.console.plugins.module_utils._smtp._model import STAGES

SECURITY = {"type": "str", "choices": ["none", "tls", "ssl"]}
_IMAP: dict[str, dict[str, t.Any]] = {
    "host": {"type": "str"},
    "port": {"type": "int"},
    "security": {"type": "str", "choices": ["tls", "ssl"], "default": "ssl"},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "token": {"type": "str", "no_log": True},
    "folders": {"type": "list", "elements": "str", "default": []},
    "ca_path": {"type": "path"},
    "ca_pem": {"type": "str"},
}
PROBE_SPEC: dict[str, dict[str, t.Any]] = {
    "stop_after": {"type": "str", "choices": list(STAGES)},
    "host": {"type": "str"},
    "port": {"type": "int"},
    "security": SECURITY,
    "authentication": {"type": "str", "choices": ["none", "password", "oauth"]},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "token": {"type": "str", "no_log": True},
    "token_info": {
        "type": "dict",
        "no_log": False,
        "options": {
            "expires_at": {"type": "str"},
            "scope": {"type": "list", "elements": "str"},
            "username": {"type": "str", "aliases": ["mailbox"]},
        },
    },
    "mechanism": {"type": "str", "choices": ["auto", "plain", "login", "xoauth2", "oauthbearer"], "default": "auto"},
    "sender": {"type": "str"},
    "recipient": {"type": "str"},
    "smtputf8": {"type": "bool", "default": False},
    "message_size": {"type": "int", "default": 0},
    "ehlo_name": {"type": "str", "default": "cai-console.invalid"},
    "ca_path": {"type": "path"},
    "ca_pem": {"type": "str"},
    "fingerprint": {"type": "str"},
    "tls_floor": {"type": "str", "choices": ["1.0", "1.2", "1.3"], "default": "1.2"},
    "min_key_bits": {"type": "int", "default": 2048, "no_log": False},
    "warn_days": {"type": "float", "default": 21.0},
    "fail_days": {"type": "float", "default": 0.0},
    "budget": {"type": "float", "default": 120.0},
    "stage_budget": {"type": "dict", "default": {}},
    "arrival": {
        "type": "dict",
        "options": {
            "imap": {"type": "dict", "options": _IMAP},
            "maildir": {"type": "path"},
            "wait": {"type": "float", "default": 60.0},
            "poll": {"type": "float", "default": 1.0},
        },
    },
}
