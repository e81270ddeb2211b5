# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Failures as data: what is done, and which failure has to come of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.cai.console.plugins.module_utils._errors import FAULTS
from cai_lab.control_client import LabControl

from support.gateway import Gateway
from support.hand import Hand
from support.play import Run, rescued


@dataclass
class Scene:
    """What a case may arrange. ``link``: the connection options of its task; ``tls`` starts a lab that speaks https."""

    lab: LabControl
    gateway: Gateway
    hand: Hand
    link: dict[str, Any]
    tls: Callable[[], LabControl]

    def through_gateway(self) -> None:
        """Let the task reach the lab through the gateway."""
        self.link["console_url"] = self.gateway.console


@dataclass(frozen=True)
class Failure:
    """One way to fail: ``code`` and ``stage`` of the error, texts that its message ``says``, and what provokes it."""

    name: str
    code: str
    stage: str
    says: tuple[str, ...]
    args: dict[str, Any] = field(default_factory=dict)
    link: dict[str, Any] = field(default_factory=dict)
    module: str = "email_service"
    target: str | None = None
    arrange: Callable[[Scene], None] | None = None

    def task(self, target: str) -> dict[str, Any]:
        """The task in a block with a rescue; ``target`` counts where the case names none."""
        args = {"target": self.target or target, **self.link, **self.args}
        return rescued({"name": self.name, f"cai.console.{self.module}": args})

    def check(self, run: Run, target: str) -> None:
        """AssertionError unless the task failed just so: once, as ``failed``, with everything that a failure says."""
        row = run.one(self.name)
        assert (row.status, row.ignored, row.result["changed"]) == ("failed", False, False)
        self._check_error(row.result["error"], row.result["msg"], target)
        assert run.one(f"rescued: {self.name}").result["msg"] == self.code

    def _check_error(self, error: dict[str, Any], message: str, target: str) -> None:
        assert error == {
            "code": self.code,
            "stage": self.stage,
            "target": self.target or target,
            "retryable": FAULTS[self.code].retryable,
            "remedy": error["remedy"],
        }, message
        assert error["remedy"]
        assert message.endswith(error["remedy"])
        assert [text for text in self.says if text not in message] == [], message


def ids(failures: list[Failure]) -> list[str]:
    """Names of the cases, for pytest."""
    return [failure.name for failure in failures]
