# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fleet and one mailbox: ``ansible-playbook cai.console.smtp_test`` against Postfix and Dovecot with limits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.cai.console.plugins.module_utils._resources.email_service import EMAIL_SERVICE
from ansible_collections.cai.console.plugins.module_utils._tasks import converging
from cai_lab.control_client import LabControl
from smtp.playing import ansible, as_role, rows
from smtp.test_console import run

from .client import ALICE
from .mail import RealMail

PLAYBOOK = "cai.console.smtp_test"
TARGETS = 150
# More than a minute's worth of messages, so that the run has to wait for the next one.
SENDING = 26
# No two targets ask for the same test, so that none can be answered by another's result.
UNEQUAL = {"warn_days": "{{ 10 + (inventory_hostname[1:] | int) / 1000 }}"}


def options(mail: RealMail, variant: str = "limited", **more: Any) -> dict[str, Any]:
    signs_in = {"username": ALICE, "password": "alice-pw", "ca_path": str(mail.ca)}
    return {"host": mail.host, "port": mail.port(variant), **signs_in, **more}


def test_of_150_targets_one_tries_a_revoked_password(mail: RealMail, tmp_path: Path) -> None:
    mail.accounts.revoke(ALICE)
    mark = mail.mark()
    ended = ansible(tmp_path, TARGETS, PLAYBOOK, as_role(options(mail, **UNEQUAL), tmp_path))
    assert ended.returncode != 0
    assert mark.failed_signins() == [ALICE]
    assert mark.counters("limited").connections == 1
    results = [row["result"] for row in rows(tmp_path)]
    assert len(results) == TARGETS
    assert [result["failed_stage"] for result in results if not result["not_tried"]] == ["auth"]
    left_alone = [result for result in results if result["not_tried"] == "mailbox_refused"]
    assert len(left_alone) == TARGETS - 1
    assert {result["error"]["code"] for result in left_alone} == {"smtp_mailbox_refused"}
    assert ended.stdout.count("failed=1") == TARGETS


def test_of_many_mailboxes_that_are_watched_in_one_place_one_target_tries_its_wrong_password(
    mail: RealMail, tmp_path: Path
) -> None:
    """Each target sends by a mailbox of its own; the mailbox of arrival is everybody's, and its password is wrong."""
    box = {"host": mail.host, "port": mail.port("imaps"), "username": "junk@lab.test", "password": "wrong-pw"}
    name = "{{ ['alice', 'bob', 'robot'][inventory_hostname[1:] | int] }}"
    each = {"username": f"{name}@lab.test", "password": f"{name}-pw", "recipient": "junk@lab.test"}
    found = options(mail, "submission", arrival={"imap": {**box, "ca_path": str(mail.ca)}, "wait": 5}, **each)
    mark = mail.mark()
    ended = ansible(tmp_path, 3, PLAYBOOK, as_role(found, tmp_path))
    assert ended.returncode != 0
    assert mark.failed_signins() == ["junk@lab.test"]
    assert mark.counters("submission").messages == 0
    results = [row["result"] for row in rows(tmp_path)]
    assert sorted(str(result["not_tried"]) for result in results) == ["None", "mailbox_refused", "mailbox_refused"]


def test_with_the_password_restored_the_limits_are_kept_and_each_mail_arrives_once(
    mail: RealMail, tmp_path: Path
) -> None:
    """With 26 targets and the default of 20 messages a minute; 150 would take more than seven minutes."""
    mail.accounts.revoke(ALICE)
    mail.accounts.set_password(ALICE, "alice-pw")
    mark = mail.mark()
    ended = ansible(tmp_path, SENDING, PLAYBOOK, as_role(options(mail, **UNEQUAL), tmp_path))
    assert ended.returncode == 0, ended.stdout[-2000:]
    counted = mark.counters("limited")
    assert (counted.turned_away, counted.rate_limited, counted.auth_failed) == (0, 0, 0)
    assert 1 <= counted.peak <= 2
    assert counted.messages == SENDING
    mail.settle()
    arrived = [message.read_text() for message in mail.messages(ALICE)]
    ids = [row["result"]["probe_id"] for row in rows(tmp_path)]
    assert len(arrived) == len(set(ids)) == SENDING
    assert all(sum(probe in message for message in arrived) == 1 for probe in ids)


def test_a_message_that_is_put_off_is_accepted_but_deferred(mail: RealMail, tmp_path: Path) -> None:
    box = {"host": mail.host, "port": mail.port("imaps"), "username": ALICE, "password": "alice-pw"}
    arrival = {"imap": {**box, "ca_path": str(mail.ca)}, "wait": 6, "poll": 0.3}
    # The second target's mail goes to a mailbox whose LMTP defers.
    recipient = "{{ 'deferred@lab.test' if inventory_hostname == 't1' else 'alice@lab.test' }}"
    found = options(mail, "submission", arrival=arrival, recipient=recipient)
    ended = ansible(tmp_path, 2, PLAYBOOK, as_role(found, tmp_path))
    assert ended.returncode != 0
    good, deferred = (row["result"] for row in sorted(rows(tmp_path), key=lambda row: str(row["host"])))
    assert (good["outcome"], "error" in good) == ("delivered", False)
    assert (deferred["outcome"], deferred["failed_stage"]) == ("deferred", "delivered")
    assert deferred["error"]["code"] == "smtp_deferred"
    assert "Accepted but deferred" in ended.stdout
    assert "failed=0" in ended.stdout and "failed=1" in ended.stdout


def test_an_agent_whose_path_is_cut_is_told_from_this_host(mail: RealMail, tmp_path: Path) -> None:
    settings = {name: options(mail)[name] for name in ("host", "username", "password")}
    settings.update(port=mail.port("submission"), enabled=True, security="tls", authentication="password")
    with LabControl.start(tmp_path / "lab", "--trust", str(mail.ca)) as lab:
        for target in ("agent-a", "agent-b"):
            assert run(lab, converging(EMAIL_SERVICE), target=target, state_dir=str(tmp_path / "state"), **settings)[
                "changed"
            ]
        lab.cut_mail_path("agent-a")
        who = lab.addresses["users"][0]
        reach = {"cai_console_url": lab.addresses["console"], "cai_console_binding": "lab"}
        reach.update(cai_console_username=who["name"], cai_console_password=who["password"])
        found = {"vantage": "both", "password": "alice-pw", "ca_path": str(mail.ca)}
        ended = ansible(tmp_path, ("agent-a", "agent-b"), PLAYBOOK, {**reach, **as_role(found, tmp_path)})
    assert ended.returncode != 0
    results = {row["host"]: row["result"] for row in rows(tmp_path)}
    assert (results["agent-a"]["comparison"], results["agent-a"]["failed_stage"]) == ("target_cut_off", "connect")
    assert results["agent-a"]["error"]["code"] == "smtp_target_cut_off"
    assert (results["agent-b"]["comparison"], "error" in results["agent-b"]) == ("both_work", False)
    assert f"This host reaches localhost:{mail.port('submission')}, and agent-a does not." in ended.stdout
