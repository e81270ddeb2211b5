# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of an access token: from the token itself, if it is a JWT, and from the answer that brought it.

Nothing here is verified: it only explains a refusal, or warns of one to come.
"""

from __future__ import annotations

import base64
import binascii
import json
import time
import typing as t

from ansible_collections.cai.console.plugins.module_utils._moment import moment

FEW_SECONDS = 120
# Scopes and audiences that the providers document for sending by SMTP.
SCOPES = ("SMTP.Send", "SMTP.SendAsApp", "https://mail.google.com/", ".default")
AUDIENCES = ("outlook.office", "00000002-0000-0ff1-ce00-000000000000", "mail.google.com")


def claims(token: str) -> dict[str, t.Any]:
    """Return the payload of a JWT, or an empty dictionary for an opaque token."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        found = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def explain(token: str, info: t.Mapping[str, t.Any], username: str, now: float | None = None) -> list[str]:
    """Return what is wrong, or nearly so, with a token: one sentence each, the most telling first.

    ``info``: ``expires_at`` (ISO 8601, or seconds since 1970), ``scope`` (text or list) and ``username``, as the
    token's answer had them.
    """
    held = claims(token)
    said = _life(info.get("expires_at") or held.get("exp"), time.time() if now is None else now)
    said += _scope(info.get("scope") or held.get("scp") or held.get("scope") or held.get("roles"))
    said += _audience(held.get("aud"))
    return said + _mailbox(info, held, username)


def _life(ends: t.Any, now: float) -> list[str]:
    try:
        left = float(ends) - now
    except (TypeError, ValueError):
        told = moment(str(ends or ""))
        if told is None:
            return []
        left = told.timestamp() - now
    if left <= 0:
        return [f"The token has expired {round(-left)} s ago."]
    return [f"The token ends in {round(left)} s."] if left < FEW_SECONDS else []


def _scope(scope: t.Any) -> list[str]:
    words = (scope if isinstance(scope, str) else " ".join(str(word) for word in scope or ())).split()
    if not words or any(word.endswith(SCOPES) for word in words):
        return []
    return [f"The token's scope ({', '.join(words)}) is none that Microsoft or Google documents for SMTP."]


def _audience(audience: t.Any) -> list[str]:
    named = [str(entry) for entry in (audience if isinstance(audience, list) else [audience]) if entry]
    if not named or any(known in entry for entry in named for known in AUDIENCES):
        return []
    return [f"The token is meant for {', '.join(named)}, which is none of the mail services known here."]


def _mailbox(info: t.Mapping[str, t.Any], held: t.Mapping[str, t.Any], username: str) -> list[str]:
    names = ("username", "upn", "preferred_username", "unique_name", "email")
    owner = next((str(place[name]) for place in (info, held) for name in names if place.get(name)), None)
    if not owner or owner.casefold() == username.casefold():
        return []
    return [f"The token is {owner}'s, not {username}'s (right for a shared mailbox, else not)."]
