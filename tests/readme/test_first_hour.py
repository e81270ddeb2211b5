# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/docsite/rst/guide_first_hour.rst, followed to the letter: each command, in order, and what is said of it.

``make demo`` is run by the test of README.md. The port is changed at the interface; tests/browser has the page.
"""

from __future__ import annotations

import requests
from cai_lab.control_client import LabControl
from cai_lab.plain_client import PlainClient

from ..pages import GUIDES, blocks, commands
from .conftest import Reader, recap

PAGE = GUIDES / "guide_first_hour.rst"
EMAIL = "server/services/email"
AGENT = "agent-a"
HOSTS = ("cloud-server", AGENT)


def lab_of(reader: Reader) -> LabControl:
    """The lab that the reader started in the other terminal."""
    console = f"http://127.0.0.1:{reader.port}"
    lab = LabControl({"console": console, "control": f"{console}/_lab", "ca": True})
    lab.addresses["targets"] = lab.targets()
    lab.addresses["users"] = [{"name": "robot@lab.test", "password": "robot-Console-pw1"}]
    return lab


def differing(output: str) -> list[str]:
    """The lines of a run's differences."""
    found = [line for line in output.splitlines() if line[:1] in ("-", "+")]
    return [line for line in found if not line.startswith(("---", "+++"))]


def shown(reader: Reader) -> list[list[str]]:
    """The differences that the page shows."""
    return [reader.with_own_ports(block.text).splitlines() for block in blocks(PAGE, "diff")]


def test_the_page_works_to_the_letter(reader: Reader, terminal_with_lab: str) -> None:
    (inventory,) = blocks(PAGE, "yaml")
    reader.saves(inventory.file, inventory.text)
    demo, build, install, start, export, *lines = commands(PAGE)
    assert (demo, start) == ("make demo", "make lab")
    doctor, look, apply, again, change, look_again, apply_again, put_back = lines
    reader.types(build, install)

    def types(*typed: str) -> str:
        return reader.types(export, *typed)

    assert "Fit." in types(doctor)
    assert recap(types(look)) == {AGENT: 1}
    assert recap(types(apply)) == dict.fromkeys(HOSTS, 1)
    assert recap(types(again)) == dict.fromkeys(HOSTS, 0)

    one_line, port_line = shown(reader)
    assert differing(types(change, look_again)) == one_line
    assert recap(types(apply_again)) == dict.fromkeys(HOSTS, 1)

    client = PlainClient(lab_of(reader))
    stored = client.admin("GET", EMAIL, AGENT).json()
    changed = {**stored, "port": 2599}
    assert client.admin("PUT", EMAIL, AGENT, json=changed).status_code == requests.codes.ok
    output = types(put_back)
    client.close()
    assert [line for line in differing(output) if "password" not in line] == port_line
    assert recap(output) == {AGENT: 1}


def test_every_block_was_used() -> None:
    assert {block.language for block in blocks(PAGE)} == {"console", "yaml", "diff"}
    assert all(block.file for block in blocks(PAGE, "yaml"))
