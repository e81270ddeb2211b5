# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every scenario of the table is judged rightly, and no server sees a forbidden act."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from . import certificates
from .scenarios import Scenario, play
from .table import table

with tempfile.TemporaryDirectory() as _folder:
    KINDS = certificates.make(Path(_folder))


@pytest.fixture(scope="module")
def scenarios(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Scenario]]:
    yield {scenario.name: scenario for scenario in table(KINDS, tmp_path_factory.mktemp("mail"))}


with tempfile.TemporaryDirectory() as _folder:
    NAMES = [scenario.name for scenario in table(KINDS, Path(_folder))]


@pytest.mark.parametrize("name", NAMES)
def test_scenario(name: str, scenarios: dict[str, Scenario]) -> None:
    wrong, forbidden = play(scenarios[name], KINDS)
    assert (wrong, forbidden) == ([], [])


def test_the_table_is_large_and_each_row_has_a_name_of_its_own() -> None:
    assert len(NAMES) >= 60
    assert len(set(NAMES)) == len(NAMES)
