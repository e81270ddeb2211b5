# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""tools/architecture.py: the picture is that of the code, and the rules catch what they are for."""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from picture.imports import broken_rules, card_of, cards, read_code
from picture.layout import arrange, ranks, reduced

ROOT = Path(__file__).resolve().parents[2]
PICTURE = ROOT / "docs" / "docsite" / "rst" / "architecture.svg"
OURS = "from ansible_collections.cai.console.plugins."


def test_imports_point_one_way_and_the_picture_is_up_to_date() -> None:
    command = [sys.executable, ROOT / "tools" / "architecture.py", "--check"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_every_card_is_drawn_once_and_nothing_comes_from_elsewhere() -> None:
    text = PICTURE.read_text(encoding="utf-8")
    root = ET.fromstring(text)
    names = [element.text for element in root.iter() if element.get("class") == "name"]
    wanted = {card_of(name).split("/")[-1] for name in read_code(ROOT / "plugins").files}
    assert sorted(str(name).rstrip("/").removesuffix(".py") for name in names) == sorted(wanted)
    assert "href" not in text and "url(http" not in text and "<script" not in text
    assert "prefers-color-scheme: dark" in text


def test_every_line_leads_down() -> None:
    graph = cards(read_code(ROOT / "plugins").files)
    rank = ranks(graph)
    assert all(rank[name] < rank[other] for name, below in graph.items() for other in below)
    rows, lines = arrange(reduced(graph), rank)
    assert sum(len(row) for row in rows) == len({place for row in rows for place in row})
    assert {(line[0], line[-1]) for line in lines} == {(a, b) for a, below in reduced(graph).items() for b in below}


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"_a": f"{OURS}module_utils import _b\n", "_b": f"{OURS}module_utils._a import x\n"}, "itself"),
        ({"_a": f"{OURS}plugin_utils._door import x\n", "../plugin_utils/_door": ""}, "controller only"),
        ({"_a": "from ansible.plugins.action import ActionBase\n"}, "code of the controller"),
        ({"_a": "def f():\n    import ansible.constants\n"}, "code of the controller"),
        ({"_a": f"{OURS}modules.thing import x\n", "../modules/thing": ""}, "which users name"),
        ({"_transport": f"{OURS}module_utils._console import x\n", "_console": ""}, "stands above"),
    ],
)
def test_what_should_not_be_is_said(tmp_path: Path, files: dict[str, str], said: str) -> None:
    plugins = _plugins(tmp_path, {f"module_utils/{name}.py": text for name, text in files.items()})
    assert any(said in sentence for sentence in broken_rules(read_code(plugins)))


def test_what_may_be_is_not_said(tmp_path: Path) -> None:
    files = {
        "action/thing.py": f"from ansible.plugins.action import ActionBase\n{OURS}plugin_utils._door import x\n",
        "plugin_utils/_door.py": f"{OURS}module_utils._edge import x\n",
        "module_utils/_edge.py": f"from ansible.module_utils import basic\n{OURS}module_utils import _errors\n",
        "module_utils/_errors.py": f"import typing as t\nif t.TYPE_CHECKING:\n    {OURS}module_utils._edge import x\n",
        "doc_fragments/thing.py": "",
    }
    code = read_code(_plugins(tmp_path, files))
    assert broken_rules(code) == []
    assert code.files["module_utils/_edge"] == {"module_utils/_errors"}
    assert code.files["module_utils/_errors"] == set()
    assert "doc_fragments/thing" not in code.files


def test_a_line_that_follows_from_others_is_left_out() -> None:
    assert reduced({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == {"a": {"b"}, "b": {"c"}, "c": set()}


def _plugins(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = Path(os.path.normpath(folder / name))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder
