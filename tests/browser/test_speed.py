# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A thousand targets load nearly as fast as ten. Medians of rounds in turn, so that noise meets both alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import pytest
import requests
from cai_lab.control_client import LabControl
from page_support.person import Person
from selenium.webdriver import Chrome

FEW, MANY = 10, 1000
ROUNDS, LOADS = 6, 5
MOST = 2.0
# Milliseconds from the start of the navigation, the server's time included, to the end of the load event.
LOAD_MS = """
const entry = performance.getEntriesByType('navigation')[0];
return entry.loadEventEnd ? entry.loadEventEnd - entry.startTime : null;
"""
Labs = dict[int, LabControl]


@pytest.fixture
def labs(tmp_path: Path) -> Iterator[Labs]:
    """A lab with few targets, and one with many."""
    with LabControl.start(tmp_path / "few") as few, LabControl.start(tmp_path / "many") as many:
        sizes = {FEW: few, MANY: many}
        for count, lab in sizes.items():
            if lacking := count - len(lab.targets()):
                lab.add_agents(lacking)
            assert len(lab.targets()) == count
        yield sizes


def test_a_thousand_targets_load_in_at_most_twice_the_time_of_ten(
    browser: Chrome, labs: Labs, record_property: Callable[[str, object], None]
) -> None:
    loads: dict[int, list[float]] = {FEW: [], MANY: []}
    answers: dict[int, list[float]] = {FEW: [], MANY: []}
    for _turn in range(ROUNDS):
        for count, lab in labs.items():
            person = Person(browser, lab)
            person.sign_in()  # each time, since cookies do not tell the two labs' ports apart
            loads[count] += [load(person) for _turn in range(LOADS)]
            answers[count] += served(person, lab)
    for name, times in (("load_ms", loads), ("answer_ms", answers)):
        few, many = median(times[FEW]), median(times[MANY])
        record_property(name, f"{few:.1f} with {FEW} targets, {many:.1f} with {MANY}")
        assert many <= MOST * few, name


def load(person: Person) -> float:
    """Milliseconds of a load of the Cloud Server's services in the browser."""
    person.open()
    return float(person.wait(lambda browser: browser.execute_script(LOAD_MS)))


def served(person: Person, lab: LabControl) -> list[float]:
    """Milliseconds of the server's answers to the same request without a browser."""
    times = []
    with requests.Session() as http:
        http.trust_env = False
        http.cookies.update({cookie["name"]: cookie["value"] for cookie in person.browser.get_cookies()})
        for _turn in range(LOADS):
            started = time.perf_counter()
            answer = http.get(f"{lab.addresses['console']}/console/services")
            times.append((time.perf_counter() - started) * 1000)
            assert "<h1>System Services" in answer.text
    return times
