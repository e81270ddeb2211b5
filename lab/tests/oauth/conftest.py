# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab for each module's tests, an HTTP session that trusts its CA, and a person with an account."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from cai_lab.browserless import Person
from cai_lab.control_client import LabControl


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabControl]:
    with LabControl.start(tmp_path_factory.mktemp("lab")) as control:
        yield control


@pytest.fixture
def lab(running: LabControl) -> LabControl:
    running.reset_switches()
    running.set_clock(0)
    running.set_faults()
    running.clear_mailbox()
    running.clear_operations()
    return running


@pytest.fixture
def http(lab: LabControl) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        session.verify = lab.addresses["ca"]
        yield session


@pytest.fixture
def person(lab: LabControl) -> Person:
    return Person("alerts@lab.test", "alerts-Mail-pw1", lab.addresses["ca"])
