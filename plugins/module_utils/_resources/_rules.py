# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of single values. Each returns what is wrong, as the rest of a sentence that begins with the option's name, or
None.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from ansible_collections.cai.console.plugins.module_utils._connection import is_loopback

ADDRESS = re.compile(r"[^\s@,;<>]+@[^\s@,;<>]+")
WITH_PORT = re.compile(r"[^:]+:\d+|\[.*\](:\d+)?")
HOST = re.compile(r"(?!-)[\w-]+(\.[\w-]+)*\.?")


def host(value: str) -> str | None:
    """A DNS name or an IP address, and nothing else."""
    if not value.strip():
        return "is empty; it must be a DNS name or an IP address"
    if "://" in value or "/" in value:
        return f"is {value}, a URL; it must be a DNS name or an IP address only"
    try:
        ipaddress.ip_address(value)
        return None
    except ValueError:
        pass
    if WITH_PORT.fullmatch(value):
        return f"is {value}; the port belongs into the option port"
    return None if HOST.fullmatch(value) else f"is {value!r}, which is neither a DNS name nor an IP address"


def port(value: int) -> str | None:
    """A TCP port."""
    return None if 1 <= value <= 65535 else f"is {value}; it must be between 1 and 65535"


def https_url(value: str) -> str | None:
    """An https URL; plain http is for loopback addresses only."""
    try:
        parts = urlsplit(value)
        named = bool(parts.hostname)
    except ValueError:
        return "is not a URL"
    if not named or parts.scheme not in ("http", "https"):
        return f"is {value!r}; it must be a URL that begins with https://"
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        return f"is {value}; it must begin with https://"
    return None


def one_address(value: str) -> str | None:
    """Exactly one mail address."""
    if ADDRESS.fullmatch(value):
        return None
    if len(re.findall("@", value)) > 1:
        return "holds several addresses; the Alert Service takes one recipient (use a distribution list)"
    return f"is {value!r}, which is no mail address"


def not_empty(value: object) -> str | None:
    """Any text but none."""
    return None if value else "is empty"
