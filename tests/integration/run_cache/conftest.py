# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures: one lab for all, two where consoles must not mix, and a runner for each core."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from cache_support.runs import Ledger, Runner, connection, cores  # noqa: E402  (found by the line above)
from cai_lab.control_client import LabControl  # noqa: E402

BULK = 40


@pytest.fixture(scope="session", autouse=True)
def signals_count() -> Iterator[None]:
    """Tests that were themselves started by ``nohup`` or with ``&`` hand on that SIGHUP or SIGINT is ignored."""
    defaults = {signal.SIGHUP: signal.SIG_DFL, signal.SIGINT: signal.default_int_handler}
    ignored = [number for number in defaults if signal.getsignal(number) is signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, defaults[number])
    yield
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)


@pytest.fixture(scope="session")
def cache_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabControl]:
    """A lab with many agents, in this session's keeping."""
    with LabControl.start(tmp_path_factory.mktemp("cache-lab")) as lab:
        lab.add_agents(BULK)
        yield lab


@pytest.fixture(scope="session")
def other_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabControl]:
    """Another console."""
    with LabControl.start(tmp_path_factory.mktemp("other-lab")) as lab:
        lab.add_agents(BULK)
        yield lab


@pytest.fixture
def lab(cache_lab: LabControl) -> Iterator[LabControl]:
    """The lab at rest."""
    cache_lab.set_faults()
    yield cache_lab
    cache_lab.set_faults()


@pytest.fixture
def link(lab: LabControl) -> dict[str, Any]:
    """The connection options of the lab's administrator."""
    return connection(lab)


@pytest.fixture
def ledger(lab: LabControl) -> Ledger:
    """What the lab counts from here on."""
    return Ledger(lab)


@pytest.fixture(params=cores(), ids=lambda path: Path(path).parent.parent.name)
def runner(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Runner]:
    """Starts runs, on each core in turn; nothing of them outlives the test."""
    made = Runner(tmp_path, request.param)
    yield made
    made.abort()


@pytest.fixture(scope="session")
def agents() -> list[str]:
    """Names of agents that run."""
    return [f"bulk-{number:04d}" for number in range(1, BULK + 1)]
