# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab and a browser for each session (and worker), put back between tests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "integration"), str(HERE.parent / "benchmark")]

from cai_lab.control_client import LabControl  # noqa: E402  (the folder above has to be on the path first)
from page_support.browser import chromium, colours, key_of  # noqa: E402
from page_support.modules import Modules  # noqa: E402
from page_support.person import Person  # noqa: E402
from page_support.places import missing  # noqa: E402
from selenium.webdriver import Chrome  # noqa: E402


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabControl]:
    """A lab for all tests."""
    with LabControl.start(tmp_path_factory.mktemp("lab")) as control:
        yield control


@pytest.fixture
def lab(running: LabControl) -> LabControl:
    """That lab with switches, faults, mailbox and log of operations as at the start."""
    running.reset_switches()
    running.set_faults()
    running.clear_mailbox()
    running.clear_operations()
    return running


@pytest.fixture(scope="session")
def chrome(running: LabControl, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """A browser for all tests, which trusts the OAuth server of their lab; they are skipped where there is none."""
    if reason := missing():
        pytest.skip(reason)
    trusts = key_of(running.addresses["oauth"]["base"])
    with chromium(tmp_path_factory.mktemp("profile"), trusts=trusts) as browser:
        yield browser


@pytest.fixture
def browser(chrome: Chrome) -> Chrome:
    """That browser, in light colours, without old messages."""
    colours(chrome, "light")
    chrome.get_log("browser")
    return chrome


@pytest.fixture
def person(browser: Chrome, lab: LabControl) -> Person:
    """The administrator of the sub-organisation, at the page, signed in."""
    robot = Person(browser, lab)
    robot.sign_in()
    return robot


@pytest.fixture
def modules(lab: LabControl) -> Modules:
    """The collection's modules."""
    return Modules(lab)
