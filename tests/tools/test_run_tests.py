# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""tools/run_tests.py: the totals are honest. Each case runs the real thing on a small suite of its own."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from suites.matrix import merge
from suites.results import Case, SuiteResult, add_junit, require_tests
from suites.skips import Skip, read_skips, refuse_unlisted

from .conftest import ROOT, Run

PASSES = "def test_one():\n    assert True\n\n\ndef test_two():\n    assert True\n"
FAILS = "def test_bad():\n    assert 1 == 2\n"
SKIPS = "import pytest\n\n\ndef test_skips():\n    pytest.skip('no such thing here')\n"
LISTED = '- suite: unit\n  test: "*::test_skips"\n  reason: a reason\n'


@pytest.fixture
def unit(checkout: Path) -> Path:
    folder = checkout / "tests" / "unit"
    folder.mkdir()
    return folder


def last_line(output: str) -> str:
    return output.splitlines()[-1]


def test_totals_over_several_suites(run_tool: Run, checkout: Path, unit: Path) -> None:
    (unit / "test_a.py").write_text(PASSES, encoding="utf-8")
    (checkout / "lab" / "tests").mkdir(parents=True)
    (checkout / "lab" / "tests" / "test_b.py").write_text(PASSES + FAILS, encoding="utf-8")

    ended = run_tool("run_tests.py", "--suite", "unit", "--suite", "lab")

    assert ended.returncode == 1
    assert last_line(ended.stdout) == "4 passed, 1 failed, 0 skipped"
    assert "assert 1 == 2" in ended.stdout
    lines = [" ".join(line.split("  (")[0].split()) for line in ended.stdout.splitlines() if line.endswith(" s)")]
    assert sorted(lines) == ["lab 2 passed, 1 failed, 0 skipped", "unit 2 passed, 0 failed, 0 skipped"]


def test_all_passed(run_tool: Run, unit: Path) -> None:
    (unit / "test_a.py").write_text(PASSES, encoding="utf-8")
    ended = run_tool("run_tests.py", "--suite", "unit")
    assert (ended.returncode, last_line(ended.stdout)) == (0, "2 passed, 0 failed, 0 skipped")


def test_totals_are_carried_from_run_to_run(run_tool: Run, checkout: Path, unit: Path) -> None:
    (unit / "test_a.py").write_text(PASSES + FAILS, encoding="utf-8")
    carried = ("--carry", str(checkout / "build" / "totals.json"))
    first = run_tool("run_tests.py", "--suite", "unit", *carried)
    (unit / "test_a.py").write_text(PASSES, encoding="utf-8")
    second = run_tool("run_tests.py", "--suite", "unit", *carried)
    assert (first.returncode, last_line(first.stdout)) == (1, "2 passed, 1 failed, 0 skipped")
    assert (second.returncode, last_line(second.stdout)) == (0, "4 passed, 1 failed, 0 skipped")


def test_what_a_machine_lacks_is_a_skip_that_has_to_be_listed() -> None:
    listed, unlisted = SuiteResult("newest"), SuiteResult("newest")
    for result in (listed, unlisted):
        result.lack("Python 3.99")
    refuse_unlisted(listed, [Skip("newest", "(newest)", "a reason")])
    refuse_unlisted(unlisted, [])
    for result in (listed, unlisted):
        require_tests(result)
    assert (listed.count("failed"), listed.count("skipped")) == (0, 1)
    assert (unlisted.count("failed"), unlisted.count("skipped")) == (1, 0)
    assert "Python 3.99" in unlisted.cases[0].detail


def test_a_part_without_tests_fails_the_whole() -> None:
    good, empty = SuiteResult("unit"), SuiteResult("integration")
    good.cases.append(Case("one", "passed"))
    whole = merge(SuiteResult("oldest"), [("unit", good), ("integration", empty)])
    assert [(case.name, case.outcome) for case in whole.cases] == [
        ("unit: one", "passed"),
        ("integration: (integration)", "failed"),
    ]


def test_a_suite_without_tests_fails(run_tool: Run, unit: Path) -> None:
    (unit / "test_a.py").write_text("", encoding="utf-8")
    ended = run_tool("run_tests.py", "--suite", "unit")
    assert ended.returncode == 1
    assert last_line(ended.stdout).startswith("0 passed, ")
    assert "no test ran" in ended.stdout


def test_a_suite_whose_folder_is_missing_fails(run_tool: Run) -> None:
    ended = run_tool("run_tests.py", "--suite", "integration")
    assert ended.returncode == 1
    assert last_line(ended.stdout).startswith("0 passed, ")


