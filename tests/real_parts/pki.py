# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates of the bed: one authority with an intermediate, and a pair of files per kind of trouble."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import trustme

NAMES = ("localhost", "mail.lab.test", "127.0.0.1")


@dataclass(frozen=True)
class Pair:
    """PEM files: the private key, and the certificate with the intermediates that lead to the authority."""

    key: Path
    chain: Path


class Pki:
    """Makes all certificates in ``folder`` (a private folder that exists).

    ``ca`` is the authority to trust. Pairs: ``good`` (by an intermediate), ``expired`` (a day ago), ``soon`` (it will,
    in five days), ``wrongname`` (for other.lab.test), ``untrusted`` (by an authority that nobody trusts).
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.ca = folder / "ca.pem"
        root = trustme.CA(organization_name="Lab", organization_unit_name="Root of the real parts")
        root.cert_pem.write_to_path(self.ca)
        now = dt.datetime.now(dt.UTC)
        # trustme's leaves last for centuries where no end is given.
        year, day = now + dt.timedelta(days=365), dt.timedelta(days=1)
        inter = root.create_child_ca()
        self._write("good", inter.issue_cert(*NAMES, not_after=year))
        self._write("expired", root.issue_cert(*NAMES, not_before=now - 40 * day, not_after=now - day))
        self._write("soon", root.issue_cert(*NAMES, not_after=now + 5 * day))
        self._write("wrongname", root.issue_cert("other.lab.test", not_after=year))
        self._write("untrusted", trustme.CA().issue_cert(*NAMES, not_after=year))

    def pair(self, name: str) -> Pair:
        """Return the files of a certificate by its name."""
        return Pair(self._folder / f"{name}.key", self._folder / f"{name}.crt")

    def _write(self, name: str, leaf: trustme.LeafCert) -> None:
        pair = self.pair(name)
        leaf.private_key_pem.write_to_path(pair.key)
        pair.key.chmod(0o600)
        pair.chain.write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
