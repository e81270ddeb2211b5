# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Record every dialect of the embedded console in Chromium, learn it, and drive the modules with what was learned.

The last line is the count; the exit code is 0 if everything went well.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from ansible_collections.cai.console.plugins.plugin_utils._learn import sheet  # noqa: E402  (the folder above first)
from cai_lab.control_client import LabControl  # noqa: E402
from page_support import scribe  # noqa: E402
from page_support.browser import chromium  # noqa: E402
from page_support.person import Person  # noqa: E402
from page_support.places import missing  # noqa: E402


def one(dialect: str, person: Person, lab: LabControl) -> tuple[bool, int, int]:
    """Record, learn and drive a dialect: whether all was learned, wrong fields, secrets in the binding."""
    first = scribe.Scribe(person, dialect).record(scribe.CLOUD).har()
    second = scribe.Scribe(person, dialect).record(scribe.AGENT, whole=False).har()
    binding, report = scribe.learned(first, second, person.id_of(scribe.AGENT))
    still = [row["what"] for row in report if row["verdict"] == "open"]
    secrets = {mark for mark in sheet.markers(scribe.SEED) if not mark.isdecimal()}
    secrets |= {str(cookie["value"]) for cookie in person.browser.get_cookies()}
    leaked = sum(secret in json.dumps(binding) for secret in secrets)
    targets = () if still else ("Cloud Server", scribe.AGENT)
    wrong = [field for target in targets for field in scribe.wrong_fields(lab, binding, target)]
    found = sum(row["verdict"] == "found" for row in report)
    print(f"{dialect:<8} {found} found, open: {', '.join(still) or 'nothing'}; wrong: {', '.join(wrong) or 'nothing'}")
    return not still, len(wrong), leaked


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
        person = Person(browser, lab)
        person.sign_in()
        results = [one(dialect, person, lab) for dialect in scribe.NAMES]
    good = sum(learned and not wrong for learned, wrong, _leaked in results)
    wrong, leaked = sum(row[1] for row in results), sum(row[2] for row in results)
    print(f"{good} of {len(results)} dialects learned and driven, {wrong} wrong fields, {leaked} secrets in bindings")
    return 0 if good == len(results) and not wrong and not leaked else 1


if __name__ == "__main__":
    sys.exit(main())
