# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The CA survives a restart, and its files are private."""

from __future__ import annotations

import ssl
import stat
from pathlib import Path

import pytest
from cai_lab.mail import Pki


def test_a_second_pki_on_the_same_folder_has_the_same_ca_and_leaf(tmp_path: Path) -> None:
    first = Pki(tmp_path / "pki")
    authority, leaf = first.ca_pem.read_bytes(), first.leaf("localhost", "127.0.0.1")
    certificate = leaf.cert_pem.read_bytes()

    second = Pki(tmp_path / "pki")

    assert second.ca_pem.read_bytes() == authority
    assert second.leaf("127.0.0.1", "localhost") == leaf
    assert leaf.cert_pem.read_bytes() == certificate
    assert second.leaf("other.lab.test") != leaf


def test_a_half_made_folder_gets_a_whole_ca(tmp_path: Path) -> None:
    whole = Pki(tmp_path / "pki")
    (tmp_path / "pki" / "ca.key").unlink()

    again = Pki(tmp_path / "pki")

    assert again.ca_pem == whole.ca_pem
    assert isinstance(again.server_context(again.leaf("localhost")), ssl.SSLContext)


def test_all_files_are_private(tmp_path: Path) -> None:
    pki = Pki(tmp_path / "pki")
    pki.leaf("localhost")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "pki").iterdir()}

    assert modes == {0o600}
    assert stat.S_IMODE((tmp_path / "pki").stat().st_mode) == 0o700


@pytest.mark.parametrize("mine", [True, False])
def test_a_client_trusts_this_ca_only(tmp_path: Path, mine: bool) -> None:
    pki = Pki(tmp_path / "pki")
    trusted = pki if mine else Pki(tmp_path / "other")
    loaded = trusted.client_context().get_ca_certs(binary_form=True)

    assert len(loaded) == 1
    assert (ssl.PEM_cert_to_DER_cert(pki.ca_pem.read_text()) in loaded) is mine
    assert trusted.client_context().verify_mode is ssl.CERT_REQUIRED
