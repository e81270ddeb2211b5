# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A person follows the sheet at the page of each dialect, Chromium records, and what is learned drives everything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from ansible_collections.cai.console.plugins.plugin_utils._learn import sheet
from cai_lab.control_client import LabControl
from page_support import scribe
from page_support.course import Course, Recordings
from page_support.person import Person
from recording import noisy
from support import client
from support.driver import works
from support.gateway import Gateway
from support.labs import Watch, connection
from support.play import Player

OPTIONS = 17
MIB = 1024 * 1024


@pytest.fixture
def course(person: Person, lab: LabControl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """That person, with a folder, and a memory of secrets that is this test's own."""
    monkeypatch.setenv("CAI_STATE_DIR", str(tmp_path / "memory"))
    return Course(person, lab, tmp_path)


@pytest.fixture
def gateway(lab: LabControl) -> Iterator[Gateway]:
    """A gateway before the lab, which sees what is sent."""
    with Gateway(lab) as made:
        yield made


@pytest.mark.parametrize("dialect", scribe.NAMES)
def test_a_dialect_is_learned_and_driven(dialect: str, course: Course, lab: LabControl) -> None:
    recorded = course.record(dialect)
    binding, report = course.learn(dialect, recorded)
    assert [row for row in report if row["verdict"] == "open"] == []
    assert len([row for row in report if row["verdict"] == "found" and "." in row["what"]]) == OPTIONS
    assert course.leaked(dialect, json.dumps(binding)) == []
    assert course.wrong(dialect, binding, course.request(dialect, recorded)) == []
    assert course.leaked(dialect, (course.folder / f"{dialect}.yml").read_text(encoding="utf-8")) == []


def test_the_form_from_an_export_without_sensitive_data_to_a_write(
    course: Course, lab: LabControl, gateway: Gateway
) -> None:
    """The dialect with a token in each form and a password that is confirmed, as somebody would go about it."""
    recorded = course.record("form")
    plain = connection(lab)
    refuses_without_session(course, recorded, lab)
    entries = json.loads(recorded.whole.read_bytes())["log"]["entries"]
    loud = course.folder / "loud.har"
    loud.write_bytes(noisy(entries, sheet.markers(scribe.seed("form")), 20 * MIB))
    assert loud.stat().st_size >= 20 * MIB
    request = course.request("form", recorded._replace(whole=loud))
    task = {"name": "learn", "cai.console.learn_binding": request, "delegate_to": "localhost"}
    run = Player(course.folder, plain)([task])
    learned = run.one("learn").result
    assert learned["complete"], learned["open"]
    written = Path(request["dest"]).read_text(encoding="utf-8")
    assert course.leaked("form", written) == []
    spoken = {**plain, "console_binding": json.dumps(learned["binding"])}
    mail = works(lab)
    through = {**spoken, "console_proxy": gateway.console}
    client.done("email_service", through, target=scribe.AGENT, **mail, update_secrets="always")
    (sent,) = gateway.requests("POST", "/email")
    fields = dict(parse_qsl(sent.body.decode()))
    assert fields["smtpPassword"] == fields["smtpPasswordAgain"] == mail["password"]
    watch = Watch(lab)
    examined = client.run("console_doctor", spoken, targets=[scribe.AGENT], write=True)
    (verdict,) = [row for row in examined["findings"] if row["check"] == "write"]
    assert verdict["verdict"] == "failed"
    assert "write_password" in verdict["remedy"]
    assert watch.writes() == []
    tested = client.done("email_service", plain, target=scribe.AGENT, test="after", test_when="always")
    assert all(row["ok"] for row in tested["test_results"]), "the stored password still logs in"


def test_what_a_browser_drops_is_recognised_and_kept_by_an_export_after_each_save(course: Course) -> None:
    """Each save of the form loads a page, and Chromium keeps the bodies of the last page only."""
    exports: list[bytes] = []
    scribe.Scribe(course.person, "form", exports=exports).record(scribe.CLOUD, course.before)
    _binding, report = scribe.learned("form", exports[-1], None, course.agent_id)
    (row,) = [row for row in report if row["what"] == "answers"]
    assert "export after each save" in row["next"]
    binding, report = scribe.learned("form", exports, None, course.agent_id)
    assert [row["what"] for row in report if row["verdict"] == "open"] == ["targets"]
    assert course.leaked("form", json.dumps(binding)) == []


def refuses_without_session(course: Course, recorded: Recordings, lab: LabControl) -> None:
    """What a browser exports unless told otherwise lacks the cookie: it is said, and nothing is written."""
    binding, report = scribe.learned("form", recorded.sanitised.read_bytes(), None, course.agent_id)
    (row,) = [row for row in report if row["what"] == "session"]
    assert (row["verdict"], row["why"]) == ("open", "session carrier not found: export with sensitive data")
    assert "sensitive data" in row["next"]
    watch = Watch(lab)
    link = {**connection(lab), "console_binding": json.dumps(binding)}
    refused = client.run("email_service", link, host="x.example.org")
    assert refused["error"]["code"] == "binding_open"
    assert "session" in refused["msg"]
    assert watch.writes() == []
