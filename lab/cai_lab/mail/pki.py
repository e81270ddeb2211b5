# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A certificate authority of the lab's own, kept in a folder so that clients may go on trusting it after a restart."""

from __future__ import annotations

import hashlib
import os
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import trustme

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True)
class Leaf:
    """A server certificate with its chain, and its private key (PEM files)."""

    cert_pem: Path
    key_pem: Path


class Pki:
    """A CA and its server certificates in ``folder``; what the folder already holds is used again.

    ``also``: a file with CA certificates (PEM) that clients trust besides this one.
    """

    def __init__(self, folder: Path, also: Path | None = None) -> None:
        self._also = also
        self._folder = folder
        self.ca_pem = folder / "ca.pem"
        self._ca_key = folder / "ca.key"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.ca_pem.is_file() and self._ca_key.is_file():
            self._ca = trustme.CA.from_pem(self.ca_pem.read_bytes(), self._ca_key.read_bytes())
        else:
            self._ca = trustme.CA(organization_name="cai.console lab", organization_unit_name="Lab CA")
            _write(self._ca_key, self._ca.private_key_pem.bytes())
            _write(self.ca_pem, self._ca.cert_pem.bytes())

    def leaf(self, *names: str, not_after: datetime | None = None) -> Leaf:
        """Return a certificate for ``names`` (DNS names or IP addresses), made when the folder has none for them.

        Without ``not_after`` it does not expire in practice (the year 3000): the lab's clock can be moved far ahead.
        """
        wanted = "\n".join([*sorted(names), not_after.isoformat() if not_after else ""])
        stem = hashlib.sha256(wanted.encode()).hexdigest()[:16]
        leaf = Leaf(cert_pem=self._folder / f"{stem}.pem", key_pem=self._folder / f"{stem}.key")
        if not (leaf.cert_pem.is_file() and leaf.key_pem.is_file()):
            issued = self._ca.issue_cert(*names, not_after=not_after)
            _write(leaf.key_pem, issued.private_key_pem.bytes())
            _write(leaf.cert_pem, b"".join(blob.bytes() for blob in issued.cert_chain_pems))
        return leaf

    def server_context(self, leaf: Leaf) -> ssl.SSLContext:
        """Return a context for a server that presents ``leaf``."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(leaf.cert_pem, leaf.key_pem)
        return context

    def client_context(self) -> ssl.SSLContext:
        """Return a verifying context for a client that trusts this CA, those of ``also``, and no other."""
        context = ssl.create_default_context(cafile=str(self.ca_pem))
        if self._also is not None:
            context.load_verify_locations(cafile=str(self._also))
        return context


def _write(path: Path, content: bytes) -> None:
    """Write a file for its owner only, so that it is there wholly or not at all."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with open(draft, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as stream:
        stream.write(content)
    draft.replace(path)
