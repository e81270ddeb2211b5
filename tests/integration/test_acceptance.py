# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole story once: an agent set by hand, a play that states one thing, an alert, a crash of the console."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from cai_lab.control_client import LabControl
from cai_lab.mail.mailbox import Mailbox
from cai_lab.mail.pki import Pki
from cai_lab.mail.server import MailServer
from support.hand import Hand
from support.labs import SENDER, Watch, connection, mail_password, on_a_leash, refuse_logout_all
from support.patience import eventually
from support.play import Player, Run

AGENT = "agent-b"
RECIPIENT = "operations@lab.test"
OLD, NEW = "127.0.0.1", "127.0.0.2"
UNKNOWN = {"footer": "Please do not answer.", "retries": [1, 2, None]}


class Scene:
    """A lab of its own with a second mail server on another address, at the same ports and with the same accounts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stack = ExitStack()
        self.lab = self._start()
        smtp = self.lab.addresses["smtp"]
        self.port = smtp["tls_port"]
        self.mail = MailServer(
            host=NEW,
            starttls_port=smtp["starttls_port"],
            tls_port=self.port,
            accounts=self.lab.addresses["mail_accounts"],
            mailbox=Mailbox(folder / "mailbox"),
            pki=Pki(folder / "pki"),
            names=(NEW,),
        )

    def set_by_hand(self) -> None:
        """Somebody configured the agent on the console's pages: the old mail server, and a member unknown to us."""
        hand = Hand(self.lab)
        hand.set_properties(AGENT, suspendProcessesOnUncaughtFault=True)
        hand.set_email(
            AGENT,
            enabled=True,
            hostName=OLD,
            port=self.port,
            security="SSL",
            userName=SENDER,
            password=mail_password(self.lab),
            replyHandling=UNKNOWN,
        )
        hand.set_alert(AGENT, enabled=True, action="SEND_EMAIL", emailForAlerts=RECIPIENT)
        hand.close()

    def mail_of_a_fault(self) -> dict[str, Any]:
        """Let the canary fault; the mail that comes of it."""
        self.lab.clear_mailbox()
        hand = Hand(self.lab)
        hand.run_canary(AGENT)
        hand.close()
        (mail,) = eventually(self.lab.mailbox)
        assert mail["recipients"] == [RECIPIENT]
        return dict(mail)

    def crash(self) -> None:
        """End the console as ``kill -9`` does, and start it again on the same state."""
        refuse_logout_all(self.lab)
        self.lab.kill()
        self._stack.close()
        self.lab = self._start()

    def close(self) -> None:
        """Stop everything."""
        self.mail.stop()
        with self._stack:
            refuse_logout_all(self.lab)

    def _start(self) -> LabControl:
        lab = self._stack.enter_context(LabControl.start(self.folder, "--access-log"))
        self._stack.enter_context(on_a_leash(lab))
        return lab


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """The scene, set up and put away."""
    made = Scene(tmp_path / "lab")
    try:
        made.mail.start()
        made.set_by_hand()
        yield made
    finally:
        made.close()


def move(scene: Scene, folder: Path, *options: str, exit_code: int = 0, **more: Any) -> Run:
    """The user's play: nothing but the new host, and what is given besides."""
    folder.mkdir(exist_ok=True)
    task = {"name": "move", "cai.console.email_service": {"host": NEW, **more}}
    player = Player(folder, connection(scene.lab))
    return player([task], hosts=[AGENT], options=options, exit_code=exit_code)


def read(scene: Scene, folder: Path) -> dict[str, Any]:
    """What ``email_service_info`` says."""
    folder.mkdir()
    task = {"name": "read", "cai.console.email_service_info": {}}
    return Player(folder, connection(scene.lab))([task], hosts=[AGENT]).one("read").result


def test_moving_an_agent_to_another_mail_server(scene: Scene, tmp_path: Path) -> None:
    lab = scene.lab
    assert scene.mail_of_a_fault()["received_by"] == f"{OLD}:{scene.port}"

    watch = Watch(lab)
    checked = move(scene, tmp_path / "check", "--check", "--diff", exit_code=2)
    assert checked.one("move").code == "secret_required"
    assert "password" in checked.one("move").result["error"]["remedy"]
    watch.assert_untouched()

    first = move(scene, tmp_path / "first", "--diff", password=mail_password(lab)).one("move").result
    assert first["changed"] is True
    assert {name for name, value in first["diff"]["after"].items() if value != first["diff"]["before"][name]} == {
        "host",
        "password",
    }
    assert [entry["operation"] for entry in watch.writes()] == ["write_email_service"]
    hand = Hand(lab)
    stored = hand.email(AGENT)
    hand.close()
    assert stored["replyHandling"] == UNKNOWN
    assert (stored["hostName"], stored["port"], stored["security"], stored["userName"]) == (
        NEW,
        scene.port,
        "SSL",
        SENDER,
    )

    mail = scene.mail_of_a_fault()
    assert (mail["received_by"], mail["auth_user"]) == (f"{NEW}:{scene.port}", SENDER)

    watch.restart()
    assert move(scene, tmp_path / "second", password=mail_password(lab)).one("move").result["changed"] is False
    watch.assert_untouched()

    before = read(scene, tmp_path / "before")
    scene.crash()
    assert read(scene, tmp_path / "after") == before
    assert scene.lab.secret(AGENT, "password", mail_password(scene.lab))["equal"]
