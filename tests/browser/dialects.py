# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Record every dialect of the embedded console in Chromium, learn it, and drive everything with what was learned: the
ordinary modules (all states for the default dialect, every two positions for the others), ``fleet``, and the console's
test as ``smtp_test`` asks for it.

The last line is the count; the exit code is 0 if everything went well.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "integration")]

from cai_lab.control_client import LabControl  # noqa: E402  (the folders above have to be on the path first)
from page_support import scribe  # noqa: E402
from page_support.browser import chromium  # noqa: E402
from page_support.course import Course  # noqa: E402
from page_support.person import Person  # noqa: E402
from page_support.places import missing  # noqa: E402


def one(dialect: str, course: Course) -> tuple[bool, int, int]:
    """Record, learn and drive a dialect: whether all was learned, wrong fields, secrets in the binding."""
    recorded = course.record(dialect)
    binding, report = course.learn(dialect, recorded)
    still = [row["what"] for row in report if row["verdict"] == "open"]
    wrong = [] if still else course.wrong(dialect, binding, course.request(dialect, recorded))
    found = sum(row["verdict"] == "found" for row in report)
    guessed = [row["what"] for row in report if row["verdict"] == "guessed"]
    parts = {"guessed": guessed, "open": still, "wrong": wrong}
    said = "; ".join(f"{name}: {', '.join(items) or 'nothing'}" for name, items in parts.items())
    print(f"{dialect:<8} {found} found; {said}", flush=True)
    return not still, len(wrong), len(course.leaked(dialect, json.dumps(binding)))


def main() -> int:
    """Do it for all."""
    if reason := missing():
        print(reason, file=sys.stderr)
        return 2
    with (
        tempfile.TemporaryDirectory() as folder,
        LabControl.start(Path(folder) / "lab") as lab,
        chromium(Path(folder) / "profile") as browser,
    ):
        # What is remembered of secrets is this run's own.
        os.environ["CAI_STATE_DIR"] = str(Path(folder) / "memory")
        person = Person(browser, lab)
        person.sign_in()
        course = Course(person, lab, Path(folder))
        results = [one(dialect, course) for dialect in scribe.NAMES]
    good = sum(learned and not wrong for learned, wrong, _leaked in results)
    wrong, leaked = sum(row[1] for row in results), sum(row[2] for row in results)
    print(f"{good} of {len(results)} dialects learned and driven, {wrong} wrong fields, {leaked} secrets in bindings")
    return 0 if good == len(results) and not wrong and not leaked else 1


if __name__ == "__main__":
    sys.exit(main())
