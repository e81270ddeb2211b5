# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds a secret in a text, in clear or as it often travels: in JSON, in a URL, in base64."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from urllib.parse import quote, quote_plus


def forms(secret: str) -> dict[str, str]:
    """The texts under which a secret may appear, by the form's name."""
    found = {
        "clear": secret,
        "URL": quote(secret, safe=""),
        "path": quote(secret),
        "form": quote_plus(secret, safe=""),
    }
    for offset in range(3):
        # Base64 of a longer text that holds the secret: only the part that its neighbours do not touch.
        whole = base64.b64encode(b"\0" * offset + secret.encode())
        inner = whole[(offset * 8 + 5) // 6 : (len(secret.encode()) + offset) * 8 // 6].decode()
        found[f"base64+{offset}"] = inner
        found[f"base64url+{offset}"] = inner.replace("+", "-").replace("/", "_")
    return found


def unescaped(text: str) -> str:
    """The text without the escapes of JSON and Python, however deep they are nested."""
    return re.sub(r"\\+u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text).replace("\\", "")


def leaks(text: str, secrets: Mapping[str, str]) -> list[str]:
    """Which secrets (by name; they hold no backslash) the text holds, and in which form."""
    places = {"": text, "escaped ": unescaped(text)}
    return [
        f"{name} ({place}{form})"
        for name, secret in secrets.items()
        for form, look in forms(secret).items()
        for place, where in places.items()
        if look in where
    ]
