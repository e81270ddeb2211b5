# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of the role ``smtp_test`` as a person sees it, for a few targets and for a thousand, light and dark."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.cai.console.plugins.module_utils._edge import execute
from ansible_collections.cai.console.plugins.module_utils._mail_test import smtp_testing
from ansible_collections.cai.console.plugins.module_utils._smtp._model import STAGES
from page_support.browser import colours
from page_support.contrast import texts
from selenium.webdriver import Chrome
from smtp import certificates, script
from smtp.playing import ansible
from smtp.scripted import ScriptedServer

MANY = 1000
NASTY = "550 5.1.1 <script>document.title='taken'</script> <b>no</b> & \"so\""
# A kind of target: how its mail server behaves, and the options that the test gets.
KINDS: dict[str, tuple[script.Script, dict[str, Any]]] = {
    "good": (script.Script(), {}),
    "soon": (script.Script(certificate="soon"), {}),
    "auth": (script.Script(), {"password": "wrong-Mail-pw1"}),
    "nasty": (script.Script(at={"RCPT": script.say(NASTY)}), {}),
    "unknown": (script.Script(at={"DOT": script.cut}), {}),
}
PLAY = """
- hosts: all
  gather_facts: false
  connection: local
  tasks:
    - ansible.builtin.include_role:
        name: cai.console.smtp_test
        tasks_from: report.yml
      run_once: true
"""
RESULT = "{{ found[inventory_hostname.split('-')[0]] }}"
CELLS = """
return [...document.querySelectorAll('tbody tr')].map((row) => [row.dataset.target, row.dataset.failed,
  [...row.querySelectorAll('td.stage')].map((cell) => [cell.dataset.stage, cell.dataset.status])]);
"""
SHADES = """
const found = {};
for (const cell of document.querySelectorAll('td.stage')) {
  const style = getComputedStyle(cell);
  found[cell.dataset.status] ??= [style.color, style.backgroundColor];
}
return found;
"""
BARS = """
return [...arguments[0].querySelectorAll('rect')].map((bar) => [bar.querySelector('title').textContent,
  bar.x.baseVal.value, bar.width.baseVal.value, getComputedStyle(bar).fill, bar.getBoundingClientRect().width]);
"""
FETCHED = "return performance.getEntriesByType('resource').map((entry) => entry.name)"


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Results of the module, one of each kind."""
    kinds = certificates.make(tmp_path_factory.mktemp("pki"))
    results = {}
    for name, (behaviour, more) in KINDS.items():
        task = smtp_testing()
        with ScriptedServer(behaviour, kinds.contexts) as server:
            usual = {"host": "localhost", "port": server.port, "username": script.USER, "password": script.PASSWORD}
            valid = ArgumentSpecValidator(task.spec).validate({**usual, "ca_pem": kinds.ca_pem, **more})
            assert valid.error_messages == []
            results[name] = execute(task, valid.validated_parameters, check_mode=False)
    return results


Report = Callable[[int], Path]


@pytest.fixture(scope="module")
def report(found: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Report]:
    """Writes the report of so many targets with the role, and gives its folder."""
    made: dict[int, Path] = {}

    def write(number: int) -> Path:
        if number not in made:
            folder = made[number] = tmp_path_factory.mktemp(f"report-{number}")
            (folder / "play.yml").write_text(PLAY)
            # Long command lines have a limit; a thousand names do not fit.
            hosts: dict[str, Any] = {f"{list(KINDS)[at % len(KINDS)]}-{at}": {} for at in range(number)}
            inventory = {"all": {"hosts": hosts, "vars": {"smtp_test_result": RESULT}}}
            (folder / "hosts.json").write_text(json.dumps(inventory))
            variables = {"found": found, "smtp_test_report": str(folder / "report")}
            ended = ansible(folder, [], str(folder / "play.yml"), variables, "-i", str(folder / "hosts.json"))
            assert ended.returncode == 0, ended.stdout[-2000:]
        return made[number] / "report"

    yield write


def opened(browser: Chrome, folder: Path, scheme: str = "light") -> Chrome:
    colours(browser, scheme)
    browser.get((folder / "smtp_test.html").as_uri())
    return browser


@pytest.mark.parametrize("number", [len(KINDS), MANY])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_target_is_a_row_with_its_stages(
    browser: Chrome, report: Report, found: dict[str, Any], number: int, scheme: str
) -> None:
    page = opened(browser, report(number), scheme)
    rows = page.execute_script(CELLS)
    assert len(rows) == number
    assert len({target for target, _failed, _cells in rows}) == number
    for target, failed, cells in rows:
        result = found[target.split("-")[0]]
        assert failed == str("error" in result).lower()
        assert cells == [[stage, result["stages"][stage]["status"]] for stage in STAGES]
    assert page.execute_script(FETCHED) == []
    assert page.get_log("browser") == []
    assert f"{number} targets" in page.title
    assert page.execute_script("return document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_colours_tell_the_states_apart_and_can_be_read(browser: Chrome, report: Report, scheme: str) -> None:
    page = opened(browser, report(len(KINDS)), scheme)
    shades = page.execute_script(SHADES)
    assert set(shades) == {"ok", "warning", "failed", "unknown", "not_run"}
    assert len({tuple(pair) for pair in shades.values()}) == len(shades)
    ground = page.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert ground == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 27)"}[scheme]
    seen = texts(page)
    # A mark beside the colour is for who cannot tell colours apart.
    assert {text.text for text in seen} >= {"✓", "!", "✗", "?", "·"}
    assert [text for text in seen if text.ratio < 4.5] == []


def test_the_plot_shows_the_time_of_each_stage(browser: Chrome, report: Report, found: dict[str, Any]) -> None:
    page = opened(browser, report(len(KINDS)))
    longest, totals = 0.0, {}
    for row in page.find_elements("css selector", "tbody tr"):
        kind = row.get_attribute("data-target").split("-")[0]
        timed = [(name, stage["ms"]) for name, stage in found[kind]["stages"].items() if stage["ms"] is not None]
        bars = page.execute_script(BARS, row)
        assert [title for title, *_rest in bars] == [f"{name} {ms} ms" for name, ms in timed]
        assert all(fill not in ("none", "rgb(0, 0, 0)") for _title, _x, _width, fill, _seen in bars)
        ends = [x + width for _title, x, width, _fill, _seen in bars]
        assert all(abs(bars[at + 1][1] - ends[at]) < 0.1 for at in range(len(bars) - 1))
        totals[kind] = (sum(ms for _name, ms in timed), ends[-1])
        longest = max(longest, totals[kind][0])
    assert all(abs(end - 120 * total / longest) < 0.5 for total, end in totals.values())


def test_what_a_server_says_is_text(browser: Chrome, report: Report) -> None:
    page = opened(browser, report(len(KINDS)))
    assert page.find_elements("css selector", "script, td b b, link, img, iframe") == []
    row = page.find_element("css selector", "tr[data-target^=nasty]")
    assert NASTY.partition(" ")[2].partition(" ")[2] in row.text
    assert "targets" in page.title


def test_on_a_small_screen_the_table_scrolls_and_not_the_page(browser: Chrome, report: Report) -> None:
    page = opened(browser, report(len(KINDS)))
    size = page.get_window_size()
    try:
        page.set_window_size(600, 800)
        assert page.execute_script("return document.documentElement.scrollWidth <= innerWidth")
        table = "const box = document.querySelector('.scroll'); return box.scrollWidth > box.clientWidth"
        assert page.execute_script(table)
    finally:
        page.set_window_size(size["width"], size["height"])


def test_the_json_beside_it_says_the_same(report: Report, found: dict[str, Any]) -> None:
    rows = json.loads((report(MANY) / "smtp_test.json").read_text())
    assert len(rows) == MANY
    assert all(row["result"]["failed_stage"] == found[row["host"].split("-")[0]]["failed_stage"] for row in rows)
    assert {path.name for path in report(MANY).iterdir()} == {"smtp_test.html", "smtp_test.json"}
