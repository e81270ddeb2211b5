# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The signed ``state`` of a consent, and the PKCE verifier that is derived from it. Pure; no file, no request.

What travels (link, state) is public. The key alone makes the verifier, so two jobs need nothing but the key in common.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import hashlib
import hmac
import json
import secrets

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError

MIN_KEY = 32
VERSION = 1
SKEW_S = 300


@dataclasses.dataclass(frozen=True)
class Claim:
    """What a state says: whose consent, for which client at which provider, until when (seconds since the epoch)."""

    target: str
    client_id: str
    provider: str
    expires: int
    nonce: str = dataclasses.field(default_factory=lambda: secrets.token_urlsafe(12))


def encoded(data: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def check_key(key: str | None) -> str:
    """Return the key, or refuse one that could be guessed."""
    if not key or len(key) < MIN_KEY:
        raise ConsoleError(
            "invalid_option",
            f"consent_key is {'not set' if not key else f'shorter than {MIN_KEY} characters'}.",
            stage="options",
            remedy="Make one with 'openssl rand -hex 32' and give it to both steps as a secret.",
        )
    return key


def _mac(key: str, purpose: bytes, message: str) -> bytes:
    own = hmac.new(key.encode(), b"cai.console oauth " + purpose, hashlib.sha256).digest()
    return hmac.new(own, message.encode(), hashlib.sha256).digest()


def sign(claim: Claim, key: str) -> str:
    """Return the state: the claim, and its MAC."""
    words = [VERSION, claim.target, claim.client_id, claim.provider, claim.expires, claim.nonce]
    text = encoded(json.dumps(words, separators=(",", ":"), ensure_ascii=False).encode())
    return f"{text}.{encoded(_mac(key, b'state', text))}"


def verify(state: str, key: str) -> Claim:
    """Return what a state says, if it was made with this key."""
    text, _dot, mac = state.partition(".")
    try:
        right = hmac.compare_digest(_decoded(mac), _mac(key, b"state", text))
        words = json.loads(_decoded(text)) if right else None
    except (ValueError, binascii.Error):
        words = None
    if not isinstance(words, list) or len(words) != 6 or words[0] != VERSION:
        raise ConsoleError("state_invalid", "The state's signature is not right.", stage="consent")
    return Claim(str(words[1]), str(words[2]), str(words[3]), int(words[4]), str(words[5]))


def check(claim: Claim, *, target: str, client_id: str, provider: str, now: float) -> None:
    """Refuse a claim of somebody else, or one whose time is over."""
    for what, said, wanted in (
        ("target", claim.target, target),
        ("client", claim.client_id, client_id),
        ("provider", claim.provider, provider),
    ):
        if said != wanted:
            message = f"It was begun for the {what} {said}, not for {wanted}."
            raise ConsoleError("state_mismatch", message, stage="consent")
    if now > claim.expires:
        raise ConsoleError("consent_expired", "The time that step=begin gave is over.", stage="consent")


def verifier(state: str, key: str) -> str:
    """Return the PKCE verifier (43 characters) that belongs to a state."""
    return encoded(_mac(key, b"pkce", state))


def challenge(code_verifier: str) -> str:
    """Return the S256 challenge of a verifier."""
    return encoded(hashlib.sha256(code_verifier.encode()).digest())
