# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Planned faults of the wire: a status, a delay, a cut body, a reset, a reply that never comes."""

from __future__ import annotations

import asyncio
import math
import random
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from cai_lab.console.bodies import ConsoleError

ACTIONS = ("status", "latency_ms", "truncate", "reset", "drop_reply")
MEMBERS = frozenset({"method", "path", "times", "listener", "body", "retry_after", "share", "seed", *ACTIONS})
BODIES = ("v2", "v3", "html", "empty")
LISTENERS = ("console", "pod", "agent", "oauth", "page")


def _within(least: int, most: float) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


VALUES: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "status": (_within(300, 599), "a number from 300 to 599"),
    "latency_ms": (_within(1, 600_000), "a number of milliseconds, up to ten minutes"),
    "retry_after": (_within(0, 86_400), "a number of seconds, up to a day"),
    "times": (lambda value: value is None or _within(1, math.inf)(value), "a number from 1 on, or null for always"),
    "share": (lambda value: isinstance(value, float) and 0 < value < 1, "a fraction between 0 and 1"),
    "seed": (_within(0, math.inf), "a number from 0 on"),
    "body": (lambda value: value in BODIES, f"one of {', '.join(BODIES)}"),
    "listener": (lambda value: value in LISTENERS, f"one of {', '.join(LISTENERS)}"),
}


@dataclass
class Fault:
    """One rule: whom it hits (method or ``*``, regex searched in the path), how often (None = always), what happens.

    With ``share`` only that fraction of the requests that it fits is hit; ``dice``, made from ``seed``, says which.
    """

    rule: Mapping[str, Any]
    path: re.Pattern[str]
    left: int | None
    dice: random.Random

    @classmethod
    def parse(cls, rule: Any) -> Fault:
        """Check a rule; ValueError says what is wrong."""
        if not isinstance(rule, dict):
            raise ValueError("a rule is an object")
        if unknown := rule.keys() - MEMBERS:
            raise ValueError(f"unknown member: {', '.join(sorted(unknown))}")
        if len([name for name in ACTIONS if rule.get(name)]) != 1:
            raise ValueError(f"a rule has exactly one of {', '.join(ACTIONS)}")
        for name, (fits, wanted) in VALUES.items():
            if name in rule and not fits(rule[name]):
                raise ValueError(f"{name} is {wanted}")
        try:
            dice = random.Random(rule.get("seed", 0))
            return cls(rule, re.compile(rule.get("path", "")), rule.get("times", 1), dice)
        except (re.error, TypeError) as error:
            raise ValueError(f"path is a regular expression: {error}") from None

    def hits(self, listener: str, method: str, path: str) -> bool:
        """Whether the rule strikes this request; where it has a share, the dice are thrown."""
        return (
            self.left != 0
            and self.rule.get("method", "*") in ("*", method)
            and self.rule.get("listener", listener) == listener
            and self.path.search(path) is not None
            and ("share" not in self.rule or self.dice.random() < self.rule["share"])
        )

    @property
    def action(self) -> str:
        """Name of what it does."""
        return next(name for name in ACTIONS if self.rule.get(name))


Carry = Callable[[], Awaitable[web.StreamResponse]]


class Faults:
    """The rules, first match first; they live in memory."""

    def __init__(self) -> None:
        self.rules: list[Fault] = []

    def take(self, listener: str, method: str, path: str) -> Fault | None:
        """The rule for this request, counted as used."""
        fault = next((rule for rule in self.rules if rule.hits(listener, method, path)), None)
        if fault is not None and fault.left is not None:
            fault.left -= 1
        return fault

    def listed(self) -> list[dict[str, Any]]:
        """The rules with how often each still hits."""
        return [{**fault.rule, "left": fault.left} for fault in self.rules]


async def strike(fault: Fault, request: web.Request, carry: Carry) -> web.StreamResponse:
    """Let the fault happen to a request; ``carry`` carries the operation out."""
    rule = fault.rule
    if fault.action == "status":
        raise ConsoleError(
            rule["status"], "LAB_FAULT", "A planned fault.", kind=rule.get("body"), retry_after=rule.get("retry_after")
        )
    if fault.action == "reset":
        return _hang_up(request)
    if fault.action == "latency_ms":
        await asyncio.sleep(rule["latency_ms"] / 1000)
    response = await carry()
    if fault.action == "drop_reply":
        return _hang_up(request)
    if fault.action == "truncate" and isinstance(response, web.Response) and isinstance(response.body, bytes):
        response.body = response.body[: len(response.body) // 2]
    return response


def _hang_up(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=499)
