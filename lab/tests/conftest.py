# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab for each module's tests, put back between them, and a signed-in client."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cai_lab.control_client import LabControl
from cai_lab.plain_client import PlainClient


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabControl]:
    """A lab that all tests of a module share."""
    with LabControl.start(tmp_path_factory.mktemp("lab")) as control:
        yield control


@pytest.fixture
def lab(running: LabControl) -> LabControl:
    """That lab with switches, clock, faults, mailbox and logs as at the start; stored services stay."""
    running.reset_switches()
    running.set_clock(0)
    running.set_faults()
    running.open_mail_paths()
    running.clear_mailbox()
    running.clear_custom_calls()
    running.clear_operations()
    return running


@pytest.fixture
def robot(lab: LabControl) -> Iterator[PlainClient]:
    """The administrator of the sub-organisation."""
    client = PlainClient(lab)
    yield client
    client.close()


@pytest.fixture
def email(lab: LabControl) -> dict[str, Any]:
    """An email service that works with the lab's own mail server."""
    return {
        "enabled": True,
        "hostName": "127.0.0.1",
        "port": lab.addresses["smtp"]["starttls_port"],
        "security": "TLS",
        "userName": "alerts@lab.test",
        "password": "alerts-Mail-pw1",
    }


@pytest.fixture
def eventually() -> Callable[[Callable[[], Any]], Any]:
    """Wait for a true value, up to ten seconds."""

    def wait(probe: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + 10
        while not (value := probe()):
            assert time.monotonic() < deadline, "it did not happen"
            time.sleep(0.02)
        return value

    return wait
