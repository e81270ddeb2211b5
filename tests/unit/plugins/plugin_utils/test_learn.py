# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is learned from recordings that are good, noisy, sanitised, cut or broken: the right place, or none."""

from __future__ import annotations

import base64
import copy
import json

import pytest
from ansible_collections.cai.console.plugins.module_utils._binding import require_closed
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.plugin_utils._learn import har, sheet
from ansible_collections.cai.console.plugins.plugin_utils._learn.bases import Source
from ansible_collections.cai.console.plugins.plugin_utils._learn.learner import Learner, Request
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from .learn_console import ORIGIN, PATHS, SEED, SESSION, WORKS, record

WHOLE = record().har()
PRIVATE = (WORKS["password"], WORKS["host"])


def learn(data, *others, absent=()):
    """Return the binding and the report."""
    more = [Source(har.read(other), "agent", "00AGENT01", "agent-a") for other in others]
    asked = Request(SEED, {"name": "it", "describes": "a test"}, frozenset(absent))
    learner = Learner(Source(har.read(data), "cloud", "cloud", ""), more, asked)
    return learner.learn(), learner.report


def opened(report):
    """Return what is open."""
    return {row["what"] for row in report if row["verdict"] == "open"}


def test_a_good_recording_gives_a_whole_binding():
    binding, report = learn(WHOLE, record("00AGENT01", first_only=True).har())
    assert opened(report) == set()
    assert binding["bases"] == {
        "cloud": "{console}/api/{id}",
        "agent_through_cloud": "{console}/api/{id}",
        "cloud_id": "cloud",
    }
    assert binding["session"] == {"cookies": ["USER_SESSION"]}
    fields = binding["services"]["email_service"]["fields"]
    assert fields["host"] == {"at": ["host"], "kind": "text"}
    assert fields["security"] == {"at": ["sec"], "words": {"tls": "tls", "ssl": "ssl", "none": "none"}}
    assert binding["services"]["email_service"]["omitted_secret"] == "unknown"
    assert binding["operations"]["write_alert_service"]["path"] == "/alerts"
    assert binding["operations"]["write_alert_service"]["writes"] == "whole"
    test = binding["operations"]["test_email_service"]
    assert (test["method"], test["path"], test["candidate_at"], test["fixed"]) == (
        "POST",
        "/mail/test",
        "candidate",
        {"dry": True},
    )
    assert test["outcome"] == {"ok": "verdict", "words": ["PASSED"], "message": "text"}


def test_nothing_of_the_recording_is_in_the_binding():
    text = json.dumps(learn(WHOLE)[0])
    for hidden in (
        SESSION,
        *PRIVATE,
        "console.example.org",
        *(mark for mark in sheet.markers(SEED) if not mark.isdecimal()),
    ):
        assert hidden not in text


def telemetry(recorder, step, url):
    """Repeat a marker, and everything that was typed, elsewhere; poll; fail; fetch files."""
    recorder.add("POST", "https://telemetry.example.net/collect", {"t": step.get("host"), "u": url}, answer={})
    recorder.add("POST", "https://telemetry.example.net/replay", dict(step), answer={})
    recorder.add("POST", f"{ORIGIN}/audit", {"typed": step.get("email"), "n": len(recorder.entries)}, answer={})
    recorder.add("GET", f"{ORIGIN}/poll", answer={"n": len(recorder.entries)})
    recorder.add("PUT", url, dict(step), status=500, answer={})
    recorder.add("GET", f"{ORIGIN}/app.js", answer=str(step), kind="text/javascript")


def test_noise_does_not_mislead():
    binding, report = learn(record(after_each=telemetry).har())
    plain, _report = learn(WHOLE)
    assert opened(report) == {"targets"}
    assert binding["services"] == plain["services"]
    assert {name: row["path"] for name, row in binding["operations"].items()} == {
        "test_email_service": "/mail/test",
        **{f"{verb}_{service}": f"/{path}" for service, path in PATHS.items() for verb in ("read", "write")},
    }


def test_bodies_in_base64_are_read():
    whole = json.loads(WHOLE)
    for entry in whole["log"]["entries"]:
        content = entry["response"]["content"]
        content.update(text=base64.b64encode(content["text"].encode()).decode(), encoding="base64")
    assert learn(json.dumps(whole).encode())[0]["services"] == learn(WHOLE)[0]["services"]


def test_a_sanitised_recording_says_that_the_session_was_not_found():
    whole = json.loads(WHOLE)
    for entry in whole["log"]["entries"]:
        entry["request"].update(cookies=[], headers=[])
    binding, report = learn(json.dumps(whole).encode())
    assert "session carrier not found: export with sensitive data" in binding["session"]["open"]
    assert any(row["what"] == "session" and row["next"] for row in report)


def test_a_recording_without_answers_leaves_the_fields_open():
    whole = json.loads(WHOLE)
    for entry in whole["log"]["entries"]:
        entry["response"]["content"].pop("text")
    binding, report = learn(json.dumps(whole).encode())
    assert "answers" in opened(report)
    with pytest.raises(ConsoleError, match="no answer shows what was saved"):
        require_closed("email_service", binding)


def test_exports_after_each_save_are_one_recording():
    whole = json.loads(WHOLE)["log"]["entries"]
    saves = [number for number, entry in enumerate(whole) if entry["request"]["method"] == "PUT"]
    exports, lost = [], 0
    for end in [*(number + 2 for number in saves), len(whole)]:
        known = copy.deepcopy(whole[:end])
        for entry in known[:lost]:
            entry["response"]["content"]["text"] = ""
        lost = end
        exports.append(json.dumps({"log": {"entries": known}}).encode())
    merged = har.read(*exports)
    assert [(item.method, item.path, item.got) for item in merged.exchanges] == [
        (item.method, item.path, item.got) for item in har.read(WHOLE).exchanges
    ]


