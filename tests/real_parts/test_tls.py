# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each fault of TLS, and the faultless ports, as Python reports them."""

from __future__ import annotations

import datetime as dt
import smtplib
import socket
import ssl

import pytest
from cryptography import x509

from .client import ALICE, Talk
from .mail import RealMail
from .processes import HOST, free_ports


@pytest.mark.parametrize(
    ("variant", "code", "text"),
    [
        ("expired", 10, "certificate has expired"),
        ("wrongname", 62, "Hostname mismatch"),
        ("untrusted", 20, "unable to get local issuer certificate"),
    ],
)
def test_a_bad_certificate_is_refused_for_its_reason(mail: RealMail, variant: str, code: int, text: str) -> None:
    mark = mail.mark()
    with pytest.raises(ssl.SSLCertVerificationError) as refused, Talk(mail, variant):
        pass
    assert refused.value.verify_code == code
    assert text in refused.value.verify_message
    assert mark.counters(variant).auth_failed == 0


@pytest.mark.parametrize("variant", ["submission", "submissions", "optional-tls", "soon", "dovecot", "dovecot-tls"])
def test_a_good_certificate_is_taken_with_its_whole_chain(mail: RealMail, variant: str) -> None:
    with Talk(mail, variant) as talk:
        assert isinstance(talk.smtp.sock, ssl.SSLSocket)
        assert talk.smtp.sock.version() == "TLSv1.3"
        assert "auth" in talk.offers()
        assert "starttls" not in talk.offers()


def test_the_certificate_that_expires_soon_has_less_than_five_days(mail: RealMail) -> None:
    with Talk(mail, "soon") as talk:
        assert isinstance(talk.smtp.sock, ssl.SSLSocket)
        certificate = x509.load_der_x509_certificate(talk.smtp.sock.getpeercert(True) or b"")
    left = certificate.not_valid_after_utc - dt.datetime.now(dt.UTC)
    assert dt.timedelta(days=4) < left < dt.timedelta(days=5)


def test_a_server_of_tls_11_and_a_client_of_today_do_not_meet(mail: RealMail) -> None:
    with pytest.raises(ssl.SSLError, match="TLSV1_ALERT_PROTOCOL_VERSION"), Talk(mail, "tls11"):
        pass


def test_without_starttls_it_is_neither_offered_nor_known(mail: RealMail) -> None:
    with Talk(mail, "no-starttls") as talk:
        assert "starttls" not in talk.offers()
        assert talk.offers()["auth"] == "PLAIN LOGIN XOAUTH2 OAUTHBEARER"
        assert talk.say("STARTTLS").code == 502
        with pytest.raises(smtplib.SMTPNotSupportedError):
            talk.smtp.starttls()


def test_required_tls_says_so_before_it(mail: RealMail) -> None:
    with Talk(mail, "submission", tls=False) as talk:
        assert "auth" not in talk.offers()
        for line in ("AUTH PLAIN AGEAYg==", f"MAIL FROM:<{ALICE}>"):
            reply = talk.say(line)
            assert (reply.code, reply.text) == (530, "5.7.0 Must issue a STARTTLS command first")


def test_optional_tls_hides_auth_before_it_and_wants_it_all_the_same(mail: RealMail) -> None:
    with Talk(mail, "optional-tls", tls=False) as talk:
        assert "auth" not in talk.offers()
        assert talk.say("AUTH PLAIN AGEAYg==").code == 503
        assert talk.send(sender="stranger@lab.test").code == 554


def test_plain_smtp_gets_no_answer_from_a_port_of_implicit_tls(mail: RealMail) -> None:
    with socket.create_connection((HOST, mail.port("submissions")), 5) as sock:
        sock.settimeout(1)
        with pytest.raises(TimeoutError):
            sock.recv(1)


def test_tls_at_once_meets_a_greeting_in_clear_text(mail: RealMail) -> None:
    context = ssl.create_default_context(cafile=str(mail.ca))
    with pytest.raises(ssl.SSLError, match="WRONG_VERSION_NUMBER"):
        smtplib.SMTP_SSL(mail.host, mail.port("submission"), context=context, timeout=10)


def test_a_closed_port_refuses() -> None:
    with pytest.raises(ConnectionRefusedError):
        smtplib.SMTP(HOST, free_ports(1)[0], timeout=10)
