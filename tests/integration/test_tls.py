# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""https: who is trusted is decided by the options, and by nothing else."""

from __future__ import annotations

import hashlib
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import trustme
from cai_lab.control_client import LabControl
from support import client
from support.labs import Watch, connection
from support.play import Player


@pytest.fixture
def secure(tls_lab: LabControl) -> dict[str, Any]:
    """Connection options of the lab that speaks https, without a word about trust."""
    return connection(tls_lab)


@pytest.fixture
def fingerprint(tls_lab: LabControl) -> str:
    """The SHA-256 fingerprint of the lab's certificate."""
    there = urlsplit(tls_lab.addresses["console"])
    pem = ssl.get_server_certificate((str(there.hostname), int(there.port or 0)))
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()


def own_agent(lab: LabControl, **more: Any) -> dict[str, Any]:
    """Options for reaching agent-a at its own address."""
    return {"console_agent_url": lab.addresses["agents"]["agent-a"], **more}


@pytest.mark.parametrize("target", ["Cloud Server", "agent-a"])
def test_with_the_ca_everything_is_verified(target: str, tls_lab: LabControl, secure: dict[str, Any]) -> None:
    link = {**secure, "console_ca_path": tls_lab.addresses["ca"]}
    assert client.done("email_service_info", link, target=target)["target"]["name"] == target


@pytest.mark.parametrize("way", [{"console_agent_url": True}, {"console_allowed_agent_hosts": ["127.0.0.1"]}])
def test_agents_at_their_own_address_are_verified_too(
    way: dict[str, Any], tls_lab: LabControl, secure: dict[str, Any]
) -> None:
    link = {**secure, **(way if "console_agent_url" not in way else own_agent(tls_lab))}
    watch = Watch(tls_lab)
    assert client.run("email_service_info", link, target="agent-a")["error"]["code"] == "tls_failed"
    assert watch.operations() == []
    trusted = {**link, "console_ca_path": tls_lab.addresses["ca"]}
    assert client.done("email_service_info", trusted, target="agent-a")
    assert "agent" in {entry["listener"] for entry in watch.operations()}


def test_without_the_ca_nothing_is_sent(secure: dict[str, Any], tls_lab: LabControl) -> None:
    watch = Watch(tls_lab)
    result = client.run("email_service_info", secure)
    assert (result["error"]["code"], result["error"]["stage"]) == ("tls_failed", "sign_in")
    assert "console_ca_path" in result["error"]["remedy"]
    assert watch.operations() == []


def test_another_ca_is_not_enough(secure: dict[str, Any], tls_lab: LabControl, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    watch = Watch(tls_lab)
    assert client.run("email_service_info", {**secure, "console_ca_path": str(other)})["error"]["code"] == "tls_failed"
    assert watch.operations() == []


@pytest.mark.parametrize("door", ["local", "elsewhere"])
def test_verification_can_be_switched_off_without_noise(door: str, secure: dict[str, Any], play: Player) -> None:
    link = {**secure, "console_validate_certs": False}
    run = play([{"name": "read", "cai.console.email_service_info": {}}], connection=link, play={"connection": door})
    assert run.one("read").status == "ok"
    assert run.stderr == ""


def test_an_agents_own_address_is_https_where_the_consoles_is(secure: dict[str, Any], tls_lab: LabControl) -> None:
    """That clear text is allowed (here by the option, and because it is loopback) does not make it the better way."""
    trusted = {**secure, "console_ca_path": tls_lab.addresses["ca"], "console_allow_cleartext": True}
    assert client.done(
        "email_service_info", {**trusted, "console_allowed_agent_hosts": ["127.0.0.1"]}, target="agent-a"
    )


@pytest.mark.parametrize(
    "spelling", [str.lower, str.upper, lambda text: ":".join(text[i : i + 2] for i in range(0, 64, 2))]
)
def test_the_right_fingerprint_stands_in_for_an_authority(
    spelling: Any, secure: dict[str, Any], fingerprint: str
) -> None:
    assert client.done("email_service_info", {**secure, "console_fingerprint": spelling(fingerprint)})


@pytest.mark.parametrize("with_ca", [False, True])
def test_the_wrong_fingerprint_is_refused_whoever_signed(
    with_ca: bool, secure: dict[str, Any], tls_lab: LabControl
) -> None:
    trust = {"console_ca_path": tls_lab.addresses["ca"]} if with_ca else {}
    watch = Watch(tls_lab)
    result = client.run("email_service_info", {**secure, **trust, "console_fingerprint": "ab" * 32})
    assert result["error"]["code"] == "tls_failed"
    assert "fingerprint" in result["msg"]
    assert watch.operations() == []


def test_an_agents_fingerprint_counts_for_its_own_address(
    secure: dict[str, Any], tls_lab: LabControl, fingerprint: str
) -> None:
    trusted = {**secure, "console_ca_path": tls_lab.addresses["ca"]}
    right = own_agent(tls_lab, console_fingerprint=fingerprint)
    assert client.done("email_service_info", {**trusted, **right}, target="agent-a")
    watch = Watch(tls_lab)
    wrong = own_agent(tls_lab, console_fingerprint="ab" * 32)
    assert client.run("email_service_info", {**trusted, **wrong}, target="agent-a")["error"]["code"] == "tls_failed"
    assert "read_email_service" not in watch.names()


def test_playbooks_verify_through_both_doors(secure: dict[str, Any], tls_lab: LabControl, play: Player) -> None:
    trusted = {**secure, "console_ca_path": tls_lab.addresses["ca"]}
    task = {"name": "read", "cai.console.email_service_info": {}}
    for door in ("local", "elsewhere"):
        assert play([task], connection=trusted, play={"connection": door}).one("read").status == "ok"
        run = play([task], connection=secure, play={"connection": door}, exit_code=2)
        assert run.one("read").code == "tls_failed"
