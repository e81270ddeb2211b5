# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bed itself: passwords that change, counters that count, and nothing that stays when it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from .bed import Bed
from .client import ALICE, BOB, Talk
from .leftovers import leftovers
from .logs import Counters
from .mail import RealMail
from .processes import wait_until

CUT_SHORT = """
import json, sys
from real_parts import RealMail, RealProvider
with RealProvider() as provider, RealMail(provider.introspection_url, provider.pki) as mail:
    print(json.dumps([str(mail.folder), str(provider.folder)]), flush=True)
    sys.stdin.read()
"""


def code(mail: RealMail, user: str, password: str) -> int:
    with Talk(mail) as talk:
        return talk.auth("PLAIN", user, password).code


def test_passwords_change_and_are_revoked_while_it_runs(mail: RealMail) -> None:
    assert code(mail, ALICE, "alice-pw") == 235
    mail.accounts.set_password(ALICE, "alice-p2")
    assert (code(mail, ALICE, "alice-pw"), code(mail, ALICE, "alice-p2")) == (535, 235)
    mail.accounts.revoke(ALICE)
    assert code(mail, ALICE, "alice-p2") == 535
    mail.accounts.set_password(ALICE, "alice-pw")
    assert code(mail, ALICE, "alice-pw") == 235
    assert code(mail, BOB, "bob-pw") == 235


def test_a_new_user_has_a_mailbox_at_once(mail: RealMail) -> None:
    mail.accounts.set_password("carol@lab.test", "carol-pw")
    assert code(mail, "carol@lab.test", "carol-pw") == 235
    mail.reset()
    assert code(mail, "carol@lab.test", "carol-pw") == 535


def test_every_sign_in_is_counted_once(mail: RealMail, tokens: dict[str, Any]) -> None:
    mark = mail.mark()
    for password in ("wrong", "alice-pw", "wrong too"):
        code(mail, ALICE, password)
    with Talk(mail, "submissions") as talk:
        talk.auth("XOAUTH2", ALICE, "junk")
        talk.auth("XOAUTH2", ALICE, tokens["access_token"])
        talk.send()
    assert mark.counters("submission") == Counters(connections=3, peak=1, auth_ok=1, auth_failed=2)
    assert mark.counters("submissions") == Counters(connections=1, peak=1, auth_ok=1, auth_failed=1, messages=1)
    assert mark.counters() == Counters(connections=4, peak=1, auth_ok=2, auth_failed=3, messages=1)
    assert mark.failed_signins() == [ALICE] * 3


def test_open_connections_are_counted_while_they_are(mail: RealMail) -> None:
    mark = mail.mark()
    with Talk(mail), Talk(mail, "submissions"):
        wait_until(lambda: mark.counters_now().open == 2, "two open connections")
    assert mark.counters() == Counters(connections=2, peak=2)


def test_no_token_and_no_password_is_in_a_log(mail: RealMail, bed: Bed, tokens: dict[str, Any]) -> None:
    with Talk(mail) as talk:
        talk.auth("XOAUTH2", BOB, tokens["access_token"])
        talk.auth("PLAIN", ALICE, "canary-pw")
        talk.auth("OAUTHBEARER", ALICE, tokens["access_token"])
    logs = [path.read_text("utf-8", "replace") for path in (mail.postfix.log, mail.dovecot.log, bed.provider.log)]
    events = str(bed.provider.events())
    for secret in (tokens["access_token"], tokens["refresh_token"], "canary-pw"):
        assert all(secret not in text for text in (*logs, events))


def test_reset_leaves_no_mail(mail: RealMail) -> None:
    with Talk(mail) as talk:
        talk.auth("PLAIN", ALICE, "alice-pw")
        talk.send()
        talk.send("deferred@lab.test")
    wait_until(lambda: mail.messages(BOB) != [] and mail.queue() != [], "the mail")
    mail.reset()
    assert mail.messages(BOB) == []
    assert mail.queue() == []


def test_a_bed_that_is_cut_short_leaves_nothing(bed: Bed) -> None:
    ways = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    with subprocess.Popen(
        [sys.executable, "-c", CUT_SHORT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=ways
    ) as process:
        assert process.stdout is not None
        folders = [Path(folder) for folder in json.loads(process.stdout.readline())]
        assert all(folder.is_dir() for folder in folders)
        process.send_signal(signal.SIGKILL)
        process.wait(20)
    wait_until(lambda: leftovers(*folders) == [], "the end of all that it started")
    assert leftovers(bed.mail.folder) != []
