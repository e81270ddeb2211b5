# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A message that arrived: its way, and reports about it."""

from __future__ import annotations

from ansible_collections.cai.console.plugins.module_utils._smtp import _mailparts, _message

# As Postfix 3.7 and Dovecot 2.3 write them (observed).
RECEIVED = b"""Received: from mail.lab.test
\tby mail.lab.test with LMTP
\tid abc
\t(envelope-from <alice@lab.test>)
\tfor <bob@lab.test>; Tue, 24 Nov 2026 10:00:01 +0000
Received: from probe.lab.test (localhost [127.0.0.1])
\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))
\t(No client certificate requested)
\tby mail.lab.test (Postfix) with ESMTPSA id 4R2xyz
\tfor <bob@lab.test>; Tue, 24 Nov 2026 10:00:00 +0000 (UTC)
"""


def test_the_way_is_told_from_the_first_hop_with_tls_and_sign_in():
    first, last = _mailparts.hops(RECEIVED + b"Subject: x\n\nbody\n")
    assert (first["from"], first["by"], first["protocol"]) == ("probe.lab.test", "mail.lab.test", "ESMTPSA")
    assert (first["tls"], first["auth"]) == (True, True)
    assert (last["protocol"], last["tls"], last["auth"]) == ("LMTP", False, False)


def test_a_message_is_known_by_its_id_and_has_the_size_that_was_asked_for():
    probe = _message.new_id()
    raw = _message.compose(probe, "alice@lab.test", "bob@lab.test", 20_000)
    assert _mailparts.is_own(raw, probe) and not _mailparts.is_own(raw, _message.new_id())
    assert abs(len(raw) - 20_000) < 300
    assert raw.count(b"\n") == raw.count(b"\r\n")
    assert max(len(line) for line in raw.splitlines()) < 998


def test_a_report_about_another_message_is_none():
    raw = b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n"
    raw += b"X: y\n\nAction: failed\n\n--b--\n"
    assert _mailparts.report(raw, "0123") is None


def test_the_reply_in_a_report():
    assert _mailparts.reply_in({"diagnostic": "smtp; 550 5.1.1 User unknown"}) == (550, "5.1.1 User unknown")
    assert _mailparts.reply_in({"diagnostic": "X-Postfix; unknown user", "status": "5.1.1"}).code == 550
    assert _mailparts.reply_in({}) is None
