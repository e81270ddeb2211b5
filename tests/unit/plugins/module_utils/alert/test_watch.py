# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which of the things that arrive is about the canary, and what is told of it."""

from __future__ import annotations

import time

import pytest
from ansible_collections.cai.console.plugins.module_utils._alert._watch import AlertWatch, is_about
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._smtp._found import Found, unreadable

ENCODED = b"""Subject: =?utf-8?q?Proze=C3=9F_=36=32=34?=
From: alerts@example.org
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: base64

QmV0cmlmZnQgNjI0OTQ4IGF1ZiBhZ2VudC1hLg0K
"""
STRANGE = b"""Subject: no words
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: text/plain; charset=klingon

unknown letters
--x
Content-Type: text/html

<b>process 624948</b>
--x--
"""


class Box:
    """A place in which ``rounds`` of messages appear, one after the other."""

    def __init__(self, *rounds, fault=None):
        self.rounds = list(rounds)
        self.shown = []
        self.fault = fault

    def open(self):
        """Fail, where that is asked for."""
        if self.fault:
            raise self.fault

    def fresh(self):
        """Return all that came so far."""
        if self.rounds:
            self.shown += [Found("INBOX", str(raw), raw, False) for raw in self.rounds.pop(0)]
        return self.shown

    def close(self):
        """Nothing is held."""


def look(box, mark="624948", *, by_mail=True, wait=0.2):
    watch = AlertWatch(box, by_mail=by_mail, wait=wait, poll=0.01)
    watch.open()
    return watch.look(mark, time.monotonic()), watch.others


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("processId: 624948", True),
        ("process 624948.", True),
        ("(624948)", True),
        ('{"processId":624948}', True),
        ("624948", True),
        ("6249481", False),
        ("1624948", False),
        ("0.624948", False),
        ("624948-2", False),
        ("624948.5", False),
        ("nothing", False),
    ],
)
def test_only_a_whole_id_counts(text, about):
    assert is_about(text, "624948") is about


def test_other_alerts_are_not_taken_for_ours():
    strangers = [b"Subject: fault\n\nprocessId: 624947", b"Subject: fault\n\nprocessId: 6249480"]
    alert, others = look(Box(strangers, [], [b"Subject: fault\n\nprocessId: 624948"]))
    assert alert.text == "processId: 624948"
    assert others == 2
    assert look(Box(strangers)) == (None, 2)


@pytest.mark.parametrize("raw", [ENCODED, STRANGE])
def test_mail_is_read_as_people_see_it(raw):
    alert, _others = look(Box([raw]))
    assert "624948" in alert.text
    assert alert.place == "INBOX"


def test_subject_and_sender_are_told():
    alert, _others = look(Box([ENCODED]))
    assert (alert.subject, alert.sender) == ("Prozeß 624", "alerts@example.org")


def test_a_call_is_told_with_its_details():
    alert, _others = look(Box([b'{"processId": "624948", "status": "suspended"}']), by_mail=False)
    assert alert.details == {"processId": "624948", "status": "suspended"}
    plain, _others = look(Box([b"<alert processId='624948'/>"]), by_mail=False)
    assert (plain.details, plain.text) == (None, "<alert processId='624948'/>")


def test_the_text_is_bounded_and_without_control_characters():
    alert, _others = look(Box([b"Subject: a\n\n624948\x1b[31m\nmore " + b"x" * 9000]))
    assert len(alert.text) == 4000
    assert alert.text.startswith("624948[31m\nmore x")


def test_a_place_that_cannot_be_read_is_told():
    with pytest.raises(ConsoleError) as caught:
        look(Box(fault=unreadable("imap.example.org: no.")))
    assert caught.value.code == "alert_place_unreadable"
    assert "imap.example.org" in caught.value.message
