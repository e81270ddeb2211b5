# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task that is killed at each of its writes and tests: what it leaves, and what the next run makes of that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from cai_lab.control_client import LabControl
from support import client
from support.gateway import Answer, Gateway, Request
from support.hand import Hand
from support.labs import SENDER, Watch, email_that_sends, mail_password
from support.victim import Victim

WRONG = "Wrong-pw9"
VOLATILE = ("modified", "modifiedBy")
SAVE, TEST, PROPERTIES, ALERT = (
    "PUT /server/services/email",
    "POST /server/services/email/test",
    "PUT /server/properties",
    "PUT /server/services/alert",
)
MOMENTS = ("on its way", "carried out")
ROLLBACK = {"test": "after", "on_test_failure": "rollback", "previous_secret": "RIGHT"}
DISABLE = {"test": "after", "on_test_failure": "disable", "accept_alert_gap": True}
# Options, the password, and the steps at which the task dies; with the last step, the state that it leaves there.
STORIES: dict[str, tuple[dict[str, Any], str, list[str]]] = {
    "tested after": ({"test": "after"}, "RIGHT", [SAVE, TEST]),
    "tested before": ({"test": "before"}, "RIGHT", [TEST, SAVE]),
    "tested both times": ({"test": "both"}, "RIGHT", [TEST, SAVE, TEST]),
    "rolled back": (ROLLBACK, WRONG, [SAVE, TEST, SAVE]),
    "disabled": (DISABLE, WRONG, [SAVE, TEST, SAVE]),
}
CASES = [
    pytest.param(name, number, moment, id=f"{name}, {number + 1}: {step}, {moment}")
    for name, (_options, _password, steps) in STORIES.items()
    for number, step in enumerate(steps)
    for moment in MOMENTS
]


@dataclass
class Death:
    """A rule of the gateway: the task dies at one of its writes and tests, counted from 0."""

    victim: Victim
    number: int
    moment: str
    seen: list[str] = field(default_factory=list)

    def __call__(self, request: Request) -> Answer | None:
        """Let pass what only reads."""
        step = f"{request.method} {request.path[request.path.find('/server/') :]}"
        if step not in (SAVE, TEST, PROPERTIES, ALERT):
            return None
        self.seen.append(step)
        if len(self.seen) - 1 != self.number:
            return None
        answer = request.forward() if self.moment == "carried out" else Answer(503)
        self.victim.kill()
        return answer


@dataclass
class Scene:
    """A target whose Email Service works and is tested, behind a gateway."""

    lab: LabControl
    gateway: Gateway
    hand: Hand
    link: dict[str, Any]
    target: str

    def email(self, **more: Any) -> dict[str, Any]:
        """Options of an Email Service that really sends mail."""
        return email_that_sends(self.lab, **more)

    def stored(self) -> dict[str, Any]:
        """The stored object but for its stamps."""
        return {name: value for name, value in self.hand.email(self.target).items() if name not in VOLATILE}

    def die(self, module: str, number: int, moment: str, **args: Any) -> list[str]:
        """Run a task that dies at a step; the steps up to it."""
        victim = Victim()
        death = Death(victim, number, moment)
        self.gateway.rule = death
        assert victim.run(module, self.link, target=self.target, **args) is None
        self.gateway.rule = lambda request: None
        return death.seen


@pytest.fixture
def scene(lab: LabControl, gateway: Gateway, hand: Hand, fresh: Callable[[], str], link: dict[str, Any]) -> Scene:
    """The scene at its beginning."""
    made = Scene(lab, gateway, hand, {**link, "console_url": gateway.console}, fresh())
    assert client.done("email_service", made.link, target=made.target, test="after", **made.email())["tested"] is True
    lab.clear_mailbox()
    return made


