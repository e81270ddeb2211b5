# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is made from the bindings' format and files is up to date, and a difference would be noticed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import bindings
import pytest


def test_what_is_made_is_up_to_date(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["bindings.py", "--check"])
    assert bindings.main() == 0, capsys.readouterr().err


def test_a_difference_is_noticed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["bindings.py", "--check"])
    monkeypatch.setitem(bindings._spec.META, "surprise", {"type": "str", "description": "More."})
    assert bindings.main() == 1
    assert "extensions/bindings/schema.json" in capsys.readouterr().err


def test_the_schema_says_what_the_format_says() -> None:
    schema = json.loads(Path(bindings.SCHEMA).read_text(encoding="utf-8"))
    assert set(schema["required"]) == {"format", "meta"}
    assert {"required": ["extends"]} in schema["anyOf"]
    assert {"required": ["bases", "session", "operations", "services"]} in schema["anyOf"]
    field = schema["properties"]["services"]["properties"]["email_service"]["properties"]["fields"]["properties"][
        "host"
    ]
    assert field["additionalProperties"] is False
    assert field["properties"]["kind"]["enum"] == ["boolean", "integer", "text", "words", "list"]
