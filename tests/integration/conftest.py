# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures: one lab for each file of tests, cleaned between them, and the ways to it."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from cai_lab.control_client import LabControl  # noqa: E402  (the folder above has to be on the path first)
from support.gateway import Gateway  # noqa: E402
from support.hand import Hand  # noqa: E402
from support.labs import Watch, connection, refuse_logout_all, running_lab  # noqa: E402
from support.play import Player  # noqa: E402


@pytest.fixture(scope="module")
def module_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabControl]:
    """The lab of this file: what one file stores, and the agents that it adds, slow no other down and surprise none.

    At its end an error comes if anything ever asked for ``logoutall``.
    """
    with running_lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture(scope="session")
def tls_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabControl]:
    """A lab that speaks https."""
    with running_lab(tmp_path_factory.mktemp("tls-lab"), "--tls") as lab:
        yield lab


@pytest.fixture(autouse=True)
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of this test's own for what is remembered of secrets."""
    folder = tmp_path / "memory"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("CAI_STATE_DIR", str(folder))
    return folder


@pytest.fixture
def lab(module_lab: LabControl) -> Iterator[LabControl]:
    """The lab with all switches, faults and the clock at rest, and an empty log of operations."""
    refuse_logout_all(module_lab)
    module_lab.clear_operations()
    yield module_lab
    module_lab.set_faults()
    module_lab.reset_switches()
    module_lab.set_clock(0)


@pytest.fixture
def link(lab: LabControl) -> dict[str, Any]:
    """The connection options of the lab's administrator."""
    return connection(lab)


@pytest.fixture
def watch(lab: LabControl) -> Watch:
    """What reaches the lab from here on."""
    return Watch(lab)


@pytest.fixture
def hand(lab: LabControl) -> Iterator[Hand]:
    """A person at the console."""
    person = Hand(lab)
    yield person
    person.close()


@pytest.fixture
def gateway(lab: LabControl) -> Iterator[Gateway]:
    """A gateway before the lab."""
    with Gateway(lab) as made:
        yield made


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that is taken, and at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield int(taken.getsockname()[1])


@pytest.fixture
def play(tmp_path: Path, link: dict[str, Any]) -> Player:
    """Runs playbooks against the lab."""
    return Player(tmp_path, link)


@pytest.fixture
def fresh(lab: LabControl) -> Callable[[], str]:
    """Makes a new Secure Agent that nobody has configured; its name."""
    return lambda: f"bulk-{lab.add_agents(1):04d}"
