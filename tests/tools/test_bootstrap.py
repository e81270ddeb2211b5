# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""tools/bootstrap.py: whole environments or none, silence when all is there, a sentence when it cannot go on."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import bootstrap
import pytest
from suites.interpreters import link_interpreters

from .conftest import ROOT, Run

OLD = ("3.6", "3.7", "3.8", "3.9", "3.10")


@pytest.fixture(scope="session")
def old_interpreters(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return list(link_interpreters(OLD, tmp_path_factory.mktemp("old") / "python").values())


def test_a_python_that_is_too_old_is_refused_in_one_sentence() -> None:
    with pytest.raises(
        bootstrap.UnfitError, match=r"^This needs Python 3\.11 or newer, and python3 is Python 3\.9\.18: "
    ) as refused:
        bootstrap.require_python((3, 9, 18), "python3")
    assert refused.value.code == 2
    bootstrap.require_python((3, 11, 0), "python3")


def test_an_old_interpreter_gets_the_sentence(run_tool: Run, old_interpreters: list[Path], checkout: Path) -> None:
    if not old_interpreters:
        pytest.skip("no interpreter older than 3.11 here")
    for python in old_interpreters:
        ended = run_tool("bootstrap.py", "demo", python=python)
        assert (ended.returncode, ended.stdout) == (2, "")
        assert len(ended.stderr.splitlines()) == 1
        assert ended.stderr.startswith("This needs Python 3.11 or newer, and ")
    assert not (checkout / "build").exists()


def test_its_syntax_is_that_of_python_3_6() -> None:
    source = (ROOT / "tools" / "bootstrap.py").read_text(encoding="utf-8")
    assert ast.parse(source, feature_version=(3, 6))


def test_an_unknown_purpose_is_named(run_tool: Run) -> None:
    ended = run_tool("bootstrap.py", "party")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == f"Unknown purpose party: one of {', '.join(bootstrap.PURPOSES)}.\n"


def test_every_purpose_has_its_requirements() -> None:
    files = {path.stem for path in (ROOT / "requirements").glob("*.txt")}
    assert files == set(bootstrap.PURPOSES)


def test_the_second_start_does_nothing_and_a_change_makes_it_anew(run_tool: Run, checkout: Path) -> None:
    first = run_tool("bootstrap.py", "demo")
    venv = checkout / "build" / "venv" / "demo"
    made = os.readlink(venv)
    assert (first.returncode, first.stdout) == (0, "")
    assert first.stderr == "Preparing the Python packages for 'demo', once ...\n"
    works = subprocess.run(
        [venv / "bin" / "python", "-c", "import sys; print(sys.prefix)"], capture_output=True, text=True, check=True
    )
    assert Path(works.stdout.strip()).resolve() == venv.resolve()

    second = run_tool("bootstrap.py", "demo")
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
    assert os.readlink(venv) == made

    (checkout / "requirements" / "demo.txt").write_text("# changed\n", encoding="utf-8")
    third = run_tool("bootstrap.py", "demo")
    assert third.returncode == 0
    assert os.readlink(venv) != made
    assert [path.name for path in (checkout / "build" / "venv" / ".made").glob("demo-*")] == [
        Path(os.readlink(venv)).name
    ]


def test_what_is_included_counts_as_a_requirement(monkeypatch: pytest.MonkeyPatch, checkout: Path) -> None:
    monkeypatch.setattr(bootstrap, "ROOT", str(checkout))
    (checkout / "requirements" / "test.txt").write_text("-r demo.txt\n", encoding="utf-8")
    before = bootstrap.fingerprint("test")
    (checkout / "requirements" / "demo.txt").write_text("requests\n", encoding="utf-8")
    changed = bootstrap.fingerprint("test")
    (checkout / "lab").mkdir()
    (checkout / "lab" / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    assert len({before, changed, bootstrap.fingerprint("test")}) == 3


def test_one_that_was_cut_short_is_made_anew(run_tool: Run, checkout: Path) -> None:
    started = subprocess.Popen(
        [sys.executable, checkout / "tools" / "bootstrap.py", "demo"], stderr=subprocess.DEVNULL, start_new_session=True
    )
    made = checkout / "build" / "venv" / ".made"
    while not list(made.glob("demo-*/pyvenv.cfg")):
        assert started.poll() is None
        time.sleep(0.01)
    os.killpg(started.pid, signal.SIGKILL)
    started.wait()
    assert not (checkout / "build" / "venv" / "demo").exists()

    ended = run_tool("bootstrap.py", "demo")

    assert ended.returncode == 0
    python = checkout / "build" / "venv" / "demo" / "bin" / "python"
    assert subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0


def test_without_network_there_is_one_sentence_and_no_environment(run_tool: Run, checkout: Path) -> None:
    (checkout / "requirements" / "demo.txt").write_text("requests>=2.31\n", encoding="utf-8")

    ended = run_tool("bootstrap.py", "demo")

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.splitlines()[1:] == [
        "The Python packages for 'demo' could not be installed: the package index could not be reached"
        " (see build/log/bootstrap-demo.log)."
    ]
    assert "requests" in (checkout / "build" / "log" / "bootstrap-demo.log").read_text(encoding="utf-8")
    assert not (checkout / "build" / "venv" / "demo").exists()


def test_the_collection_is_where_ansible_looks_for_it(run_tool: Run, checkout: Path) -> None:
    run_tool("bootstrap.py", "demo")
    link = checkout / "build" / "collections" / "ansible_collections" / "cai" / "console"
    assert link.resolve() == checkout.resolve()
