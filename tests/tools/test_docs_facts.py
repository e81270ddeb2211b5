# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of facts says what the contract and the bindings say, all of it, and a difference would be noticed."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Any

import docs_facts
import pytest
import yaml

CONTRACT: dict[str, Any] = yaml.safe_load(docs_facts.CONTRACT.read_text(encoding="utf-8"))
BINDINGS = sorted(docs_facts.BINDINGS.glob("*.yml"))


def marks(item: Any) -> list[str]:
    """Every status anywhere in a document."""
    if isinstance(item, dict):
        own = [item["x-status"]] if "x-status" in item else []
        return own + [status for value in item.values() for status in marks(value)]
    return [status for value in item for status in marks(value)] if isinstance(item, list) else []


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tool compares and does not write."""
    monkeypatch.setattr(sys, "argv", ["docs_facts.py", "--check"])


@pytest.mark.usefixtures("check")
def test_the_page_is_up_to_date() -> None:
    assert docs_facts.main() == 0, "run: python tools/docs_facts.py"


@pytest.mark.usefixtures("check")
def test_another_status_in_the_contract_is_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    changed = yaml.safe_load(yaml.safe_dump(CONTRACT))
    changed["components"]["schemas"]["EmailService"]["properties"]["hostName"]["x-status"] = "observed"
    (tmp_path / "contract.yaml").write_text(yaml.safe_dump(changed, sort_keys=False), encoding="utf-8")
    monkeypatch.setattr(docs_facts, "CONTRACT", tmp_path / "contract.yaml")
    assert docs_facts.main() == 1


@pytest.mark.usefixtures("check")
def test_another_line_in_a_binding_is_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for file in BINDINGS:
        (tmp_path / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(docs_facts, "BINDINGS", tmp_path)
    assert docs_facts.main() == 0
    lab = tmp_path / "lab.yml"
    lab.write_text(lab.read_text(encoding="utf-8").replace("omitted_secret: kept", "omitted_secret: cleared"), "utf-8")
    assert docs_facts.main() == 1


def test_each_mark_of_the_contract_has_a_row() -> None:
    found = docs_facts.stated(CONTRACT)
    assert Counter(fact.status for fact in found) == Counter(marks(CONTRACT))
    assert [fact for fact in found if (fact.status == "assumed") == bool(fact.source)] == []


def test_a_fact_without_a_status_is_refused() -> None:
    with pytest.raises(ValueError, match="hostName has no status"):
        docs_facts.fact("hostName", {"type": "string"})


def test_a_path_names_the_addresses_it_stands_below() -> None:
    remarks = {fact.what: fact.remark for fact in docs_facts.paths(CONTRACT)}
    assert remarks["POST /ma/api/v2/user/login"] == "Below: region."
    assert remarks["GET /saas/api/v2/agent"] == "Below: pod."


def in_contract(name: str) -> dict[tuple[str, ...], str]:
    """What the contract says of each line of a binding that ships; there is no line that it does not have."""
    binding = yaml.safe_load((docs_facts.BINDINGS / f"{name}.yml").read_text(encoding="utf-8"))
    said = {place: docs_facts.in_contract(CONTRACT, place, value) for place, value in docs_facts.lines(binding)}
    assert [place for place, words in said.items() if words == "not in it"] == []
    return said


def test_the_engine_s_binding_stands_in_the_contract() -> None:
    said = in_contract("activebpel_admin")
    assert said["operations", "write_server_properties"] == "documented, Sample_Messages.html (ActiveVOS)"
    entry = said["services", "server_properties", "fields", "suspend_on_uncaught_fault"]
    assert entry == "observed, ActiveBPEL 4.1, aeEngineConfig-ActiveBPEL.xml"


def test_the_lab_s_binding_stands_in_the_contract() -> None:
    said = in_contract("lab")
    assert said["session", "headers"] == "documented, Session_IDs.html"
    assert said["services", "email_service", "fields", "authorization.status"] == "assumed"


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("bases", "cloud"), "{console}/elsewhere"),
        (("session", "headers"), ["X-Other"]),
        (("operations", "read_email_service"), {"method": "POST", "path": "/server/services/email"}),
        (("operations", "read_email_service"), {"method": "GET", "path": "/elsewhere"}),
        (("services", "email_service", "fields", "host"), {"at": ["oauth.hostName"]}),
        (("services", "email_service", "fields", "host"), {"at": ["entry[@name='MailHost']/@value"]}),
        (
            ("operations", "read_server_log"),
            {"method": "POST", "path": "/x", "element": "<getMailInput xmlns='urn:x'/>"},
        ),
    ],
)
def test_what_the_contract_lacks_is_said(place: tuple[str, ...], value: Any) -> None:
    assert docs_facts.in_contract(CONTRACT, place, value) == "not in it"
