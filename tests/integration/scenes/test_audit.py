# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit: what it finds and says, what it writes on the controller, and that it writes nothing to a target."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from cai_lab.control_client import LabControl
from support.hand import Hand
from support.labs import Watch
from support.play import Player, Run

WISHES = {
    "alert_service": {"enabled": False, "action": "custom_service", "service": "Handler"},
    "email_service": {"enabled": False, "host": "smtp.example.org"},
}
METRIC = re.compile(r'[a-z_]+(\{[a-z_]+="(?:[^"\\]|\\.)*"(,[a-z_]+="(?:[^"\\]|\\.)*")*\})? -?[0-9.]+')


@pytest.fixture
def agents(lab: LabControl, hand: Hand) -> list[str]:
    """Four agents: as wished, drifted, without wishes, with an authorization that ends soon."""
    last = lab.add_agents(4)
    names = [f"bulk-{number:04d}" for number in range(last - 3, last + 1)]
    for name in names:
        hand.set_alert(name, **{"enabled": False, "action": "CUSTOM_SERVICE", "service": "Handler"})
        hand.set_email(name, enabled=False, hostName="smtp.example.org")
    hand.set_alert(names[1], service="Another <b>")
    lab.authorize(names[3])
    return names


def audit(play: Player, agents: list[str], link: dict[str, Any], folder: Path, exit_code: int, **more: Any) -> Run:
    """Run the playbook."""
    hosts: dict[str, dict[str, Any]] = {agent: {"wishes": WISHES} for agent in agents}
    hosts[agents[2]] = {}
    hosts[agents[0]]["audit_client_secret_ends"] = "2999-01-01"
    hosts["agent-stopped"] = {"wishes": WISHES}
    connection = {f"cai_{name}": value for name, value in link.items()}
    variables = {**connection, "audit_report": str(folder / "report"), **more}
    return play.playbook("cai.console.audit", hosts=hosts, variables=variables, exit_code=exit_code)


def test_it_tells_all_severities_and_writes_nothing(
    play: Player, agents: list[str], link: dict[str, Any], tmp_path: Path, lab: LabControl, watch: Watch
) -> None:
    lab.set_clock(0)
    run = audit(play, agents, link, tmp_path, 2, audit_warn_days=90)
    watch.assert_untouched()
    report = json.loads((tmp_path / "report" / "audit.json").read_text())
    rows = {row["host"]: row for row in report["targets"]}
    severities = {host: row["severity"] for host, row in rows.items()}
    assert severities == dict(zip([*agents, "agent-stopped"], ["ok", "drift", "failed", "ending", "down"], strict=True))
    assert [change["field"] for change in rows[agents[1]]["drift"]] == ["service"]
    assert rows[agents[2]]["code"] == "document_missing"
    assert rows[agents[3]]["days"]["authorization"] in (89, 90)
    assert rows[agents[0]]["days"]["client_secret"] > 300_000
    table = run.one("Show the table").result["msg"]
    assert "5 targets: 1 failed, 1 drift, 1 down, 1 ending, 1 ok" in table
    assert any(line.split()[:2] == ["drift", agents[1]] and line.endswith("service") for line in table)
    assert "2 of 5 targets" in run.one("End with an error if the audit found what it should not").result["msg"]


@pytest.mark.parametrize(
    ("fail_on", "exit_code"), [(["failed"], 2), (["drift"], 2), (["down"], 2), (["ending"], 2), ([], 0)]
)
def test_which_severity_ends_the_run_with_an_error(
    play: Player, agents: list[str], link: dict[str, Any], tmp_path: Path, fail_on: list[str], exit_code: int
) -> None:
    audit(play, agents, link, tmp_path, exit_code, audit_fail_on=fail_on, audit_warn_days=90)
    assert (tmp_path / "report" / "audit.html").is_file()


def test_the_page_and_the_metrics_are_whole_and_escaped(
    play: Player, agents: list[str], link: dict[str, Any], tmp_path: Path
) -> None:
    probe = {"arrival": {"latency_ms": 830.0}, "tls": {"chain": [{"days_left": 12.5}]}}
    mail = tmp_path / "smtp_test.json"
    mail.write_text(json.dumps([{"host": agents[0], "result": probe}]))
    audit(play, agents, link, tmp_path, 2, audit_mail_test=str(mail))
    page = (tmp_path / "report" / "audit.html").read_text()
    assert page.count("data-host=") == 5
    assert "Another &lt;b&gt;" in page
    assert "Another <b>" not in page
    assert "src=" not in page and "href=" not in page and "http" not in page.replace("http-equiv", "")
    assert page.count('data-bar="mail"') == page.count('data-bar="certificate"') == 1
    lines = (tmp_path / "report" / "audit.prom").read_text().splitlines()
    assert lines[-1] == "# EOF"
    assert all(line.startswith("# ") or METRIC.fullmatch(line) for line in lines)
    assert f'cai_target_mail_seconds{{host="{agents[0]}"}} 0.83' in lines
    assert f'cai_target_drifted_settings{{host="{agents[1]}"}} 1' in lines
    assert 'cai_targets{severity="failed"} 1' in lines
    assert link["console_password"] not in page
