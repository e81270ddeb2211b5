# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a machine lacks is said in one line that programs can read, and what is installed is what the lock says."""

from __future__ import annotations

import json
import os

import pytest

from . import __main__ as command
from . import parts


def lacking(monkeypatch: pytest.MonkeyPatch, *programs: str) -> None:
    """Let programs be absent."""
    real = parts.find
    monkeypatch.setattr(parts, "find", lambda name: None if name in programs else real(name))


def test_without_root_there_is_no_bed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 65534)
    assert command.main(["install"]) == command.CANNOT
    said = capsys.readouterr().out.strip()
    assert json.loads(said.removeprefix("real-parts missing: "))["part"] == "root"


def test_without_apt_nothing_absent_can_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    lacking(monkeypatch, "dpkg-query", "apt-get")
    assert parts.absent_packages() == list(parts.PACKAGES)
    lack = parts.missing()
    assert lack is not None
    assert (lack.part, "postfix" in lack.detail) == ("apt", True)


def test_without_node_there_is_no_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(parts, "absent_packages", list)
    lacking(monkeypatch, "node")
    lack = parts.missing()
    assert lack is not None
    assert lack.part == "npm"


def test_an_absent_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    lacking(monkeypatch, "swaks")
    with pytest.raises(parts.InstallError, match="swaks is not installed"):
        parts.program("swaks")


def test_the_lock_pins_every_package_and_names_no_server() -> None:
    lock = json.loads((parts.FILES / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: about for name, about in lock["packages"].items() if name}
    wanted = json.loads((parts.FILES / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert packages["node_modules/oidc-provider"]["version"] == wanted["oidc-provider"]
    assert all(about["integrity"] and "resolved" not in about for about in packages.values())
