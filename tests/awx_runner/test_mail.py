# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The template that tests mail, with Postfix and Dovecot: the credentials name sender and mailbox."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from real_parts import parts

from .jobs import merged, sliced
from .world import TARGETS, World

NAME = "CAI mail test"


@pytest.fixture(scope="module")
def mail() -> Iterator[Any]:
    from real_parts.mail import RealMail

    lack = parts.not_ready()
    if lack:
        pytest.skip(lack.reason())
    # Nobody answers where tokens would be looked up; none is used.
    with RealMail("http://127.0.0.1:9/introspect") as running:
        yield running


@pytest.fixture
def sending(world: World, mail: Any) -> World:
    """The world with these mail servers in its variables and credentials."""
    world.inputs["CAI SMTP password"] = {"username": "alice@lab.test", "password": "alice-pw"}
    world.inputs["CAI probe mailbox"] = {
        "host": mail.host,
        "port": str(mail.port("imaps")),
        "security": "ssl",
        "username": "bob@lab.test",
        "password": "bob-pw",
        "ca": mail.ca.read_text(encoding="utf-8"),
    }
    world.variables = {
        "smtp_test_host": mail.host,
        "smtp_test_port": mail.port("submission"),
        "smtp_test_security": "tls",
        "smtp_test_authentication": "password",
        "smtp_test_recipient": "bob@lab.test",
        "smtp_test_ca_path": str(mail.ca),
    }
    return world


@pytest.mark.parametrize("travels", [False, True], ids=["run", "transmit-worker-process"])
def test_mail_leaves_and_arrives(sending: World, travels: bool) -> None:
    done = sending.job(NAME, travels=travels).run()
    assert done.code == 0, done.output
    assert done.output.count(" is in INBOX") >= len(TARGETS)
    sending.assert_clean(done)


def test_slices_test_in_parallel(sending: World) -> None:
    template = sending.content.one("templates", NAME)
    assert template
    count = template["job_slice_count"]
    jobs = [sending.job(NAME, sliced(sending.hosts, number, count)) for number in range(1, count + 1)]
    started = [job.start() for job in jobs]
    done = [job.finish(process) for job, process in zip(jobs, started, strict=True)]
    assert [job.code for job in done] == [0] * count, [job.output for job in done]
    assert set(merged(done)["processed"]) == set(TARGETS)
    sending.assert_clean(*done)


def test_mail_that_does_not_arrive_fails_the_job(sending: World) -> None:
    sending.inputs["CAI probe mailbox"]["password"] = "CANARY-wrong-mailbox-pw"
    done = sending.job(NAME, sliced(sending.hosts, 1, 4)).run()
    assert done.code != 0
    sending.assert_clean(done)
