# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the client proves who it is at the token endpoint: by a secret, by a signed assertion, or not at all."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import time
import typing as t
import uuid
from urllib.parse import quote_plus

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.plugin_utils._oauth.libraries import HTTPBasicAuth
from ansible_collections.cai.console.plugins.plugin_utils._oauth.state import encoded

try:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
except ImportError:
    x509 = None  # type: ignore[assignment]

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFE_S = 300


@dataclasses.dataclass(frozen=True)
class Proof:
    """What goes with a token request: ``fields`` of the body, or ``auth`` for the header."""

    fields: dict[str, str]
    auth: HTTPBasicAuth | None = None


@dataclasses.dataclass(frozen=True)
class Client:
    """A client: its id, and how it authenticates (``post``, ``basic``, ``private_key_jwt`` or ``none``)."""

    client_id: str
    method: str
    secret: str | None = None
    private_key: str | None = None
    passphrase: str | None = None
    certificate: str | None = None
    prefer_pss: bool = False

    @classmethod
    def from_params(cls, params: t.Mapping[str, t.Any]) -> Client:
        """Build it from the options; without ``client_authentication``, what is given decides."""
        secret, key = params["client_secret"], params["private_key"]
        method = params["client_authentication"] or ("private_key_jwt" if key else "post" if secret else "none")
        needed = {"post": ("client_secret", secret), "basic": ("client_secret", secret)}
        name, value = needed.get(method, ("private_key", key) if method == "private_key_jwt" else ("", "x"))
        if not value:
            raise ConsoleError(
                "invalid_option",
                f"client_authentication={method} needs {name}.",
                stage="options",
                remedy=f"Give {name}, or choose another client_authentication.",
            )
        return cls(
            params["client_id"],
            method,
            secret,
            key,
            params["private_key_passphrase"],
            params["certificate"],
            prefer_pss=params["provider"] == "microsoft",
        )

    def secrets(self) -> list[str]:
        """Return what must be in no message."""
        return [text for text in (self.secret, self.private_key, self.passphrase) if text]

    def proof(self, token_url: str) -> Proof:
        """Return what a request to ``token_url`` carries."""
        fields = {"client_id": self.client_id}
        if self.method == "post":
            return Proof({**fields, "client_secret": self.secret or ""})
        if self.method == "basic":
            # RFC 6749 section 2.3.1: both are form-encoded before they are joined.
            return Proof({}, HTTPBasicAuth(quote_plus(self.client_id), quote_plus(self.secret or "")))
        if self.method == "private_key_jwt":
            assertion = self._assertion(token_url)
            return Proof({**fields, "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion})
        return Proof(fields)

    def _assertion(self, audience: str) -> str:
        if x509 is None:
            raise ConsoleError(
                "library_missing",
                "client_authentication=private_key_jwt needs the Python library cryptography.",
                stage="options",
                remedy="Install cryptography.",
            )
        key = _load(self.private_key or "", self.passphrase)
        now = int(time.time())
        header = {"alg": _algorithm(key, self.prefer_pss), "typ": "JWT", **_thumbprint(self.certificate)}
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": audience,
            "jti": str(uuid.uuid4()),
            "iat": now,
            "nbf": now,
            "exp": now + ASSERTION_LIFE_S,
        }
        text = ".".join(encoded(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
        return f"{text}.{encoded(_signature(key, header['alg'], text.encode()))}"


def _load(pem: str, passphrase: str | None) -> t.Any:
    try:
        key = serialization.load_pem_private_key(pem.encode(), passphrase.encode() if passphrase else None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey)):
        raise ConsoleError(
            "invalid_option",
            "private_key cannot be read as an RSA or EC key.",
            stage="options",
            remedy="Give the key in PEM, and private_key_passphrase if it is encrypted.",
        )
    return key


def _algorithm(key: t.Any, prefer_pss: bool) -> str:
    if isinstance(key, rsa.RSAPrivateKey):
        return "PS256" if prefer_pss else "RS256"
    return "ES256"


def _thumbprint(certificate: str | None) -> dict[str, str]:
    """Return the header that names the certificate, as Microsoft's certificate credentials want it."""
    if not certificate:
        return {}
    try:
        loaded = x509.load_pem_x509_certificate(certificate.encode())
    except ValueError:
        raise ConsoleError("invalid_option", "certificate is no certificate in PEM.", stage="options") from None
    return {"x5t#S256": encoded(hashlib.sha256(loaded.public_bytes(serialization.Encoding.DER)).digest())}


def _signature(key: t.Any, algorithm: str, message: bytes) -> bytes:
    if algorithm == "ES256":
        one, other = utils.decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
        return one.to_bytes(32, "big") + other.to_bytes(32, "big")
    pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
    signed: bytes = key.sign(message, pss if algorithm == "PS256" else padding.PKCS1v15(), hashes.SHA256())
    return signed
