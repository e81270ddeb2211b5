# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Suites about the collection as a house: molecule's scenarios, the import into a Galaxy server, the documentation."""

from __future__ import annotations

import re
import shutil

from .environments import prepare
from .places import BUILD, ROOT, environment, venv_bin
from .programs import Ended, run
from .pytest_suite import run_pytest
from .results import Case, SuiteResult
from .sanity import COLLECTION, copy_collection

IMPORTER = BUILD / "importer"
CONFIGURATION = "[galaxy-importer]\nCHECK_REQUIRED_TAGS = True\nLOG_LEVEL_MAIN = INFO\n"
FINDING = re.compile(r"^\s*(?:ERROR|WARNING|CRITICAL|\w+\[[\w-]+\]).*|^.*\b(?:WARNING|ERROR)\b.*$", re.M)


def run_molecule(workers: int) -> SuiteResult:
    """Run every scenario, and the page about them."""
    prepare("molecule")
    return run_pytest("molecule", "tests/molecule", workers=workers, purpose="molecule")


def run_docs() -> SuiteResult:
    """Build the site; a warning is a failure. Then the tests of the pages."""
    prepare("docs")
    ended = run("docs-site", [venv_bin("docs") / "python", ROOT / "tools" / "docs_site.py"], environment())
    result = run_pytest("docs", "tests/docs", purpose="docs")
    result.cases.insert(0, _case("the site is built without a warning", ended))
    return result


def run_importer() -> SuiteResult:
    """Build the collection's file and import it, as Galaxy and Automation Hub do; nothing may be left open."""
    prepare("importer")
    result = SuiteResult("galaxy-importer")
    shutil.rmtree(IMPORTER, ignore_errors=True)
    copy_collection(ROOT, IMPORTER / COLLECTION)
    (IMPORTER / "importer.cfg").write_text(CONFIGURATION, encoding="utf-8")
    env = environment(venv_bin("importer"), GALAXY_IMPORTER_CONFIG=str(IMPORTER / "importer.cfg"))
    build = [venv_bin("importer") / "ansible-galaxy", "collection", "build", "--output-path", IMPORTER]
    built = run("importer-build", build, env, cwd=IMPORTER / COLLECTION)
    result.cases.append(_case("build", built))
    files = sorted(IMPORTER.glob("*.tar.gz"))
    if len(files) != 1:
        return result
    command = [venv_bin("importer") / "python", "-m", "galaxy_importer.main", files[0]]
    imported = run("galaxy-importer", command, env, cwd=IMPORTER)
    result.cases.append(_case("import", imported, "Importer processing completed successfully"))
    findings = FINDING.findall(imported.output)
    result.cases.append(Case("nothing is open", "failed" if findings else "passed", "\n".join(findings)))
    return result


def _case(name: str, ended: Ended, said: str = "") -> Case:
    passed = ended.code == 0 and said in ended.output
    return Case(name, "passed" if passed else "failed", "" if passed else ended.tail())
