# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures: a lab of its own with very many agents, and runs as the tests of the run's cache start them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration" / "run_cache"))

from cache_support.runs import Runner, cores  # noqa: E402  (found by the line above)
from cai_lab.control_client import LabControl  # noqa: E402


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[LabControl]:
    """A lab that nobody has used."""
    with LabControl.start(tmp_path / "lab") as running:
        yield running


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[Runner]:
    """Starts runs; nothing of them outlives the test."""
    made = Runner(tmp_path, cores()[0])
    yield made
    made.abort()
