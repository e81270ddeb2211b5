# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The execution environment: ansible-builder makes its context, and finds in the collection what pip has to bring."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from awx.content import AWX, ROOT

PROGRAMS = Path(sys.executable).parent
LIBRARIES = {"cryptography", "requests", "requests-oauthlib"}


def run(folder: Path, *command: str) -> str:
    """Run a program of this environment, with nothing of the caller's Ansible; what it printed.

    Nor of his Python: a collection on its path counts as installed, and would not be installed where it should.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTHONPATH"))}
    env = {**kept, "HOME": str(folder), "PATH": os.pathsep.join([str(PROGRAMS), kept.get("PATH", "")])}
    ended = subprocess.run(
        [str(PROGRAMS / command[0]), *command[1:]], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The collection's file, as a release has it."""
    folder = tmp_path_factory.mktemp("built")
    run(folder, "ansible-galaxy", "collection", "build", str(ROOT), "--output-path", str(folder))
    (found,) = folder.glob("*.tar.gz")
    return found


def test_introspect_lists_the_libraries_and_nothing_else(built: Path, tmp_path: Path) -> None:
    place = tmp_path / "collections"
    run(tmp_path, "ansible-galaxy", "collection", "install", str(built), "-p", str(place), "--offline")
    run(tmp_path, "ansible-builder", "introspect", str(place), "--write-pip", "pip.txt", "--write-bindep", "bindep.txt")
    lines = (tmp_path / "pip.txt").read_text(encoding="utf-8").splitlines()
    wanted = [line.partition("#")[0].strip() for line in lines if line.partition("#")[0].strip()]
    assert {re.split(r"[<>=~! ]", line)[0] for line in wanted} == LIBRARIES
    bindep = tmp_path / "bindep.txt"
    assert not bindep.exists() or not bindep.read_text(encoding="utf-8").strip()


def definition(built: Path) -> dict[str, Any]:
    """The shipped definition, with the collection from a file in place of Galaxy."""
    found: dict[str, Any] = yaml.safe_load((AWX / "execution-environment.yml").read_text(encoding="utf-8"))
    assert found["dependencies"]["galaxy"] == {"collections": [{"name": "cai.console"}]}
    found["dependencies"]["galaxy"] = {"collections": [{"name": f"collections/{built.name}", "type": "file"}]}
    found["additional_build_files"] = [{"src": str(built), "dest": "collections"}]
    return found


def test_the_context_is_made(built: Path, tmp_path: Path) -> None:
    (tmp_path / "execution-environment.yml").write_text(yaml.safe_dump(definition(built)), encoding="utf-8")
    run(tmp_path, "ansible-builder", "create", "-c", "context", "--output-filename", "Containerfile")
    context = tmp_path / "context"
    text = (context / "Containerfile").read_text(encoding="utf-8")
    assert "ansible-galaxy collection install" in text
    assert "introspect" in text
    assert (context / "_build" / "collections" / built.name).read_bytes() == built.read_bytes()
    galaxy = yaml.safe_load((context / "_build" / "requirements.yml").read_text(encoding="utf-8"))
    assert [entry["name"] for entry in galaxy["collections"]] == [f"collections/{built.name}"]


def test_the_shipped_definition_is_accepted_as_it_stands(tmp_path: Path) -> None:
    source = AWX / "execution-environment.yml"
    run(tmp_path, "ansible-builder", "create", "-f", str(source), "-c", "context", "--output-filename", "Containerfile")
    assert (tmp_path / "context" / "Containerfile").is_file()
