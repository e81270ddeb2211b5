# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A binding that does not cover something: the failure names it, and nothing is written."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.cai.console.plugins.module_utils._bindings import BINDINGS
from cai_lab.control_client import LabControl
from support import client
from support.bindings import WORDS, lab_binding
from support.hand import Hand
from support.labs import Watch
from support.places import ROOT
from support.play import Player

SHIPPED = ROOT / "extensions" / "bindings"


@pytest.fixture
def partial(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A binding that tests may take things out of, known as ``partial``."""
    made = lab_binding()
    monkeypatch.setitem(BINDINGS, "partial", made)
    return made


def test_agents_need_an_address_where_no_way_through_the_cloud_is_bound(
    partial: dict[str, Any], link: dict[str, Any], lab: Any, watch: Watch
) -> None:
    del partial["bases"]["agent_through_cloud"]
    link = {**link, "console_binding": "partial"}
    result = client.run("email_service", link, target="agent-a", enabled=False)
    assert (result["error"]["code"], result["error"]["stage"]) == ("agent_address_missing", "targets")
    assert "console_agent_url" in result["msg"]
    watch.assert_untouched()
    assert client.done("email_service_info", link, target=client.CLOUD)
    direct = {**link, "console_agent_url": lab.addresses["agents"]["agent-a"]}
    assert client.done("email_service_info", direct, target="agent-a")


@pytest.mark.parametrize(
    ("take_out", "named"),
    [
        (lambda bound: bound["services"].pop("email_service"), "email_service"),
        (lambda bound: bound["operations"].pop("read_email_service"), "read_email_service"),
        (lambda bound: bound["services"]["email_service"]["fields"].pop("security"), "security"),
    ],
    ids=["service", "operation", "option"],
)
def test_what_is_not_bound_is_named(
    take_out: Any, named: str, partial: dict[str, Any], link: dict[str, Any], watch: Watch
) -> None:
    take_out(partial)
    result = client.run("email_service", {**link, "console_binding": "partial"}, enabled=False, security="none")
    assert result["error"]["code"] == "not_bound"
    assert named in result["msg"]
    watch.assert_untouched()


def test_a_service_that_is_bound_for_reading_only_is_not_written(
    partial: dict[str, Any], link: dict[str, Any], fresh: Any, watch: Watch
) -> None:
    del partial["operations"]["write_server_properties"]
    target = fresh()
    watch.restart()
    link = {**link, "console_binding": "partial"}
    assert client.done("server_properties_info", link, target=target)
    result = client.run("server_properties", link, target=target, suspend_on_uncaught_fault=True)
    assert result["error"]["code"] == "not_bound"
    watch.assert_untouched()


DOORS: dict[str, dict[str, Any]] = {
    "worker": {},
    "elsewhere": {"connection": "elsewhere"},
    "async": {"async": 600, "poll": 1},
}


@pytest.mark.parametrize("keywords", DOORS.values(), ids=DOORS)
def test_a_file_of_the_controller_travels(
    keywords: dict[str, Any], play: Player, link: dict[str, Any], fresh: Any, tmp_path: Path
) -> None:
    (tmp_path / "files").mkdir()
    shutil.copy(SHIPPED / "lab.yml", tmp_path / "files" / "mine.yml")
    target = fresh()
    wishes = {"host": "smtp.example.org", "port": 2525}
    tasks = [
        {"name": "Write", "cai.console.email_service": wishes, **keywords},
        {"name": "Read", "cai.console.email_service_info": {}, **keywords},
    ]
    run = play(tasks, hosts=[target], connection={**link, "console_binding": "mine.yml"})
    assert run.one("Write").result["changed"]
    assert run.one("Read").result["email_service"]["host"] == "smtp.example.org"


@pytest.mark.parametrize("position", ["lower", "none_word"])
def test_the_words_of_a_file_are_those_that_travel(
    position: str, play: Player, link: dict[str, Any], lab: LabControl, hand: Hand, fresh: Any, tmp_path: Path
) -> None:
    lab.set_switches(security_words=position)
    words = WORDS[position]
    said = ", ".join(f"{word}: {'null' if theirs is None else theirs}" for word, theirs in words.items())
    shipped = (SHIPPED / "lab.yml").read_text(encoding="utf-8")
    mine = shipped.replace("words: { none: null, tls: TLS, ssl: SSL }", f"words: {{ {said} }}")
    assert mine != shipped
    (tmp_path / "mine.yml").write_text(mine, encoding="utf-8")
    tasks = [{"name": word, "cai.console.email_service": {"security": word}} for word in ("ssl", "none", "tls")]
    look = {"name": "look", "cai.console.email_service_info": {}}
    target = fresh()
    run = play([*tasks, look], hosts=[target], connection={**link, "console_binding": "./mine.yml"})
    assert run.one("look").result["email_service"]["security"] == "tls"
    assert hand.call("GET", target, "/server/services/email")["security"] == words["tls"]
    if position == "lower":
        # The shipped binding says it in capitals, which such a console refuses.
        assert client.run("email_service", link, target=target, security="ssl")["error"]["code"] == "write_refused"


@pytest.mark.parametrize("keywords", [DOORS["worker"], DOORS["elsewhere"]], ids=["worker", "elsewhere"])
def test_a_file_that_is_wrong_is_said_before_any_request(
    keywords: dict[str, Any], play: Player, link: dict[str, Any], tmp_path: Path, watch: Watch
) -> None:
    (tmp_path / "typo.yml").write_text(
        (SHIPPED / "lab.yml").read_text(encoding="utf-8").replace("host: {", "hots: {"), encoding="utf-8"
    )
    (tmp_path / "text.yml").write_text("a: [1\nb: 2\n", encoding="utf-8")
    cases = {
        "./typo.yml": ("binding_invalid", "services.email_service.fields.hots"),
        "./text.yml": ("binding_invalid", "is not YAML at line 2"),
        "./none.yml": ("invalid_option", "./none.yml, a file that cannot be read here"),
    }
    tasks = [
        {"name": name, "cai.console.email_service_info": {"console_binding": name}, "ignore_errors": True, **keywords}
        for name in cases
    ]
    run = play(tasks, connection=link)
    for name, (code, named) in cases.items():
        assert run.one(name).code == code
        assert named in run.one(name).result["msg"]
    assert watch.operations() == []