def test_a_skip_has_to_be_listed(run_tool: Run, checkout: Path, unit: Path) -> None:
    (unit / "test_a.py").write_text(PASSES + SKIPS, encoding="utf-8")

    unlisted = run_tool("run_tests.py", "--suite", "unit")
    assert (unlisted.returncode, last_line(unlisted.stdout)) == (1, "2 passed, 1 failed, 0 skipped")
    assert "no such thing here" in unlisted.stdout

    (checkout / "tests" / "skips.yml").write_text(LISTED, encoding="utf-8")
    listed = run_tool("run_tests.py", "--suite", "unit")
    assert (listed.returncode, last_line(listed.stdout)) == (0, "2 passed, 0 failed, 1 skipped")


def test_an_entry_is_for_its_suite_only() -> None:
    entry = Skip("unit", "*::test_skips", "a reason")
    case = Case("tests.unit.test_a::test_skips", "skipped")
    assert entry.covers("unit", case)
    assert not entry.covers("lab", case)
    assert not entry.covers("unit", Case("tests.unit.test_a::test_skips_more", "skipped"))


def test_a_list_without_reasons_is_refused(run_tool: Run, checkout: Path) -> None:
    (checkout / "tests" / "skips.yml").write_text('- suite: unit\n  test: "*"\n', encoding="utf-8")
    ended = run_tool("run_tests.py", "--suite", "unit")
    assert (ended.returncode, last_line(ended.stdout)) == (1, "0 passed, 1 failed, 0 skipped")


def test_only_skips_prove_nothing(run_tool: Run, checkout: Path, unit: Path) -> None:
    (unit / "test_a.py").write_text(SKIPS, encoding="utf-8")
    (checkout / "tests" / "skips.yml").write_text(LISTED, encoding="utf-8")
    ended = run_tool("run_tests.py", "--suite", "unit")
    assert (ended.returncode, last_line(ended.stdout)) == (1, "0 passed, 1 failed, 1 skipped")


@pytest.mark.parametrize("fate", ["import os\nos._exit(0)\n", "import sys\nsys.exit(3)\n", "def broken(:\n"])
def test_a_run_that_broke_off_fails(run_tool: Run, unit: Path, fate: str) -> None:
    (unit / "test_a.py").write_text(PASSES, encoding="utf-8")
    (unit / "test_b.py").write_text(fate, encoding="utf-8")
    ended = run_tool("run_tests.py", "--suite", "unit")
    assert ended.returncode == 1
    assert not last_line(ended.stdout).endswith(" 0 failed, 0 skipped")


@pytest.mark.parametrize(("content", "code"), [("<testsuites><testcase", 0), (None, 0), ("<testsuites/>", 3)])
def test_a_result_that_cannot_be_read_or_explained_fails(tmp_path: Path, content: str | None, code: int) -> None:
    report = tmp_path / "report.xml"
    if content is not None:
        report.write_text(content, encoding="utf-8")
    result = SuiteResult("unit")
    add_junit(result, [report], "pytest", code)
    assert result.count("failed") >= 1


def test_failures_and_errors_are_read(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(
        "<testsuites><testsuite><testcase classname='a' name='b'><failure message='m'>text</failure></testcase>"
        "<testcase name='c'><error message='m'/></testcase><testcase name='d'/></testsuite></testsuites>",
        encoding="utf-8",
    )
    result = SuiteResult("unit")
    add_junit(result, [report], "pytest", 1)
    assert [(case.name, case.outcome, case.detail) for case in result.cases] == [
        ("a::b", "failed", "text"),
        ("c", "failed", "m"),
        ("d", "passed", ""),
    ]


def test_the_list_of_this_repository_can_be_read() -> None:
    assert all(entry.reason for entry in read_skips(ROOT / "tests" / "skips.yml"))


def test_help_is_the_default_of_make_and_names_every_target(tmp_path: Path) -> None:
    shutil.copy2(ROOT / "Makefile", tmp_path)
    ended = subprocess.run(["make"], cwd=tmp_path, capture_output=True, text=True, check=True)
    targets = [line.split()[1] for line in ended.stdout.splitlines()]
    assert targets == [
        "help",
        "demo",
        "demo-oauth",
        "demo-fleet",
        "lab",
        "test",
        "test-all",
        "smtp-scenarios",
        "real-parts",
        "dialects",
        "lint",
        "docs",
        "bench",
        "clean",
    ]
