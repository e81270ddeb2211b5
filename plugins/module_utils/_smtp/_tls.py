# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS: what is demanded of a server, the handshake, and why one failed."""

from __future__ import annotations

import _ssl
import hashlib
import re
import socket
import ssl
import sys
import typing as t

from ansible_collections.cai.console.plugins.module_utils._smtp._certificates import describe
from ansible_collections.cai.console.plugins.module_utils._smtp._model import StageFault

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._smtp._clock import Budget
    from ansible_collections.cai.console.plugins.module_utils._smtp._model import TlsTerms

FLOORS = {
    # Python deprecates the names of the old versions, so this is whatever the library can.
    "1.0": ssl.TLSVersion.MINIMUM_SUPPORTED,
    "1.2": ssl.TLSVersion.TLSv1_2,
    "1.3": ssl.TLSVersion.TLSv1_3,
}
# OpenSSL's numbers (x509_vfy.h, documented) for the verdicts that have a remedy of their own.
_VERIFY = {
    9: "The certificate is not valid yet",
    10: "The certificate has expired",
    18: "The certificate is signed by itself",
    19: "The chain ends in a CA that signed itself and is not trusted",
    20: "The certificate's issuer is not trusted, or an intermediate certificate is missing",
    21: "The certificate's issuer is not trusted, or an intermediate certificate is missing",
    62: "The certificate is for another name",
    64: "The certificate is for another address",
    66: "The certificate's key is too short",
    67: "A CA's key is too short",
    68: "The certificate's signature algorithm is too weak",
}
_NOT_TLS = ("WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG")
_REASON = re.compile(r"\(_ssl\.c:\d+\)|\[[^\]]*\]")


def context(terms: TlsTerms, *, verify: bool = True) -> ssl.SSLContext:
    """Return the context that the terms ask for; without ``verify`` one that takes anything, to look at it."""
    trusted = verify and not terms.fingerprint
    made = ssl.create_default_context(cadata=terms.ca_pem) if trusted else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if not trusted:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    old = not verify or terms.floor == "1.0" or terms.min_key_bits < 2048
    # Security level 2 refuses keys below 2,048 bits; level 0 is needed for the old versions. Python has set level 2
    # itself since 3.10, and a list of ciphers takes time to read.
    if old or sys.version_info < (3, 10):
        made.set_ciphers("DEFAULT:@SECLEVEL=0" if old else "DEFAULT:@SECLEVEL=2")
    made.minimum_version = FLOORS["1.0"] if not verify else FLOORS[terms.floor]
    return made


class NotTls(StageFault):
    """The peer answered the handshake with something that is no TLS at all."""


class Handshake(t.NamedTuple):
    """A handshake that was done: the socket, and the facts that go into the result."""

    sock: ssl.SSLSocket
    facts: dict[str, t.Any]


def shake(sock: socket.socket, made: ssl.SSLContext, host: str, budget: Budget) -> Handshake:
    """Do the handshake.

    A StageFault ``smtp_certificate_refused`` says that the peer's certificate is refused, ``smtp_tls_failed`` that
    there is no TLS for another reason. Then the socket is closed.
    """
    sock.settimeout(budget.left())
    try:
        wrapped = made.wrap_socket(sock, server_hostname=host)
    except ssl.SSLCertVerificationError as error:
        sock.close()
        why = _VERIFY.get(error.verify_code, "The certificate is refused")
        raise StageFault("smtp_certificate_refused", f"{why}: {error.verify_message.rstrip('.')}.") from None
    except socket.timeout:
        sock.close()
        raise StageFault("smtp_timeout", "The TLS handshake was not done in time.") from None
    except (ConnectionError, ssl.SSLEOFError) as error:
        sock.close()
        raise StageFault("smtp_connection_lost", f"The connection was lost in the handshake: {error}.") from None
    except (OSError, ValueError) as error:
        sock.close()
        kind = NotTls if getattr(error, "reason", None) in _NOT_TLS else StageFault
        raise kind("smtp_tls_failed", _explain(error)) from None
    chain = [describe(der) for der in chain_of(wrapped)]
    cipher = wrapped.cipher()
    facts = {
        "version": wrapped.version(),
        "cipher": cipher[0] if cipher else None,
        "verified": made.verify_mode == ssl.CERT_REQUIRED,
        "chain": chain,
    }
    return Handshake(wrapped, facts)


def chain_of(sock: ssl.SSLSocket) -> list[bytes]:
    """Return what the peer presented, leaf first (DER). Below Python 3.10 that is the leaf only."""
    public = getattr(sock, "get_unverified_chain", None)
    if public is not None:
        return list(public())
    inner = getattr(getattr(sock, "_sslobj", None), "get_unverified_chain", None)
    if inner is not None:
        return [certificate.public_bytes(_ssl.ENCODING_DER) for certificate in inner()]
    leaf = sock.getpeercert(True)
    return [leaf] if leaf else []


def judge(facts: dict[str, t.Any], terms: TlsTerms) -> list[tuple[str, str]]:
    """Check the pin, the key's size and the remaining life; return warnings as (name, sentence), or raise a
    StageFault.
    """
    leaf = facts["chain"][0] if facts["chain"] else {}
    if terms.fingerprint:
        if leaf.get("fingerprint") != terms.fingerprint:
            raise StageFault(
                "smtp_fingerprint_mismatch", f"The certificate's SHA-256 fingerprint is {leaf.get('fingerprint')}."
            )
        facts["verified"] = True
    bits, kind = leaf.get("key_bits"), leaf.get("key_type")
    if kind == "RSA" and bits is not None and bits < terms.min_key_bits:
        raise StageFault("smtp_certificate_refused", f"The certificate's RSA key has only {bits} bits.")
    days = leaf.get("days_left")
    if days is None:
        return [("certificate_unread", "The certificate's life is not known: the library cryptography is missing.")]
    if days < terms.fail_days:
        raise StageFault("smtp_certificate_expiring", f"The certificate is valid for {days} more days only.")
    if days < terms.warn_days:
        return [("certificate_expires_soon", f"The certificate is valid for {days} more days.")]
    return []


def fingerprint(der: bytes) -> str:
    """Return the SHA-256 fingerprint of a certificate, 64 hexadecimal digits."""
    return hashlib.sha256(der).hexdigest()


def _explain(error: Exception) -> str:
    reason = str(getattr(error, "reason", None) or "")
    if reason in _NOT_TLS:
        return f"The server answers with something that is not TLS ({reason})."
    if reason in ("TLSV1_ALERT_PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL"):
        return f"The server has no TLS version that is allowed here ({reason})."
    said = _REASON.sub("", str(error)).strip(" :") or type(error).__name__
    return f"TLS could not be agreed on: {said}."
