# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Python without urllib3 is a failure that names the library, on the way by which modules travel to other hosts."""

from __future__ import annotations

from pathlib import Path

from support.labs import Watch
from support.play import Player, rescued


def test_a_missing_library_is_named(play: Player, tmp_path: Path, watch: Watch) -> None:
    package = tmp_path / "shadow" / "urllib3"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise ImportError('not here')\n", encoding="utf-8")
    task = {
        "name": "read",
        "cai.console.email_service_info": {},
        "environment": {"PYTHONPATH": str(package.parent)},
    }
    run = play([rescued(task)], play={"connection": "elsewhere"})
    row = run.one("read")
    assert (row.status, row.code, row.result["error"]["stage"]) == ("failed", "library_missing", "options")
    assert "urllib3" in row.result["msg"]
    assert run.one("rescued: read").result["msg"] == "library_missing"
    assert watch.names() == ["sign_in", "sign_out"], "the run's own session, which the module did not come to use"
