# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The console's client: each stage, failing for real."""

from __future__ import annotations

import socket
import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from cai_lab.mail import Mailbox, MailServer, MailSettings, Pki, SendResult, send
from scripted_peer import scripted

USER, PASSWORD = "alerts@lab.test", "alerts-Mail-pw1"
RECIPIENT = "ops@example.com"


@pytest.fixture
def settings(server: MailServer) -> MailSettings:
    return MailSettings(host="127.0.0.1", port=server.starttls_port, security="TLS", user=USER, password=PASSWORD)


def attempt(settings: MailSettings, message: EmailMessage, pki: Pki, recipient: str = RECIPIENT) -> SendResult:
    return send(settings, message, recipient, pki.client_context(), timeout=10)


@pytest.mark.parametrize("security", ["TLS", "SSL"])
def test_sends(
    settings: MailSettings, server: MailServer, message: EmailMessage, pki: Pki, mailbox: Mailbox, security: str
) -> None:
    port = server.starttls_port if security == "TLS" else server.tls_port

    result = attempt(replace(settings, security=security, port=port), message, pki)

    (delivered,) = mailbox.messages()
    assert result == SendResult(ok=True, stage=None, code=250, message=f"2.0.0 Ok: queued as {delivered.id}")
    assert (delivered.auth_user, delivered.tls, delivered.recipients) == (USER, True, [RECIPIENT])
    assert delivered.body == "Zeile eins ä\n.\n.Punkt am Anfang\n"


def test_unknown_host(settings: MailSettings, message: EmailMessage, pki: Pki) -> None:
    result = attempt(replace(settings, host="no-such-host.invalid"), message, pki)
    assert (result.ok, result.stage, result.code) == (False, "dns", None)


def test_closed_port(settings: MailSettings, server: MailServer, message: EmailMessage, pki: Pki) -> None:
    server.stop()
    result = attempt(settings, message, pki)
    assert (result.ok, result.stage, result.code) == (False, "connect", None)
    assert "refused" in result.message


@pytest.mark.parametrize(
    ("banner", "code", "text"), [("421 4.7.0 too busy, try later", 421, "4.7.0 too busy, try later"), ("", None, "")]
)
def test_banner(
    settings: MailSettings, message: EmailMessage, pki: Pki, banner: str, code: int | None, text: str
) -> None:
    with scripted(banner=banner) as port:
        result = attempt(replace(settings, port=port), message, pki)
    assert (result.ok, result.stage, result.code) == (False, "banner", code)
    assert text in result.message and result.message


def test_ehlo_refused(settings: MailSettings, message: EmailMessage, pki: Pki) -> None:
    with scripted(("ehlo", "501 5.5.4 who are you")) as port:
        result = attempt(replace(settings, port=port), message, pki)
    assert result == SendResult(ok=False, stage="ehlo", code=501, message="5.5.4 who are you")


def test_no_starttls_offered(settings: MailSettings, message: EmailMessage, pki: Pki) -> None:
    with scripted(("ehlo", "250 scripted"), ("STARTTLS", "220 sent although it was not offered")) as port:
        result = attempt(replace(settings, port=port), message, pki)
    assert result == SendResult(ok=False, stage="starttls", code=None, message="the server does not offer STARTTLS")


def test_starttls_refused(settings: MailSettings, message: EmailMessage, pki: Pki) -> None:
    with scripted(("ehlo", "250-scripted\r\n250 STARTTLS"), ("STARTTLS", "454 4.7.0 TLS not available")) as port:
        result = attempt(replace(settings, port=port), message, pki)
    assert result == SendResult(ok=False, stage="starttls", code=454, message="4.7.0 TLS not available")


def test_a_handshake_that_fails_for_another_reason_than_the_certificate(
    settings: MailSettings, message: EmailMessage, pki: Pki
) -> None:
    with scripted(("ehlo", "250-scripted\r\n250 STARTTLS"), ("STARTTLS", "220 go\r\n220 still in clear text")) as port:
        result = attempt(replace(settings, port=port), message, pki)
    assert (result.ok, result.stage, result.code) == (False, "starttls", None)


def test_ehlo_refused_under_tls(settings: MailSettings, message: EmailMessage, pki: Pki) -> None:
    trust = pki.server_context(pki.leaf("127.0.0.1"))
    greet = ("ehlo", "250-scripted\r\n250 STARTTLS")
    with scripted(greet, ("STARTTLS", "220 go"), trust=trust, secured=(("ehlo", "501 5.5.4 not again"),)) as port:
        result = attempt(replace(settings, port=port), message, pki)
    assert result == SendResult(ok=False, stage="ehlo_tls", code=501, message="5.5.4 not again")


def test_a_target_that_is_cut_off_connects_to_nobody(
    settings: MailSettings, server: MailServer, message: EmailMessage, pki: Pki
) -> None:
    result = send(settings, message, RECIPIENT, pki.client_context(), cut_off=True)
    assert (result.ok, result.stage, result.code) == (False, "connect", None)
    assert "No route to host" in result.message
    assert server.counters.connections == 0


def test_untrusted_ca(settings: MailSettings, message: EmailMessage, tmp_path: Path, mailbox: Mailbox) -> None:
    result = attempt(settings, message, Pki(tmp_path / "other"))
    assert (result.ok, result.stage, result.code) == (False, "certificate", None)
    assert "certificate" in result.message
    assert mailbox.messages() == []


