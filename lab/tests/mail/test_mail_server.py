# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The server against Python's own smtplib, an independent client."""

from __future__ import annotations

import smtplib
import socket
import ssl
from email.message import EmailMessage

import pytest
from cai_lab.mail import Mailbox, MailServer, Pki

USER, PASSWORD = "alerts@lab.test", "alerts-Mail-pw1"


def connect(server: MailServer, pki: Pki, *, implicit: bool = False) -> smtplib.SMTP:
    if implicit:
        return smtplib.SMTP_SSL(server.host, server.tls_port, timeout=10, context=pki.client_context())
    client = smtplib.SMTP(server.host, server.starttls_port, timeout=10)
    client.starttls(context=pki.client_context())
    client.ehlo()
    return client


@pytest.mark.parametrize("implicit", [False, True])
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_delivers_with_each_mechanism_and_kind_of_tls(
    server: MailServer, pki: Pki, mailbox: Mailbox, message: EmailMessage, implicit: bool, mechanism: str
) -> None:
    with connect(server, pki, implicit=implicit) as client:
        client.ehlo()
        assert client.esmtp_features["auth"].split() == ["LOGIN", "PLAIN"]
        client.esmtp_features["auth"] = mechanism
        client.login(USER, PASSWORD)
        client.send_message(message)

    (delivered,) = mailbox.messages()
    port = server.tls_port if implicit else server.starttls_port
    assert delivered.received_by == f"127.0.0.1:{port}"
    assert (delivered.tls, delivered.auth_user, delivered.sender) == (True, USER, USER)
    assert delivered.recipients == ["ops@example.com"]
    assert delivered.subject == "Prozess Zürich ist stehen geblieben"
    assert delivered.body == "Zeile eins ä\n.\n.Punkt am Anfang\n"
    assert server.counters.connections == 1
    assert server.counters.refused_sign_ins == 0


def test_no_auth_before_tls(server: MailServer) -> None:
    with smtplib.SMTP(server.host, server.starttls_port, timeout=10) as client:
        client.ehlo()
        assert not client.has_extn("auth")
        code, _text = client.docmd("AUTH", "PLAIN AGEAYg==")
        assert code == 538


@pytest.mark.parametrize("under_tls", [False, True])
def test_no_mail_without_auth(server: MailServer, pki: Pki, under_tls: bool) -> None:
    client = connect(server, pki) if under_tls else smtplib.SMTP(server.host, server.starttls_port, timeout=10)
    with client:
        client.ehlo()
        code, text = client.mail(USER)
        assert (code, text.split()[0]) == (530, b"5.7.0")


@pytest.mark.parametrize(("user", "password"), [(USER, "wrong"), ("nobody@lab.test", PASSWORD), (USER, "")])
def test_wrong_credentials(server: MailServer, pki: Pki, user: str, password: str) -> None:
    with connect(server, pki) as client:
        client.esmtp_features["auth"] = "PLAIN"
        with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
            client.login(user, password)
    assert refused.value.smtp_code == 535
    assert str(refused.value.smtp_error).startswith("b'5.7.8 ")
    assert server.counters.refused_sign_ins == 1


def test_an_account_sends_only_as_itself(server: MailServer, pki: Pki) -> None:
    with connect(server, pki) as client:
        client.login(USER, PASSWORD)
        code, text = client.mail("reports@lab.test")
        assert (code, text.split()[0]) == (553, b"5.7.1")
        assert client.mail("Alerts@Lab.test")[0] == 250


def test_a_long_secret_is_read_whole(server: MailServer, pki: Pki) -> None:
    with connect(server, pki) as client:
        client.esmtp_features["auth"] = "PLAIN"
        with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
            client.login(USER, "x" * 8000, initial_response_ok=True)
    assert refused.value.smtp_code == 535


def test_servers_on_several_addresses_share_a_mailbox(
    server: MailServer, pki: Pki, mailbox: Mailbox, message: EmailMessage, accounts: dict[str, str]
) -> None:
    second = MailServer(
        host="127.0.0.2",
        starttls_port=server.starttls_port,
        tls_port=server.tls_port,
        accounts=accounts,
        mailbox=mailbox,
        pki=pki,
        names=("127.0.0.2",),
    )
    second.start()
    try:
        for running in (server, second):
            with connect(running, pki) as client:
                client.login(USER, PASSWORD)
                client.send_message(message)
    finally:
        second.stop()

    port = server.starttls_port
    assert [mail.received_by for mail in mailbox.messages()] == [f"127.0.0.1:{port}", f"127.0.0.2:{port}"]
    assert (server.counters.connections, second.counters.connections) == (1, 1)


def test_a_port_in_use_is_an_oserror_and_leaves_nothing(
    server: MailServer, pki: Pki, mailbox: Mailbox, accounts: dict[str, str]
) -> None:
    twin = MailServer(
        host="127.0.0.1", starttls_port=0, tls_port=server.tls_port, accounts=accounts, mailbox=mailbox, pki=pki
    )
    with pytest.raises(OSError):
        twin.start()
    free = twin.starttls_port
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", free), timeout=5)


def test_stops_under_open_connections_and_starts_again(server: MailServer, pki: Pki) -> None:
    clients = [connect(server, pki), connect(server, pki, implicit=True)]
    ports = (server.starttls_port, server.tls_port)

    server.stop()

    for client in clients:
        with pytest.raises(smtplib.SMTPServerDisconnected):
            client.noop()
        client.close()
    for port in ports:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=5)
    server.stop()
    server.start()
    assert (server.starttls_port, server.tls_port) == ports
    with connect(server, pki) as client:
        assert client.noop()[0] == 250


def test_a_refused_certificate_leaves_the_server_working(server: MailServer, pki: Pki) -> None:
    client = smtplib.SMTP(server.host, server.starttls_port, timeout=10)
    with pytest.raises(ssl.SSLCertVerificationError):
        client.starttls(context=ssl.create_default_context())
    client.close()
    with connect(server, pki) as second:
        assert second.noop()[0] == 250