@pytest.mark.parametrize(("name", "number", "moment"), CASES)
def test_the_next_run_ends_well_wherever_a_task_was_killed(
    name: str, number: int, moment: str, scene: Scene, watch: Watch
) -> None:
    options, password, steps = STORIES[name]
    right = mail_password(scene.lab)
    options = {key: right if value == "RIGHT" else value for key, value in options.items()}
    before = scene.stored()
    given = scene.email(password=right if password == "RIGHT" else password, oauth={"client_id": "moved"})
    assert scene.die("email_service", number, moment, **given, **options) == steps[: number + 1]
    saves = steps[: number + (moment == "carried out")].count(SAVE)
    check_left(name, saves, before, scene.stored())

    scene.lab.clear_mailbox()
    wish = scene.email(oauth={"client_id": "moved"})
    again = client.done("email_service", scene.link, target=scene.target, test="after", **wish)
    untested = SAVE in steps[: number + 1] and name != "tested before"
    assert any("did not see its test pass" in text for text in again["warnings"]) is untested
    assert again["tested"] is (again["changed"] or name != "tested before")
    assert [mail["auth_user"] for mail in scene.lab.mailbox()] == [SENDER] * again["tested"]
    assert scene.lab.secret(scene.target, "password", right)["equal"]
    watch.restart()
    quiet = client.done("email_service", scene.link, target=scene.target, test="after", **wish)
    assert (quiet["changed"], quiet["tested"], watch.writes()) == (False, False, [])


def check_left(name: str, saves: int, before: dict[str, Any], left: dict[str, Any]) -> None:
    """What the task left: nothing of it, all of it, or what the option says."""
    saved = {**before, "oauth": {**before["oauth"], "clientId": "moved"}}
    ends = {"rolled back": before, "disabled": {**saved, "enabled": False}}
    assert left == (before if saves == 0 else saved if saves == 1 else ends[name])


@pytest.mark.parametrize("step", ["on its way", "carried out"])
def test_what_was_to_be_disabled_is_disabled_by_the_next_run(step: str, scene: Scene) -> None:
    """Killed before it could switch off what failed: the same task again keeps the promise."""
    given = {**scene.email(password=WRONG), **DISABLE}
    scene.die("email_service", 1, step, **given)
    assert scene.stored()["enabled"] is True
    refused = client.run("email_service", scene.link, target=scene.target, **{**given, "accept_alert_gap": False})
    assert refused["error"]["code"] == "alert_gap_not_accepted"
    again = client.run("email_service", scene.link, target=scene.target, **given)
    assert (again["error"]["code"], again["state_left"], again["changed"]) == ("test_failed", "disabled", True)
    assert scene.stored()["enabled"] is False


OPERATIONS = {
    PROPERTIES: "write_server_properties",
    SAVE: "write_email_service",
    TEST: "test_email_service",
    ALERT: "write_alert_service",
}
ORDER = list(OPERATIONS)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("number", range(len(ORDER)), ids=ORDER)
def test_a_target_of_which_a_part_was_written_is_finished_by_the_next_run(
    number: int, moment: str, scene: Scene, watch: Watch
) -> None:
    wish = {
        "server_properties": {"suspend_on_uncaught_fault": True},
        "email_service": scene.email(oauth={"client_id": "moved"}),
        "alert_service": {"enabled": True, "action": "send_email", "email": "operations@lab.test"},
        "test": "after",
    }
    assert scene.die("execution_target", number, moment, **wish) == ORDER[: number + 1]
    watch.restart()
    again = client.done("execution_target", scene.link, target=scene.target, **wish)
    assert watch.names(mutates=True) == [OPERATIONS[step] for step in remaining(number, moment)]
    assert (again["changed"], again["tested"]) == (number < 3 or moment == "on its way", number < 3)
    watch.restart()
    quiet = client.done("execution_target", scene.link, target=scene.target, **wish)
    assert (quiet["changed"], watch.writes()) == (False, [])


def remaining(number: int, moment: str) -> list[str]:
    """What is left to do. A save of which the task saw no answer is done again: whose secret is there is not known."""
    seen = number + (moment == "carried out" and ORDER[number] in (PROPERTIES, ALERT))
    return ORDER[seen:]
