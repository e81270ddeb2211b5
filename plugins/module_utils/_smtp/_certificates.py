# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a certificate says of itself, read by ``cryptography`` where that is installed."""

from __future__ import annotations

import datetime
import functools
import hashlib
import typing as t

try:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
except ImportError:
    x509 = None  # type: ignore[assignment]


def describe(der: bytes) -> dict[str, t.Any]:
    """Return subject, issuer, names, validity (ISO 8601, UTC), ``days_left`` (with a fraction), ``key_type``,
    ``key_bits``, ``signature_hash`` and the SHA-256 ``fingerprint``. Without the library, or for a certificate that it
    cannot read, all but the fingerprint are None.
    """
    facts, ends = _described(der)
    left = ends - datetime.datetime.now(datetime.timezone.utc) if ends is not None else None
    days = round(left.total_seconds() / 86400, 1) if left is not None else None
    return {**facts, "names": list(facts["names"]), "days_left": days}


# Reading a certificate takes as long as half a session, and many probes meet the same one.
@functools.lru_cache(maxsize=64)
def _described(der: bytes) -> tuple[dict[str, t.Any], datetime.datetime | None]:
    """Return what does not change with time, and when it ends."""
    facts: dict[str, t.Any] = dict.fromkeys(
        ("subject", "issuer", "not_before", "not_after", "days_left", "key_type", "key_bits", "signature_hash")
    )
    facts["names"], ends = [], None
    if x509 is not None:
        try:
            certificate = x509.load_der_x509_certificate(der)
            ends = _moment(certificate, "not_valid_after")
            facts.update(_read(certificate, ends))
        except ValueError:
            ends = None
    facts["fingerprint"] = hashlib.sha256(der).hexdigest()
    return facts, ends


def _read(certificate: t.Any, ends: datetime.datetime) -> dict[str, t.Any]:
    begins = _moment(certificate, "not_valid_before")
    kind, bits = _key(certificate)
    algorithm = certificate.signature_hash_algorithm
    return {
        "subject": certificate.subject.rfc4514_string(),
        "issuer": certificate.issuer.rfc4514_string(),
        "names": _names(certificate),
        "not_before": begins.isoformat(),
        "not_after": ends.isoformat(),
        "key_type": kind,
        "key_bits": bits,
        "signature_hash": algorithm.name if algorithm else None,
    }


def _moment(certificate: t.Any, name: str) -> datetime.datetime:
    """The aware attribute came with cryptography 42; the older one has no zone and means UTC."""
    if hasattr(certificate, f"{name}_utc"):
        return t.cast(datetime.datetime, getattr(certificate, f"{name}_utc"))
    return t.cast(datetime.datetime, getattr(certificate, name)).replace(tzinfo=datetime.timezone.utc)


def _key(certificate: t.Any) -> tuple[str | None, int | None]:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return "RSA", key.key_size
    if isinstance(key, ec.EllipticCurvePublicKey):
        return "EC", key.key_size
    if isinstance(key, (ed25519.Ed25519PublicKey, ed448.Ed448PublicKey)):
        return type(key).__name__.replace("PublicKey", ""), None
    return type(key).__name__, getattr(key, "key_size", None)


def _names(certificate: t.Any) -> list[str]:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    return [str(name.value) for name in extension.value]
