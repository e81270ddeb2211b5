# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab that speaks https, the shipped data, and a world for each test."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# The helpers of the suite "integration" are found as it finds them.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration"))

from awx.content import Content, load  # noqa: E402
from cai_lab.control_client import LabControl  # noqa: E402
from support.labs import running_lab  # noqa: E402

from .world import World  # noqa: E402


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Content:
    """The data of extensions/awx, without the wait that spreads nightly jobs."""
    users = {"cai_awx_jitter": 0}
    return load(tmp_path_factory.mktemp("awx"), users)


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabControl]:
    """The lab."""
    with running_lab(tmp_path_factory.mktemp("lab"), "--tls") as lab:
        yield lab


@pytest.fixture
def world(running: LabControl, shipped: Content, tmp_path: Path) -> World:
    """The lab at rest."""
    made = World(running, shipped, tmp_path)
    made.reset()
    return made
