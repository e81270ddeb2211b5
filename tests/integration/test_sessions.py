# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions: one sign-in for a task, no second try of a refused one, only one's own session is ended."""

from __future__ import annotations

from typing import Any

import pytest
from cai_lab.control_client import LabControl
from support.bad_consoles import CLOUD, is_email
from support.gateway import Answer, Gateway, Request
from support.hand import Hand
from support.labs import PARENT, ROBOT, Watch, connection, password_of
from support.play import Player, rescued

TASK = {"name": "read", "cai.console.email_service_info": {"target": CLOUD}}


def test_a_task_signs_in_once_and_ends_its_own_session_only(play: Player, hand: Hand, lab: LabControl) -> None:
    open_before = lab.sessions()["open"]
    watch = Watch(lab)
    play([TASK])
    assert watch.names() == ["sign_in", "read_email_service", "sign_out"]
    assert lab.sessions()["open"] == open_before
    assert hand.email(CLOUD)


@pytest.mark.parametrize("status", ["401", "400"])
def test_a_wrong_password_is_tried_exactly_once(
    status: str, play: Player, lab: LabControl, link: dict[str, Any]
) -> None:
    lab.set_switches(bad_credentials=status)
    refused = lab.sessions()["refused_sign_ins"]
    watch = Watch(lab)
    run = play([rescued(TASK)], connection={**link, "console_password": "Wrong-pw1"})
    row = run.one("read")
    assert (row.code, row.result["error"]["stage"]) == ("sign_in_refused", "sign_in")
    assert row.result["error"]["retryable"] is False
    assert "console_password" in row.result["msg"]
    assert ROBOT in row.result["msg"]
    assert "Wrong-pw1" not in run.output
    assert run.one("rescued: read").result["msg"] == "sign_in_refused"
    assert [(entry["operation"], entry["status"]) for entry in watch.operations()] == [("sign_in", int(status))]
    assert lab.sessions()["refused_sign_ins"] == refused + 1


@pytest.mark.parametrize("id_of", ["id", "uuid"])
def test_another_organisation_is_left_at_once(
    id_of: str, play: Player, lab: LabControl, link: dict[str, Any], watch: Watch
) -> None:
    """Somebody whose user belongs to the parent must not configure the parent by mistake."""
    wanted = "00LAB1" if id_of == "id" else lab.addresses["organisations"]["00LAB1"]["uuid"]
    theirs = {**connection(lab, PARENT), "console_organization_id": wanted}
    row = play([rescued(TASK)], connection=theirs).one("read")
    assert (row.code, row.result["error"]["stage"]) == ("organization_mismatch", "sign_in")
    assert f"console_organization_id is {wanted}" in row.result["msg"]
    assert lab.addresses["organisations"]["00LAB0"]["uuid"] in row.result["msg"]
    assert watch.names() == ["sign_in", "sign_out"]


def test_the_right_organisation_is_accepted(play: Player, lab: LabControl, link: dict[str, Any]) -> None:
    wanted = {**link, "console_organization_id": lab.addresses["organisations"]["00LAB1"]["uuid"]}
    assert play([TASK], connection=wanted).one("read").status == "ok"


def test_a_given_session_is_used_and_never_ended(
    play: Player, hand: Hand, lab: LabControl, link: dict[str, Any]
) -> None:
    given = {"id": hand.session, "platform_url": f"{lab.addresses['pod']}/saas"}
    only = {"console_url": link["console_url"], "console_binding": "lab", "console_session": given}
    watch = Watch(lab)
    run = play([TASK, {"name": "agent", "cai.console.email_service_info": {"target": "agent-a"}}], connection=only)
    assert {row.status for row in run.of_collection()} == {"ok"}
    assert not {"sign_in", "sign_out"} & set(watch.names())
    assert hand.email(CLOUD)


def test_a_given_session_that_has_ended_is_not_replaced(
    play: Player, hand: Hand, lab: LabControl, link: dict[str, Any]
) -> None:
    lab.end_sessions()
    watch = Watch(lab)
    row = play([rescued(TASK)], connection={**link, "console_session": hand.session}).one("read")
    assert (row.code, row.result["error"]["stage"]) == ("session_expired", "read")
    assert row.result["error"]["retryable"] is True
    assert watch.names() == ["read_email_service"]


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_an_own_session_that_ends_in_the_middle_is_renewed_once(
    method: str, play: Player, lab: LabControl, gateway: Gateway, hand: Hand, link: dict[str, Any]
) -> None:
    hand.set_email(CLOUD, enabled=False, hostName=None, authenticationType="PASSWORD")
    gateway.rule = Expiry(lab, method)
    watch = Watch(lab)
    task = {"name": "set", "cai.console.email_service": {"host": "new.example.org", "password": "New-pw1"}}
    row = play([task], connection={**link, "console_url": gateway.console}).one("set")
    assert (row.status, row.result["changed"]) == ("ok", True)
    assert watch.names().count("sign_in") == 2
    assert [entry["status"] for entry in watch.writes()] == ([401, 200] if method == "PUT" else [200])


def test_a_session_that_ends_again_and_again_is_a_failure(
    play: Player, lab: LabControl, gateway: Gateway, link: dict[str, Any]
) -> None:
    gateway.rule = Expiry(lab, "GET", times=9)
    watch = Watch(lab)
    row = play([rescued(TASK)], connection={**link, "console_url": gateway.console}).one("read")
    assert row.code == "session_expired"
    assert watch.names().count("sign_in") == 2


def test_the_older_sign_in_is_taken_where_the_newer_is_not_there(play: Player, lab: LabControl, watch: Watch) -> None:
    lab.set_faults({"path": "^/saas/public/core/v3/login$", "status": 404, "times": None})
    assert play([TASK]).one("read").status == "ok"
    paths = [entry["path"] for entry in watch.operations(operation="sign_in")]
    assert paths == ["/saas/public/core/v3/login", "/ma/api/v2/user/login"]


@pytest.mark.parametrize("kind", ["idle", "jwt"])
def test_both_kinds_of_sessions_work(kind: str, play: Player, lab: LabControl) -> None:
    lab.set_switches(session_kind=kind)
    assert play([TASK]).one("read").status == "ok"


def test_the_viewer_may_not_look(play: Player, lab: LabControl, link: dict[str, Any]) -> None:
    viewer = "viewer@lab.test"
    theirs = {**link, "console_username": viewer, "console_password": password_of(lab, viewer)}
    assert play([rescued(TASK)], connection=theirs).one("read").code == "forbidden"


class Expiry:
    """Ends all sessions right before a request for the email service arrives."""

    def __init__(self, lab: LabControl, method: str, times: int = 1) -> None:
        self._lab = lab
        self._method = method
        self._left = times

    def __call__(self, request: Request) -> Answer | None:
        """A rule of the gateway."""
        if self._left and is_email(request, self._method):
            self._left -= 1
            self._lab.end_sessions()
        return None
