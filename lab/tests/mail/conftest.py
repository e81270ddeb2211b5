# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real mail server on loopback for each test; no thread of it may stay."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from cai_lab.mail import Mailbox, MailServer, Pki


@pytest.fixture(autouse=True)
def no_threads_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    # The worker threads of asyncio.to_thread end with their loop.
    assert set(threading.enumerate()) - before == set()


@pytest.fixture
def accounts() -> dict[str, str]:
    return {"alerts@lab.test": "alerts-Mail-pw1", "reports@lab.test": "reports-Mail-pw1"}


@pytest.fixture
def pki(tmp_path: Path) -> Pki:
    return Pki(tmp_path / "pki")


@pytest.fixture
def mailbox(tmp_path: Path) -> Mailbox:
    return Mailbox(tmp_path / "mailbox")


@pytest.fixture
def server(pki: Pki, mailbox: Mailbox, accounts: dict[str, str]) -> Iterator[MailServer]:
    running = MailServer(host="127.0.0.1", starttls_port=0, tls_port=0, accounts=accounts, mailbox=mailbox, pki=pki)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def message() -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "CAI Console <alerts@lab.test>"
    mail["To"] = "ops@example.com"
    mail["Subject"] = "Prozess Zürich ist stehen geblieben"
    mail.set_content("Zeile eins ä\n.\n.Punkt am Anfang\n")
    return mail
