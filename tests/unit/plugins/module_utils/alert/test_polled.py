# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The address at which a custom service leaves what it was called with."""

from __future__ import annotations

import pytest
from ansible_collections.cai.console.plugins.module_utils._alert._polled import Polled
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._transport import Reply


class Transport:
    """Gives the answers that are told; the last one stays."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.sent = []
        self.closed = False

    def send(self, method, url, *, stage, headers, follow):
        """Return the next answer."""
        self.sent.append((method, url, headers, follow))
        status, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return Reply(status, {}, body)

    def close(self):
        """Take note."""
        self.closed = True


def polled(*answers):
    made = Polled(Transport(*answers), "https://example.org/alerts", {"Authorization": "Bearer x"})
    made.open()
    return made


def test_what_is_there_before_is_nothing_new():
    box = polled((200, b"old"), (200, b"old"), (200, b"new"))
    assert box.fresh() == []
    assert [found.raw for found in box.fresh()] == [b"new"]


@pytest.mark.parametrize("status", [204, 404])
def test_nothing_may_be_there_yet(status):
    box = polled((status, b""), (status, b"nothing here"), (200, b"new"))
    assert box.fresh() == []
    assert len(box.fresh()) == 1


@pytest.mark.parametrize("status", [302, 401, 500])
def test_any_other_answer_is_told(status):
    with pytest.raises(ConsoleError) as caught:
        polled((status, b""))
    assert caught.value.code == "alert_place_unreadable"
    assert str(status) in caught.value.message


def test_no_redirect_is_followed():
    transport = Transport((200, b""))
    box = Polled(transport, "https://example.org/alerts", {"Authorization": "Bearer x"})
    box.open()
    box.close()
    assert transport.sent == [("GET", "https://example.org/alerts", {"Authorization": "Bearer x"}, False)]
    assert transport.closed
