# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that a binding can place, by service. They are those of the modules, and what can only be read; a test
compares them.
"""

from __future__ import annotations

SERVICE_OPTIONS: dict[str, tuple[str, ...]] = {
    "email_service": (
        "enabled",
        "host",
        "port",
        "authentication",
        "username",
        "password",
        "security",
        "oauth.authorization_url",
        "oauth.token_url",
        "oauth.client_id",
        "oauth.client_secret",
        "oauth.scope",
        "authorization.status",
        "authorization.authorized_by",
        "authorization.last_completed",
    ),
    "alert_service": ("enabled", "action", "email", "service"),
    "server_properties": ("suspend_on_uncaught_fault",),
}
SECRETS = ("password", "oauth.client_secret")
