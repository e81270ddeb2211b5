# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The probe with tokens that oidc-provider has issued: Dovecot asks the provider about each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.cai.console.plugins.module_utils._smtp._model import Arrival, Imap, Settings, TlsTerms
from ansible_collections.cai.console.plugins.module_utils._smtp._probe import run_probe
from smtp.playing import ansible, as_role, rows

from . import forms
from .client import ALICE, BOB
from .mail import RealMail
from .provider import RealProvider

MECHANISMS = ("XOAUTH2", "OAUTHBEARER")


def probe(mail: RealMail, token: str, **more: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {"username": ALICE, "sender": ALICE, "recipient": ALICE}
    usual.update(tls=TlsTerms(ca_pem=mail.ca.read_text()), security="tls", stop_after="queued")
    usual.update(host=mail.host, port=mail.port("submission"), authentication="oauth", secret=token)
    return run_probe(Settings(**{**usual, **more}))


def watched(mail: RealMail, token: str, user: str = ALICE) -> dict[str, Any]:
    box = Imap(mail.host, mail.port("imaps"), "ssl", user, token=token, ca_pem=mail.ca.read_text())
    return {"arrival": Arrival(imap=box, wait=20.0, poll=0.2), "stop_after": "delivered"}


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_token_sends_and_finds_the_message_by_imap(mail: RealMail, tokens: dict[str, Any], mechanism: str) -> None:
    token = tokens["access_token"]
    mark = mail.mark()
    report = probe(mail, token, mechanism=mechanism, **watched(mail, token))
    assert (report["outcome"], report["mechanism"], report["detail"]) == ("delivered", mechanism, None)
    assert (report["arrival"]["folder"], report["arrival"]["removed"]) == ("INBOX", 1)
    assert any(hop["auth"] and hop["tls"] for hop in report["arrival"]["hops"])
    counted = mark.counters("submission")
    assert (counted.auth_ok, counted.auth_failed, counted.messages) == (1, 0, 1)
    assert mail.messages(ALICE) == []


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_token_of_4000_characters_waits_for_334(mail: RealMail, provider: RealProvider, mechanism: str) -> None:
    provider.set_knobs(tokenLength=4000)
    token = forms.user_tokens(provider)["access_token"]
    assert len(token) == 4000
    # This variant refuses lines as long as the initial response would be.
    report = probe(mail, token, mechanism=mechanism, port=mail.port("stock-lines"))
    assert (report["outcome"], report["detail"]) == ("accepted", None)


@pytest.mark.parametrize(("mechanism", "told"), [("XOAUTH2", "401"), ("OAUTHBEARER", "invalid_token")])
def test_an_expired_token_is_refused_once_and_explained(
    mail: RealMail, provider: RealProvider, mechanism: str, told: str
) -> None:
    token = forms.user_tokens(provider)["access_token"]
    provider.move_clock(days=1)
    mark = mail.mark()
    report = probe(mail, token, mechanism=mechanism, token_info={"expires_at": 1.0, "username": ALICE})
    assert (report["failed_stage"], report["code"], report["enhanced_code"]) == ("auth", 535, "5.7.8")
    assert report["auth_challenge"]["status"] == told
    assert "expired" in report["detail"]
    assert token not in str(report)
    assert mark.counters("submission").auth_failed == 1


def test_the_token_of_another_mailbox_is_named(mail: RealMail, tokens: dict[str, Any]) -> None:
    report = probe(mail, tokens["access_token"], username=BOB, sender=BOB, token_info={"username": ALICE})
    assert (report["failed_stage"], report["code"]) == ("auth", 535)
    assert ALICE in report["detail"]


def test_a_mailbox_that_refuses_the_token_gets_no_message(mail: RealMail, tokens: dict[str, Any]) -> None:
    report = probe(mail, tokens["access_token"], **watched(mail, "junk"))
    assert (report["failed_stage"], report["outcome"]) == ("delivered", "not_sent")
    assert report["mailbox_refused"]
    assert mail.messages(ALICE) == []


def test_the_playbook_takes_a_token_for_both_mailboxes(mail: RealMail, tokens: dict[str, Any], tmp_path: Path) -> None:
    token, ca_path = tokens["access_token"], str(mail.ca)
    box = {"host": mail.host, "port": mail.port("imaps"), "username": ALICE, "token": token, "ca_path": ca_path}
    server = {"host": mail.host, "port": mail.port("submission"), "username": ALICE, "token": token, "ca_path": ca_path}
    found = {**server, "arrival": {"imap": box, "wait": 20, "poll": 0.2}}
    ended = ansible(tmp_path, 1, "cai.console.smtp_test", as_role(found, tmp_path))
    assert ended.returncode == 0, ended.stdout[-2000:]
    (result,) = (row["result"] for row in rows(tmp_path))
    assert (result["outcome"], result["mechanism"]) == ("delivered", "XOAUTH2")
    assert token not in ended.stdout + ended.stderr + str(result)
