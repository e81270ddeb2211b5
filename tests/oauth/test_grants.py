# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The other grants and client authentications, and a token endpoint that misbehaves."""

from __future__ import annotations

import datetime
import threading
import time
from typing import Any

import pytest
from cai_lab.control_client import LabControl
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from .conftest import Tasks

APP = {"grant": "client_credentials", "scope": ["https://outlook.office365.com/.default"], "user": None}
DAEMON = {**APP, "client_id": "daemon", "client_secret": "daemon-Secret-1"}


@pytest.mark.parametrize("method", ["post", "basic"])
@pytest.mark.parametrize("check_mode", [True, False])
def test_client_credentials(tasks: Tasks, method: str, check_mode: bool) -> None:
    got = tasks.run(**DAEMON, client_authentication=method, check_mode=check_mode)
    assert got["access_token"]
    (sent,) = tasks.lab.operations(operation="oauth_token_client_credentials")
    assert "scope" in sent["members"]
    assert (got["changed"], got["refresh_token"], got["_ansible_no_log"]) == (False, None, True)


@pytest.mark.parametrize("provider", ["generic", "microsoft"])
@pytest.mark.parametrize("passphrase", [None, "phrase"])
def test_private_key_jwt(tasks: Tasks, provider: str, passphrase: str | None) -> None:
    key, certificate = key_pair()
    tasks.lab.oauth_client("jwt-client", certificate=certificate)
    protection = serialization.BestAvailableEncryption(b"phrase") if passphrase else serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection).decode()
    options = {
        **APP,
        "client_id": "jwt-client",
        "client_secret": None,
        "private_key": pem,
        "private_key_passphrase": passphrase,
        "certificate": certificate,
        "provider": provider,
        "tenant": "t",
    }
    assert tasks.run(**options)["access_token"]
    other, _unused = key_pair()
    stranger = other.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    refused = tasks.run(**{**options, "private_key": stranger, "private_key_passphrase": None})
    assert refused["error"]["code"] == "client_refused"


def key_pair() -> tuple[rsa.RSAPrivateKey, str]:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "client")])
    now = datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + datetime.timedelta(days=1))
    return key, made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"client_secret": "wrong"}, "client_refused"),
        ({"client_id": "nobody"}, "client_unknown"),
        ({"scope": ["https://nothing.test/.default"]}, "scope_refused"),
        ({"client_id": "mail-client", "client_secret": "mail-client-Secret-1"}, "grant_not_allowed"),
        ({"client_authentication": "private_key_jwt"}, "invalid_option"),
        ({"client_authentication": "private_key_jwt", "private_key": "junk"}, "invalid_option"),
        ({"client_authentication": "basic", "client_secret": None}, "invalid_option"),
        ({"ca_path": "/nowhere.pem"}, "invalid_option"),
        ({"ca_path": None}, "tls_failed"),
        ({"step": "begin"}, "invalid_option"),
        ({"refresh_token_file": "x", "store_command": ["true"]}, "invalid_option"),
    ],
)
def test_what_is_wrong_is_named(tasks: Tasks, changes: dict[str, Any], code: str) -> None:
    result = tasks.run(**{**DAEMON, **changes})
    assert result["error"]["code"] == code
    assert "daemon-Secret-1" not in repr(result)


def device(tasks: Tasks, act: Any, **changes: Any) -> dict[str, Any]:
    """Run the device grant; ``act`` gets address and code in a thread of its own."""

    def person() -> None:
        deadline = time.monotonic() + 20
        while not tasks.said and time.monotonic() < deadline:
            time.sleep(0.02)
        place, _unused, code = tasks.said[0].partition(" open ")[2].partition(" and enter ")
        act(place, code)

    thread = threading.Thread(target=person)
    thread.start()
    try:
        return tasks.run(grant="device_code", client_id="public-client", client_secret=None, wait=20, **changes)
    finally:
        thread.join()


def test_device_code(tasks: Tasks) -> None:
    tasks.lab.oauth_settings(device_interval_s=1)
    got = device(tasks, tasks.person.approve_device)
    assert got["mailbox"] == "alerts@lab.test", got
    assert got["refresh_token"]


