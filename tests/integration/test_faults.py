# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A configuration that fails its test, for each reason and with each option; a console that crashes before the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cai_lab.control_client import LabControl
from cai_lab.mail.mailbox import Mailbox
from cai_lab.mail.pki import Pki
from cai_lab.mail.server import MailServer
from support import client
from support.gateway import Answer, Gateway, Request
from support.hand import Hand
from support.labs import SENDER, connection, on_a_leash, refuse_logout_all

VOLATILE = ("modified", "modifiedBy")
RIGHT = "Faults-right-pw1"
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "wrong password": ({"password": "Faults-wrong-pw2"}, "auth"),
    "wrong host": ({"host": "127.0.0.9"}, "connect"),
    "expired certificate": ({"port": "EXPIRED"}, "certificate"),
}
LEFT = {"fail": "saved", "rollback": "previous", "disable": "disabled", "warn": "saved"}
TERMS: dict[str, dict[str, Any]] = {"rollback": {"previous_secret": RIGHT}, "disable": {"accept_alert_gap": True}}


@contextmanager
def mail_server(lab: LabControl, folder: Path, not_after: datetime | None = None) -> Iterator[int]:
    """A mail server whose certificate the lab's console trusts, if it has not expired; its port."""
    pki = Pki(Path(lab.addresses["ca"]).parent)
    server = MailServer(
        host="127.0.0.1",
        starttls_port=0,
        tls_port=0,
        accounts={SENDER: RIGHT},
        mailbox=Mailbox(folder),
        pki=pki,
        leaf=pki.leaf("localhost", not_after=not_after),
    )
    server.start()
    try:
        yield server.starttls_port
    finally:
        server.stop()


def email(port: int, **more: Any) -> dict[str, Any]:
    """Options of an Email Service."""
    settings = {"host": "localhost", "port": port, "security": "tls", "username": SENDER, "password": RIGHT}
    return {"enabled": True, "authentication": "password", "test": "after", **settings, **more}


def content(hand: Hand, target: str) -> dict[str, Any]:
    """The stored object but for its stamps."""
    return {name: value for name, value in hand.email(target).items() if name not in VOLATILE}


@pytest.mark.parametrize("option", LEFT)
@pytest.mark.parametrize("cause", WRONG)
def test_a_configuration_that_fails_its_test_is_left_as_the_option_says(
    cause: str,
    option: str,
    lab: LabControl,
    hand: Hand,
    fresh: Callable[[], str],
    link: dict[str, Any],
    tmp_path: Path,
) -> None:
    target, (change, stage) = fresh(), WRONG[cause]
    yesterday = datetime.now(UTC) - timedelta(days=1)
    with mail_server(lab, tmp_path / "good") as good, mail_server(lab, tmp_path / "old", yesterday) as expired:
        client.done("email_service", link, target=target, **email(good))
        before = content(hand, target)
        given = {name: expired if value == "EXPIRED" else value for name, value in change.items()}
        wish = {**email(good), **given, "on_test_failure": option, **TERMS.get(option, {})}
        result = client.run("email_service", link, target=target, **wish)
        assert (result["state_left"], result["test_results"][0]["stage"]) == (LEFT[option], stage)
        assert result.get("failed", False) is (option != "warn")
        left = content(hand, target)
        restored = lab.secret(target, "password", RIGHT)["equal"]
        if option == "rollback":
            assert (left, restored) == (before, True)
        else:
            assert left["enabled"] is (option != "disable")
            assert restored is ("password" not in change)
        well = client.done("email_service", link, target=target, **email(good))
        assert well["tested"] is (option != "rollback")
        assert (content(hand, target), lab.secret(target, "password", RIGHT)["equal"]) == (before, True)


class Crash:
    """A rule of the gateway: the console dies when the first test arrives, as by ``kill -9``."""

    def __init__(self, lab: LabControl) -> None:
        self._lab = lab
        self.dead = False

    def __call__(self, request: Request) -> Answer | None:
        """Let pass what comes before it; nothing is answered after it."""
        if request.method == "POST" and request.path.endswith("/email/test") and not self.dead:
            refuse_logout_all(self._lab)
            self._lab.kill()
            self.dead = True
        if self.dead:
            raise ConnectionResetError
        return None


@pytest.mark.parametrize("option", TERMS)
def test_a_console_that_crashes_between_save_and_test(option: str, tmp_path: Path) -> None:
    """Nothing could be tested and nothing be undone; the run says so, and the next one notices and ends well."""
    target, state = "agent-b", tmp_path / "lab"
    with LabControl.start(state) as lab, on_a_leash(lab), Gateway(lab) as gateway:
        link = {**connection(lab), "console_url": gateway.console, "console_timeout": 5}
        with mail_server(lab, tmp_path / "mail") as port:
            client.done("email_service", link, target=target, **email(port))
            crash = gateway.rule = Crash(lab)
            wish = {**email(port, oauth={"client_id": "moved"}), "on_test_failure": option, **TERMS[option]}
            result = client.run("email_service", link, target=target, **wish)
            assert (crash.dead, result["tested"], result["state_left"]) == (True, False, "saved")
            assert "could not be undone" in result["msg"]
            with LabControl.start(state) as again, on_a_leash(again):
                gateway.follow(again)
                gateway.rule = lambda request: None
                well = client.done("email_service", link, target=target, **wish)
                assert (well["changed"], well["tested"]) == (False, True)
                assert any("did not see its test pass" in text for text in well["warnings"])
                assert again.secret(target, "password", RIGHT)["equal"]
                refuse_logout_all(again)