@pytest.mark.parametrize(
    ("case", "text"), [("wrong_name", "IP address mismatch"), ("expired", "certificate has expired")]
)
@pytest.mark.parametrize("security", ["TLS", "SSL"])
def test_bad_certificate(
    message: EmailMessage, pki: Pki, mailbox: Mailbox, accounts: dict[str, str], case: str, text: str, security: str
) -> None:
    past = datetime.now(UTC) - timedelta(days=1)
    leaf = pki.leaf("other.lab.test") if case == "wrong_name" else pki.leaf("127.0.0.1", not_after=past)
    server = MailServer(
        host="127.0.0.1", starttls_port=0, tls_port=0, accounts=accounts, mailbox=mailbox, pki=pki, leaf=leaf
    )
    server.start()
    try:
        port = server.starttls_port if security == "TLS" else server.tls_port
        result = attempt(MailSettings("127.0.0.1", port, security, USER, PASSWORD), message, pki)
    finally:
        server.stop()
    assert (result.ok, result.stage, result.code) == (False, "certificate", None)
    assert text in result.message


def test_tls_to_a_port_that_speaks_clear_text(settings: MailSettings, message: EmailMessage, pki: Pki) -> None:
    result = attempt(replace(settings, security="SSL"), message, pki)
    assert (result.ok, result.stage) == (False, "certificate")
    assert isinstance(result.message, str) and result.message


def test_auth_not_offered(settings: MailSettings, server: MailServer, message: EmailMessage, pki: Pki) -> None:
    result = attempt(replace(settings, security=None), message, pki)
    assert (result.ok, result.stage, result.code) == (False, "auth_offer", None)
    assert server.counters.refused_sign_ins == 0


def test_clear_text_auth_on_loopback_only(message: EmailMessage, monkeypatch: pytest.MonkeyPatch, pki: Pki) -> None:
    script = (("ehlo", "250-scripted\r\n250 AUTH LOGIN"), ("AUTH LOGIN", "334 VXNlcg=="), ("YWxl", "535 5.7.8 no"))
    with scripted(*script) as port:
        settings = MailSettings("127.0.0.1", port, None, USER, PASSWORD)
        result = attempt(settings, message, pki)
    assert result == SendResult(ok=False, stage="auth", code=535, message="5.7.8 no")

    monkeypatch.setattr("cai_lab.mail.sender._is_loopback", lambda _socket: False)
    with scripted(*script) as port:
        result = attempt(replace(settings, port=port), message, pki)
    assert result == SendResult(
        ok=False, stage="auth_offer", code=None, message="the password is not sent in clear text"
    )


def test_wrong_password_is_tried_once(
    settings: MailSettings, server: MailServer, message: EmailMessage, pki: Pki
) -> None:
    result = attempt(replace(settings, password="wrong-ä"), message, pki)
    assert (result.ok, result.stage, result.code) == (False, "auth", 535)
    assert result.message.startswith("5.7.8 ")
    assert "wrong" not in result.message
    assert server.counters.refused_sign_ins == 1


def test_refused_sender(settings: MailSettings, message: EmailMessage, pki: Pki) -> None:
    result = attempt(replace(settings, user="reports@lab.test", password="reports-Mail-pw1"), message, pki)
    assert (result.ok, result.stage, result.code) == (False, "mail", 553)
    assert result.message.startswith("5.7.1 ")


def test_no_sign_in_where_the_server_wants_one(settings: MailSettings, message: EmailMessage, pki: Pki) -> None:
    result = attempt(replace(settings, user=None, password=None), message, pki)
    assert (result.ok, result.stage, result.code) == (False, "mail", 530)


@pytest.mark.parametrize(("recipient", "code"), [("refused@lab.test", 550), ("ü@lab.test", None)])
def test_refused_recipient(
    settings: MailSettings, message: EmailMessage, pki: Pki, mailbox: Mailbox, recipient: str, code: int | None
) -> None:
    result = attempt(settings, message, pki, recipient)
    assert (result.ok, result.stage, result.code) == (False, "rcpt", code)
    assert mailbox.messages() == []


@pytest.mark.parametrize(("stage", "data"), [("data", "452 4.3.1 disk full"), ("queued", "354 go on")])
def test_refused_data(message: EmailMessage, pki: Pki, stage: str, data: str) -> None:
    script = (
        ("ehlo", "250 scripted"),
        ("mail", "250 ok"),
        ("rcpt", "250 ok"),
        ("data", data),
        (".\r\n", "552 5.3.4 too large"),
    )
    with scripted(*script) as port:
        result = attempt(MailSettings("127.0.0.1", port, None, None, None), message, pki)
    assert (result.ok, result.stage) == (False, stage)
    assert (result.code, result.message) == ((452, "4.3.1 disk full") if stage == "data" else (552, "5.3.4 too large"))


def test_a_server_that_hangs_up_after_the_dot(message: EmailMessage, pki: Pki) -> None:
    script = (("ehlo", "250 scripted"), ("mail", "250 ok"), ("rcpt", "250 ok"), ("data", "354 go on"), (".\r\n", ""))
    with scripted(*script) as port:
        result = attempt(MailSettings("127.0.0.1", port, None, None, None), message, pki)
    assert (result.ok, result.stage, result.code) == (False, "queued", None)


def test_a_server_that_hangs_up(message: EmailMessage, pki: Pki) -> None:
    with scripted(("ehlo", "250 scripted"), ("mail", "")) as port:
        result = attempt(MailSettings("127.0.0.1", port, None, None, None), message, pki)
    assert (result.ok, result.stage, result.code) == (False, "mail", None)
    assert result.message


def test_a_silent_server_ends_with_the_time_out(message: EmailMessage, pki: Pki) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = MailSettings("127.0.0.1", silent.getsockname()[1], None, None, None)
        result = send(settings, message, RECIPIENT, pki.client_context(), timeout=0.3)
    assert (result.ok, result.stage, result.code) == (False, "banner", None)


def test_verification_cannot_be_lost(pki: Pki) -> None:
    context = pki.client_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
