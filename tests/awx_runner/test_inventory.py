# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory source: the project's file, read as AWX reads it, with the environment of its credential."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from awx.content import ROOT
from awx.injectors import inject

from .world import TARGETS, World

# awx/main/constants.py, STANDARD_INVENTORY_UPDATE_ENV
AS_AWX = {
    "ANSIBLE_INVENTORY_UNPARSED_FAILED": "True",
    "ANSIBLE_INVENTORY_EXPORT": "True",
    "ANSIBLE_VERBOSE_TO_STDERR": "True",
    "ANSIBLE_HOST_PATTERN_MISMATCH": "error",
}


def update(world: World, **changes: Any) -> subprocess.CompletedProcess[str]:
    """Update the source."""
    source = world.content["inventory_sources"][0]
    credential = world.content.one("credentials", source["credential"])
    assert credential
    credential_type = world.content.one("credential_types", credential["credential_type"])
    inputs = {**world.inputs[credential["name"]], **changes}
    injected = inject([(credential_type or {}, inputs)], world.folder)
    home = {"HOME": str(world.folder), "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "build" / "collections")}
    programs = Path(sys.executable).parent
    return subprocess.run(
        [
            str(programs / "ansible-inventory"),
            "--list",
            "--export",
            "-i",
            str(world.content.project / source["source_path"]),
        ],
        env={**home, "PATH": os.pathsep.join([str(programs), "/usr/bin", "/bin"]), **AS_AWX, **injected.env},
        cwd=world.folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_targets_become_hosts_and_a_job_runs_on_them(world: World) -> None:
    ended = update(world)
    assert ended.returncode == 0, ended.stderr
    hosts = json.loads(ended.stdout)["_meta"]["hostvars"]
    names = {variables["cai_target_name"] for variables in hosts.values()}
    assert set(TARGETS.values()) <= names
    chosen = {name: found for name, found in hosts.items() if found["cai_target_name"] in TARGETS.values()}
    done = world.job("CAI configure plan", chosen).run()
    assert done.code == 0, done.output
    assert done.kept["cai_configure"]["targets"] == len(TARGETS)
    world.assert_clean(done)
    assert not [
        given for given in world.inputs["CAI console (plan)"].values() if "pw" in given and given in ended.stdout
    ]


def test_a_source_that_cannot_be_read_fails_and_says_why(world: World) -> None:
    ended = update(world, password="CANARY-wrong-console-pw")
    assert ended.returncode != 0
    assert "sign_in" in ended.stderr or "refused" in ended.stderr
    assert "CANARY-wrong-console-pw" not in ended.stdout + ended.stderr
