# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates of every kind that a probe must accept or refuse."""

from __future__ import annotations

import datetime
import ssl
from dataclasses import dataclass
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

NAMES = ("localhost", "127.0.0.1")


@dataclass(frozen=True)
class Kinds:
    """``ca_pem``: text of the CA that signed all but ``untrusted``, which is by ``other_ca_pem``. ``contexts``: what a
    server presents, by kind.
    """

    ca_pem: str
    other_ca_pem: str
    contexts: dict[str, ssl.SSLContext]
    fingerprints: dict[str, str]


def make(folder: Path) -> Kinds:
    """Make them all; keys are written to ``folder``."""
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    ca, other = trustme.CA(), trustme.CA()
    inter = ca.create_child_ca()
    leaves = {
        "good": inter.issue_cert(*NAMES, not_after=now + 90 * day),
        "expired": ca.issue_cert(*NAMES, not_before=now - 40 * day, not_after=now - day),
        "soon": ca.issue_cert(*NAMES, not_after=now + 5 * day),
        "future": ca.issue_cert(*NAMES, not_before=now + 5 * day, not_after=now + 90 * day),
        "wrong_name": ca.issue_cert("other.lab.test", not_after=now + 90 * day),
        "untrusted": other.issue_cert(*NAMES, not_after=now + 90 * day),
    }
    pems = {kind: (leaf.private_key_pem.bytes(), _chain(leaf)) for kind, leaf in leaves.items()}
    pems["no_intermediate"] = (pems["good"][0], leaves["good"].cert_chain_pems[0].bytes())
    pems["short_key"] = _short_key(ca)
    contexts, prints = {}, {}
    for kind, (key, chain) in pems.items():
        path = folder / f"{kind}.pem"
        path.write_bytes(key + chain)
        contexts[kind] = _context(path)
        first = x509.load_pem_x509_certificates(chain)[0]
        prints[kind] = first.fingerprint(hashes.SHA256()).hex()
    newest = {"oldest_tls": ssl.TLSVersion.TLSv1, "old_tls": ssl.TLSVersion.TLSv1_1, "tls_1_2": ssl.TLSVersion.TLSv1_2}
    for kind, version in newest.items():
        contexts[kind] = _context(folder / "good.pem")
        contexts[kind].minimum_version = ssl.TLSVersion.TLSv1
        contexts[kind].maximum_version = version
    return Kinds(_text(ca), _text(other), contexts, prints)


def _text(ca: trustme.CA) -> str:
    return ca.cert_pem.bytes().decode()


def _chain(leaf: trustme.LeafCert) -> bytes:
    return b"".join(blob.bytes() for blob in leaf.cert_chain_pems)


def _context(path: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.load_cert_chain(path)
    return context


def _short_key(ca: trustme.CA) -> tuple[bytes, bytes]:
    """A certificate over an RSA key of 1,024 bits, signed by the same CA; trustme itself makes none."""
    # A key this short is the very thing that has to be refused.
    key = rsa.generate_private_key(65537, 1024)
    signer = serialization.load_pem_private_key(ca.private_key_pem.bytes(), None)
    issuer = x509.load_pem_x509_certificate(ca.cert_pem.bytes())
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]))
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=90))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in NAMES[:1]]), critical=False)
        .sign(signer, hashes.SHA256())  # type: ignore[arg-type]
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return pem, certificate.public_bytes(serialization.Encoding.PEM)
