# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SASL: what goes over the wire, and that there is one attempt only."""

from __future__ import annotations

import base64
import json

import pytest
from ansible_collections.cai.console.plugins.module_utils._smtp import _sasl, _token
from ansible_collections.cai.console.plugins.module_utils._smtp._model import Reply, Settings, StageFault


class Server:
    """Answers with what it was given, in turn; ``lines`` is what it was sent."""

    def __init__(self, *replies):
        self.replies = [Reply(code, text) for code, text in replies]
        self.lines = []

    def command(self, words):
        self.lines.append(words)
        return self.replies.pop(0)


def settings(secret="secret", kind="oauth", user="alice@lab.test"):
    return Settings("mail.lab.test", 587, authentication=kind, username=user, secret=secret)


def b64(raw):
    return base64.b64encode(raw).decode()


def test_the_frames_are_those_of_the_documents():
    assert _sasl.responses("PLAIN", settings(kind="password")) == [b"\0alice@lab.test\0secret"]
    assert _sasl.responses("XOAUTH2", settings()) == [b"user=alice@lab.test\x01auth=Bearer secret\x01\x01"]
    assert _sasl.responses("OAUTHBEARER", settings(user="a=b,c")) == [
        b"n,a=a=3Db=2Cc,\x01host=mail.lab.test\x01port=587\x01auth=Bearer secret\x01\x01"
    ]


def _secret_for(octets):
    """A token with which the whole AUTH line, its CRLF included, has this many octets or one to three fewer."""
    for length in range(1, 500):
        line = f"AUTH XOAUTH2 {b64(_sasl.responses('XOAUTH2', settings('t' * length))[0])}\r\n"
        if len(line) > octets:
            return "t" * (length - 1), "t" * length
    raise AssertionError


def test_an_initial_response_goes_along_up_to_512_octets_and_no_further():
    fits, too_long = _secret_for(512)
    server = Server((235, "2.7.0 ok"))
    assert _sasl.authenticate(server, "XOAUTH2", settings(fits)).reply.code == 235
    assert len(server.lines) == 1 and len(server.lines[0]) + 2 <= 512
    server = Server((334, ""), (235, "2.7.0 ok"))
    assert _sasl.authenticate(server, "XOAUTH2", settings(too_long)).reply.code == 235
    assert server.lines[0] == "AUTH XOAUTH2" and len(server.lines) == 2


@pytest.mark.parametrize("mechanism, last", [("XOAUTH2", ""), ("OAUTHBEARER", "AQ=="), ("PLAIN", "*")])
def test_a_refusal_with_a_reason_is_acknowledged_as_the_mechanism_demands(mechanism, last):
    told = {"status": "401", "schemes": "bearer"}
    server = Server((334, b64(json.dumps(told).encode())), (535, "5.7.8 no"))
    kind = "password" if mechanism == "PLAIN" else "oauth"
    found = _sasl.authenticate(server, mechanism, settings(kind=kind))
    assert (found.reply.code, found.challenge, server.lines[-1]) == (535, told, last)
    assert sum(line.startswith("AUTH") for line in server.lines) == 1


def test_a_server_that_never_has_enough_is_left():
    server = Server((334, ""), (334, ""), (501, "5.7.0 aborted"))
    assert _sasl.authenticate(server, "XOAUTH2", settings()).reply.code == 501
    assert server.lines[-1] == "*"


def test_the_mechanism_is_the_first_that_fits():
    assert _sasl.choose(settings(kind="password"), ["LOGIN", "PLAIN"]) == "PLAIN"
    with pytest.raises(StageFault, match="offers PLAIN"):
        _sasl.choose(settings(), ["PLAIN"])


def test_junk_in_a_challenge_is_told_as_text():
    assert _sasl.decode("%%%") == {"text": "%%%"}
    assert _sasl.decode(b64(b"[1]")) == {"text": "[1]"}


def test_what_is_known_of_a_token():
    def said(**info):
        return " ".join(_token.explain("opaque", info, "alice@lab.test", now=1000.0))

    assert "expired 10 s ago" in said(expires_at=990)
    assert "ends in 30 s" in said(expires_at=1030)
    assert "ends in 30 s" in said(expires_at="1970-01-01T00:17:10Z")
    assert said(expires_at="never") == ""
    assert said(expires_at=9999, scope="https://outlook.office.com/SMTP.Send offline_access") == ""
    assert "Mail.Read" in said(scope="Mail.Read")
    assert said(scope=["openid", "https://outlook.office.com/SMTP.Send"]) == ""
    assert "bob@lab.test" in said(username="bob@lab.test")
