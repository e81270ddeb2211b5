# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each scenario, from its create to its destroy, and what would let one pass without having looked at anything."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import yaml

from .conftest import ROOT, SCENARIOS, Molecule

NAMES = sorted(path.parent.name for path in SCENARIOS.glob("*/molecule.yml"))
STEPS = ["destroy", "create", "converge", "idempotence", "verify", "destroy"]
ALL_DONE = rf": actions={len(STEPS)}\s+successful={len(STEPS)}\s+disabled=0\s+skipped=0\s+missing=0\s+failed=0"


@pytest.mark.parametrize("name", NAMES)
def test_scenario(name: str, molecule: Molecule) -> None:
    ended = molecule("test", "--scenario-name", name, "--no-command-borders")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert re.search(rf"^{name}\s*{ALL_DONE}", ended.stderr, re.M), ended.stderr


def test_every_scenario_has_the_same_settings_and_all_steps() -> None:
    settings = {(SCENARIOS / name / "molecule.yml").read_text(encoding="utf-8") for name in NAMES}
    assert len(settings) == 1
    assert yaml.safe_load(settings.pop())["scenario"]["test_sequence"] == STEPS


def test_it_starts_from_the_folder_of_extensions_too(molecule: Molecule) -> None:
    ended = molecule("syntax", "--scenario-name", "email_service", folder=ROOT / "extensions")
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("inventory", "fails"), [("all: {hosts: {}}\n", False), ("all: [no inventory\n", True), (None, True)]
)
def test_an_inventory_that_cannot_be_read_is_a_failure(
    tmp_path: Path, molecule: Molecule, inventory: str | None, fails: bool
) -> None:
    copy = tmp_path / "project" / "molecule"
    shutil.copytree(SCENARIOS, copy)
    if inventory is None:
        (copy / "inventory.yml").unlink()
    else:
        (copy / "inventory.yml").write_text(inventory, encoding="utf-8")

    ended = molecule("verify", "--scenario-name", "email_service", folder=copy.parent)

    assert (ended.returncode != 0) is fails, ended.stdout + ended.stderr