def test_device_code_slows_down_when_it_is_told_to(tasks: Tasks, monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible_collections.cai.console.plugins.module_utils._transport import Transport

    waits: list[float] = []
    monkeypatch.setattr(Transport, "pause", lambda self, seconds: waits.append(seconds))
    tasks.lab.set_switches(device_interval="omitted")
    result = tasks.run(grant="device_code", client_id="public-client", client_secret=None, wait=0.0)
    assert result["error"]["code"] == "consent_expired"
    tasks.lab.oauth_settings(device_lifetime_s=900)

    def now() -> float:
        return sum(waits)

    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    from ansible_collections.cai.console.plugins.plugin_utils._oauth import exchange

    result = exchange.run(
        tasks.options(grant="device_code", client_id="public-client", client_secret=None, wait=60),
        check_mode=False,
        environ={},
        say=tasks.said.append,
        now=now,
    )
    assert result["error"]["code"] == "consent_expired"
    # Without an interval it is 5 s; each slow_down adds 5 s for good.
    assert waits[:3] == [5.0, 5.0, 10.0]


@pytest.mark.parametrize(
    ("interval", "fault", "waits"),
    [
        (0, {}, [5.0, 5.0, 5.0]),
        (2, {"status": 429, "body": "html"}, [2.0, 7.0, 12.0]),
        (2, {"status": 503, "body": "empty"}, [2.0, 7.0, 12.0]),
        (2, {"latency_ms": 3000}, [2.0, 4.0, 8.0]),
    ],
)
def test_device_code_never_asks_without_a_pause_and_less_often_where_it_is_too_much(
    tasks: Tasks, monkeypatch: pytest.MonkeyPatch, interval: int, fault: dict[str, Any], waits: list[float]
) -> None:
    from ansible_collections.cai.console.plugins.module_utils._transport import Transport
    from ansible_collections.cai.console.plugins.plugin_utils._oauth import exchange

    paused: list[float] = []

    def pause(_self: Transport, seconds: float) -> None:
        paused.append(seconds)
        # The lab's clock goes along, so that its own limit of an interval is kept.
        tasks.lab.set_clock(sum(paused))
        if fault and len(paused) == 1:
            tasks.lab.set_faults({"listener": "oauth", "path": "/token$", "times": 20, **fault})

    monkeypatch.setattr(Transport, "pause", pause)
    tasks.lab.oauth_settings(device_interval_s=interval)
    public = {"grant": "device_code", "client_id": "public-client", "client_secret": None}
    result = exchange.run(
        tasks.options(**public, wait=sum(waits), timeout=1 if "latency_ms" in fault else 10),
        check_mode=False,
        environ={},
        say=tasks.said.append,
        now=lambda: sum(paused),
    )
    assert result["error"]["code"] == "consent_expired"
    assert paused == waits


def test_device_code_declined_and_expired(tasks: Tasks) -> None:
    import dataclasses

    tasks.lab.oauth_settings(device_interval_s=1)
    refusing = dataclasses.replace(tasks.person, accepts=False)
    assert device(tasks, refusing.approve_device)["error"]["code"] == "consent_declined"
    tasks.said.clear()
    result = device(tasks, lambda place, code: tasks.lab.set_clock(2000))
    assert result["error"]["code"] == "consent_expired"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"status": 429, "body": "html", "retry_after": 3}, "token_endpoint_busy"),
        ({"status": 503, "body": "empty"}, "token_endpoint_busy"),
        ({"status": 400, "body": "empty"}, "token_endpoint_error"),
        ({"status": 302, "body": "empty"}, "token_endpoint_error"),
        ({"truncate": True}, "token_endpoint_error"),
        ({"reset": True}, "token_endpoint_unreachable"),
        ({"latency_ms": 1500}, "token_endpoint_timeout"),
    ],
)
def test_a_token_endpoint_that_misbehaves(tasks: Tasks, lab: LabControl, fault: dict[str, Any], code: str) -> None:
    lab.set_faults({"listener": "oauth", "path": "/token$", **fault})
    result = tasks.run(**DAEMON, timeout=1)
    assert result["error"]["code"] == code
    if "retry_after" in fault:
        assert "3 s" in result["msg"]
    if "latency_ms" in fault:
        # The late request is still carried out; it must not meet the next test.
        deadline = time.monotonic() + 20
        while lab.operations(path="/lab-tenant/oauth2/v2.0/token")[-1]["status"] is None:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_a_provider_that_is_down(tasks: Tasks) -> None:
    result = tasks.run(**{**DAEMON, "discovery_url": None, "token_url": "https://127.0.0.1:9/token"})
    assert result["error"]["code"] == "token_endpoint_unreachable"


@pytest.mark.parametrize("number", [700082, 70008, 700084, 50173, 50076, 50158, 70000, 7000222, 7000215, 65001, 700016])
def test_the_codes_of_microsoft_over_the_wire(tasks: Tasks, lab: LabControl, number: int) -> None:
    lab.oauth_refuse(number)
    result = tasks.refresh(refresh_token="SECRET-refresh-token")
    assert result["provider_error"]["aadsts"] == number
    assert "SECRET" not in repr(result)