def test_pages_without_their_bodies_are_recognised():
    whole = json.loads(WHOLE)
    for entry in whole["log"]["entries"][:-3]:
        entry["response"]["content"].update(text="", mimeType="text/html")
    _binding, report = learn(json.dumps(whole).encode())
    (row,) = [row for row in report if row["what"] == "answers"]
    assert "export after each save" in row["next"]


def test_a_choice_that_two_places_follow_is_left_open():
    whole = json.loads(WHOLE)
    for entry in whole["log"]["entries"]:
        posted = entry["request"].get("postData")
        if posted and "sec" in json.loads(posted["text"]):
            body = json.loads(posted["text"])
            posted["text"] = json.dumps({**body, "label": {"tls": "Yes", "ssl": "More", "none": "No"}[body["sec"]]})
    binding, report = learn(json.dumps(whole).encode())
    assert "email_service.security" in opened(report)
    with pytest.raises(ConsoleError, match="security .several places follow it"):
        require_closed("email_service", binding)


def test_a_test_that_never_went_well_is_left_open():
    whole = json.loads(WHOLE)
    failed = [entry for entry in whole["log"]["entries"] if "PASSED" not in entry["response"]["content"]["text"]]
    binding, report = learn(json.dumps({"log": {"entries": failed}}).encode())
    assert "none that went well was recorded" in binding["operations"]["test_email_service"]["open"]
    (row,) = [row for row in report if row["what"] == "test_email_service"]
    assert "Press Test" in row["next"]


def test_the_test_is_not_taken_for_the_save_where_both_go_to_one_address():
    whole = json.loads(WHOLE)
    for entry in whole["log"]["entries"]:
        posted = entry["request"].get("postData")
        if posted and "/mail" in entry["request"]["url"]:
            tests = entry["request"]["url"].endswith("/test")
            body = json.loads(posted["text"])
            inner = body["candidate"] if tests else body
            posted["text"] = json.dumps({"do_it": "try" if tests else "save", "content": inner})
            entry["request"].update(url=entry["request"]["url"].removesuffix("/test"), method="POST")
    operations = learn(json.dumps(whole).encode())[0]["operations"]
    assert operations["write_email_service"]["fixed"] == {"do_it": "save"}
    assert operations["test_email_service"]["fixed"] == {"do_it": "try"}


def test_an_option_that_the_page_lacks_is_left_out():
    binding, _report = learn(WHOLE, absent=["oauth.scope"])
    assert "oauth.scope" not in binding["services"]["email_service"]["fields"]


def test_an_agent_that_is_not_told_apart_gets_no_base():
    binding, report = learn(WHOLE, record("cloud", first_only=True).har())
    assert "agent_through_cloud" not in binding["bases"]
    assert "targets" in opened(report)


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"log": {"entries": 1}}', b"[" * 100000, b"\xff\xfe"])
def test_what_is_no_recording_is_said(data):
    with pytest.raises(har.NotHar):
        har.read(data)


KNOWN = learn(WHOLE)[0]
ODD = st.one_of(st.none(), st.integers(), st.text(max_size=5), st.lists(st.none(), max_size=2))
MUTATION = st.tuples(
    st.sampled_from(["drop", "double", "swap", "cut", "size", "odd", "encoding", "status"]),
    st.integers(min_value=0, max_value=10_000),
    ODD,
)


def mutated(mutations):
    """Return the recording with its entries dropped, doubled, reordered, cut and spoiled."""
    whole = json.loads(WHOLE)
    entries = whole["log"]["entries"]
    for what, number, odd in mutations:
        if not entries:
            break
        index = number % len(entries)
        entry = entries[index]
        if what == "drop":
            del entries[index]
        elif what == "double":
            entries.insert(index, copy.deepcopy(entry))
        elif what == "swap":
            other = entries[(number // 7) % len(entries)]
            entry["startedDateTime"], other["startedDateTime"] = (
                other.get("startedDateTime"),
                entry.get("startedDateTime"),
            )
        elif what == "odd":
            entry[("request", "response", "startedDateTime")[number % 3]] = odd
        else:
            spoil(entry, what, number)
    return json.dumps(whole).encode()


def spoil(entry, what, number):
    """Cut a body, or change what is said of it."""
    if not isinstance(entry.get("response"), dict) or not isinstance(entry.get("request"), dict):
        return
    content = entry["response"].setdefault("content", {})
    if what == "cut":
        content["text"] = str(content.get("text"))[: number % 40]
    elif what == "size":
        content["size"] = -number
    elif what == "encoding":
        content["encoding"] = "base64"
    elif what == "status":
        entry["response"]["status"] = number % 700


@settings(max_examples=500, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(MUTATION, min_size=1, max_size=12))
@example([("swap", 140, None), ("drop", 365, None), ("double", 0, None), ("drop", 6370, None)])
@example([("swap", 84, None), ("swap", 7434, None)])
def test_a_spoiled_recording_gives_the_right_place_or_none(mutations):
    binding, _report = learn(mutated(mutations))
    for name, operation in binding["operations"].items():
        if "open" not in operation and name in KNOWN["operations"]:
            assert (operation["method"], operation["path"].rpartition("/")[2]) == (
                KNOWN["operations"][name]["method"],
                KNOWN["operations"][name]["path"].rpartition("/")[2],
            )
            assert operation.get("outcome") == KNOWN["operations"][name].get("outcome")
    for service, bound in binding["services"].items():
        for option, field in bound["fields"].items():
            if "open" not in field:
                assert field["at"] == KNOWN["services"][service]["fields"][option]["at"], option
