# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""README.md, typed as it stands: every command and every YAML block.

Only ``make test`` is not run inside the tests, since these are part of it.
"""

from __future__ import annotations

import re

from ..pages import README, ROOT, blocks, commands
from .conftest import PAGES_PORT, Reader, recap


def test_make_has_the_targets() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    typed = {line for line in commands(README) if line.startswith("make ")}
    assert typed == {"make demo", "make test", "make lab"}
    for line in typed:
        assert re.search(rf"^{line.split()[1]}:", makefile, re.M), line


def test_the_demo_shows_what_the_page_says(reader: Reader) -> None:
    assert "make demo" in commands(README)
    shown = reader.types("make demo")
    assert "Seen: 4 targets configured, an alert delivered, a second run without a change." in shown


def test_the_collection_can_be_built_and_installed(reader: Reader) -> None:
    typed = [line for line in commands(README) if line.startswith("ansible-galaxy ")]
    assert len(typed) == 2
    assert "cai.console:" in reader.types(*typed)


def test_the_lab_is_where_the_page_says(reader: Reader, terminal_with_lab: str) -> None:
    page = README.read_text(encoding="utf-8")
    told = set(re.findall(r"http://127\.0\.0\.1:84\d\d", page))
    assert f"http://127.0.0.1:{PAGES_PORT}" in told
    for address in told:
        assert reader.with_own_ports(address) in terminal_with_lab, address


def test_the_inventory_and_the_commands(reader: Reader, installed: None, terminal_with_lab: str) -> None:
    inventory, playbook = blocks(README, "yaml")
    reader.saves("inventory.yml", inventory.text)
    reader.saves("move.yml", playbook.text)
    exports = [line for line in commands(README) if line.startswith("export ")]
    plays = [line for line in commands(README) if line.startswith("ansible-playbook ")]
    assert (len(exports), len(plays)) == (1, 3)

    examined = reader.types(*exports, plays[0])
    checked = reader.types(*exports, plays[1])
    first = reader.types(*exports, plays[2])
    second = reader.types(*exports, plays[2])
    moved = reader.types(*exports, "ansible-playbook -i inventory.yml move.yml")

    assert "Fit." in examined
    assert recap(checked) == {"agent-a": 1}
    assert recap(first) == dict.fromkeys(("cloud-server", "agent-a", "agent-b", "agent-zuerich"), 1)
    assert set(recap(second).values()) == {0}
    assert recap(moved) == {"agent-a": 1}


def test_every_command_was_typed() -> None:
    known = ("make ", "ansible-galaxy ", "ansible-playbook ", "export ")
    assert [line for line in commands(README) if not line.startswith(known)] == []
    assert len(blocks(README, "yaml")) == 2
    assert {block.language for block in blocks(README)} == {"console", "yaml"}
