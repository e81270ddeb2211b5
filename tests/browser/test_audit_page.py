# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit's page, in Chromium: one file, light and dark, sortable by its buttons, and quick with many targets."""

from __future__ import annotations

import json
import time
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from jinja2 import Environment
from page_support.browser import colours
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

TEMPLATE = Path(__file__).resolve().parents[2] / "roles" / "audit" / "templates" / "audit.html.j2"
FEW, MANY, MOST = 50, 1000, 3.0
ROUNDS = 5
SEVERITIES = ("failed", "drift", "down", "ending", "ok")


def rows(count: int) -> list[dict[str, Any]]:
    """Rows as the role makes them, all severities in turn."""
    found = []
    for number in range(count):
        severity = SEVERITIES[number % len(SEVERITIES)]
        change = {"field": "email_service.host", "from": "<script>alert(1)</script>", "to": f"smtp{number}.example.org"}
        found.append(
            {
                "host": f"agent-{number}",
                "severity": severity,
                "drift": [change] if severity == "drift" else [],
                "message": "It failed & said so." if severity == "failed" else None,
                "days": {"authorization": number % 120, "client_secret": None, "certificate": 12.5},
                "ending": ["certificate"] if severity == "ending" else [],
                "mail_ms": 10.0 * number if number % 2 else None,
            }
        )
    return found


def ordered(count: int) -> list[dict[str, Any]]:
    """The same, as the page has them at first: by severity."""
    return sorted(rows(count), key=lambda row: SEVERITIES.index(row["severity"]))


def page(folder: Path, count: int) -> str:
    """Render the role's template as Ansible does; the page's address."""
    template = Environment(trim_blocks=True).from_string(TEMPLATE.read_text(encoding="utf-8"))
    written = {"audit_written": "2026-11-24 12:00 UTC", "audit_warn_days": 30}
    path = folder / f"{count}.html"
    path.write_text(template.render(audit_rows=rows(count), **written), encoding="utf-8")
    return path.as_uri()


def hosts(browser: Chrome) -> list[str]:
    """The hosts, from top to bottom."""
    found: list[str] = browser.execute_script(
        "return [...document.querySelectorAll('tbody tr')].map(r => r.dataset.host)"
    )
    return found


def press(browser: Chrome, title: str) -> None:
    """Press the button of a column."""
    browser.find_element(By.XPATH, f"//thead//button[text()='{title}']").click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read_in_light_and_dark(browser: Chrome, tmp_path: Path, scheme: str) -> None:
    colours(browser, scheme)
    browser.get(page(tmp_path, FEW))
    back, text = browser.execute_script(
        "const style = getComputedStyle(document.body); return [style.backgroundColor, style.color]"
    )
    assert (back == "rgb(255, 255, 255)") is (scheme == "light")
    assert back != text
    assert len(hosts(browser)) == FEW
    assert len(browser.find_elements(By.CSS_SELECTOR, "tr[data-severity=drift]")) == FEW // len(SEVERITIES)
    assert "<script>alert(1)</script>" in browser.find_element(By.CSS_SELECTOR, "tr[data-severity=drift]").text
    bars = browser.find_elements(By.CSS_SELECTOR, "[data-bar=authorization]")
    sizes = [float(drawn.value_of_css_property("background-size").split("%")[0]) for drawn in bars]
    assert sizes == [pytest.approx(min(row["days"]["authorization"], 90) / 0.9, abs=0.1) for row in ordered(FEW)]
    colour = {kind: f"td.{kind}" for kind in ("low", "high")}
    drawn = {
        kind: browser.find_element(By.CSS_SELECTOR, selector).value_of_css_property("background-image")
        for kind, selector in colour.items()
    }
    assert drawn["low"] != drawn["high"]
    assert browser.get_log("browser") == []


def test_each_column_sorts_up_and_down(browser: Chrome, tmp_path: Path) -> None:
    browser.get(page(tmp_path, FEW))
    wanted = {row["host"]: row for row in rows(FEW)}
    press(browser, "Target")
    assert hosts(browser) == sorted(wanted, key=lambda host: int(host.partition("-")[2]))
    press(browser, "Target")
    assert hosts(browser)[0] == f"agent-{FEW - 1}"
    press(browser, "Authorization")
    days = [wanted[host]["days"]["authorization"] for host in hosts(browser)]
    assert days == sorted(days)
    press(browser, "State")
    assert [wanted[host]["severity"] for host in hosts(browser)][:: FEW // 5] == list(SEVERITIES)
    assert browser.find_element(By.CSS_SELECTOR, "th[aria-sort]").text.startswith("State")
    assert browser.get_log("browser") == []


def test_a_thousand_targets_are_shown_nearly_as_fast_as_fifty(browser: Chrome, tmp_path: Path) -> None:
    addresses = {count: page(tmp_path, count) for count in (FEW, MANY)}
    taken: dict[int, list[float]] = {count: [] for count in addresses}
    for _round in range(ROUNDS):
        for count, address in addresses.items():
            began = time.monotonic()
            browser.get(address)
            assert len(hosts(browser)) == count
            taken[count].append(time.monotonic() - began)
    assert median(taken[MANY]) <= MOST * median(taken[FEW]), json.dumps(taken)
