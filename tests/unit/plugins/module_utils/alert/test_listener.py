# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The address at which a custom service calls: bounded, and gone when the task ends."""

from __future__ import annotations

import http.client
import socket

import pytest
from ansible_collections.cai.console.plugins.module_utils._alert._listener import Listener
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError


@pytest.fixture
def port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture
def listener(port):
    made = Listener("127.0.0.1", port)
    made.open()
    yield made
    made.close()


def call(port, method="POST", path="/alerts", body=b"{}", headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        return connection.getresponse().status
    finally:
        connection.close()


def test_calls_are_taken_in_order(listener, port):
    assert [call(port, body=b"one"), call(port, "PUT", "/b", b"two")] == [200, 200]
    assert [(found.folder, found.raw) for found in listener.fresh()] == [
        ("call of /alerts", b"one"),
        ("call of /b", b"two"),
    ]


def test_what_is_too_large_or_without_length_is_refused(listener, port):
    assert call(port, body=b"x" * 70000) == 413
    assert call(port, body=iter([b"x"]), headers={"Transfer-Encoding": "chunked"}) == 411
    assert call(port, "GET", body=None) == 501
    assert listener.fresh() == []


def test_it_listens_no_longer_than_the_task(listener, port, capfd):
    call(port)
    listener.close()
    with pytest.raises(ConnectionRefusedError):
        call(port)
    assert capfd.readouterr() == ("", "")


def test_an_address_that_is_taken_is_told(listener, port):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ConsoleError) as caught:
            Listener("127.0.0.1", taken.getsockname()[1]).open()
    assert caught.value.code == "alert_place_unreadable"
    assert "127.0.0.1" in caught.value.message
