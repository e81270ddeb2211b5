# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several writers of one service: with versions nothing is lost; without, what was lost is said."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from cai_lab.control_client import LabControl
from support import client, examples
from support.bad_consoles import is_email
from support.gateway import Answer, Gateway, Request
from support.hand import Hand

HOSTS = ("one.example.org", "two.example.org")
PATIENCE = 60.0


class Together:
    """A rule of the gateway: holds each save until both have come, so that both were planned on the same object."""

    def __init__(self) -> None:
        self._both = threading.Barrier(2, timeout=PATIENCE)

    def __call__(self, request: Request) -> Answer | None:
        """Let pass what only reads."""
        if is_email(request, "PUT"):
            self._both.wait()
        return None


class AfterTheSave:
    """A rule of the gateway: somebody saves right after the first save, before it is read back."""

    def __init__(self, meddle: Callable[[], None]) -> None:
        self._meddle: Callable[[], None] | None = meddle

    def __call__(self, request: Request) -> Answer | None:
        """Answer the save, then meddle."""
        if not is_email(request, "PUT") or self._meddle is None:
            return None
        answer = request.forward()
        self._meddle()
        self._meddle = None
        return answer


@pytest.fixture
def target(fresh: Callable[[], str], link: dict[str, Any]) -> str:
    """An agent whose Email Service is set."""
    name = fresh()
    client.done("email_service", link, target=name, password="Writers-pw1", **examples.EMAIL)
    return name


def saves(gateway: Gateway) -> list[int]:
    """The answers to the saves."""
    return sorted(answer.status for request, answer in gateway.seen if is_email(request, "PUT"))


def test_of_two_tasks_at_once_one_is_refused_and_loses_nothing(
    target: str, gateway: Gateway, hand: Hand, link: dict[str, Any]
) -> None:
    gateway.rule = Together()
    there = {**link, "console_url": gateway.console}

    def write(host: str) -> dict[str, Any]:
        return client.run("email_service", there, target=target, host=host, password=f"pw-of-{host}")

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(write, HOSTS))
    ((refused,), (won,)) = ([it for it in results if bool(it.get("failed")) is failed] for failed in (True, False))
    assert saves(gateway) == [200, 412]
    assert (refused["error"]["code"], won["concurrency"]) == ("concurrent_change", "guaranteed")
    winner = won["email_service"]["host"]
    assert f"host: '{examples.EMAIL['host']}', now '{winner}'" in refused["msg"]
    assert hand.email(target)["hostName"] == winner


@pytest.mark.parametrize("concurrency", ["etag", "none"])
def test_a_save_between_ours_and_its_reading_back_is_found(
    concurrency: str, target: str, lab: LabControl, gateway: Gateway, hand: Hand, link: dict[str, Any]
) -> None:
    """Both versions are told, and theirs stays: it is not written over once more."""
    lab.set_switches(concurrency=concurrency)
    gateway.rule = AfterTheSave(lambda: hand.set_email(target, hostName=HOSTS[1]))
    there = {**link, "console_url": gateway.console}
    result = client.run("email_service", there, target=target, host=HOSTS[0], password="Writers-pw2")
    assert result["error"]["code"] == "write_not_confirmed"
    assert f"host: '{HOSTS[0]}', now '{HOSTS[1]}'" in result["msg"]
    assert result["concurrency"] == ("guaranteed" if concurrency == "etag" else "best_effort")
    assert (hand.email(target)["hostName"], saves(gateway)) == (HOSTS[1], [200])


def test_without_versions_the_last_of_two_tasks_wins_and_says_best_effort(
    target: str, lab: LabControl, gateway: Gateway, hand: Hand, link: dict[str, Any]
) -> None:
    """Nothing better is possible; no object is a mixture of both."""
    lab.set_switches(concurrency="none")
    gateway.rule = Together()
    there = {**link, "console_url": gateway.console}

    def write(host: str) -> dict[str, Any]:
        wish: dict[str, Any] = {"host": host, "username": f"user@{host}", "password": f"pw-of-{host}"}
        return client.run("email_service", there, target=target, **wish)

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(write, HOSTS))
    last = hand.email(target)["hostName"]
    assert hand.email(target)["userName"] == f"user@{last}"
    assert lab.secret(target, "password", f"pw-of-{last}")["equal"]
    assert {result["concurrency"] for result in results} == {"best_effort"}
    ends = {host: result.get("failed", False) for host, result in zip(HOSTS, results, strict=True)}
    assert ends[last] is False
    assert {result["error"]["code"] for result in results if result.get("failed")} <= {"write_not_confirmed"}


def test_a_lost_answer_and_somebody_elses_save_are_not_written_over(
    target: str, gateway: Gateway, hand: Hand, link: dict[str, Any]
) -> None:
    """After a lost answer it reads first; what it finds is neither the old object nor its own, so it writes no more."""

    class Lost(AfterTheSave):
        def __call__(self, request: Request) -> Answer | None:
            answer = super().__call__(request)
            return Answer(503, json.dumps({}).encode()) if answer else None

    gateway.rule = Lost(lambda: hand.set_email(target, hostName=HOSTS[1]))
    there = {**link, "console_url": gateway.console}
    result = client.run("email_service", there, target=target, host=HOSTS[0], password="Writers-pw2")
    assert result["error"]["code"] == "write_not_confirmed"
    assert (hand.email(target)["hostName"], saves(gateway)) == (HOSTS[1], [503])
