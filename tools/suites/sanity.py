# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ansible-test sanity on a copy of the collection; each of its tests, on each Python, is one test here."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

from .interpreters import link_interpreters
from .places import BUILD, HOME, ROOT, environment, venv_bin
from .programs import Ended, run
from .results import SuiteResult, add_junit, explain

COLLECTION = Path("ansible_collections", "cai", "console")
NOT_APPLICABLE = "No tests applicable."
ASK_VERSIONS = (
    "import json; from ansible_test._util.target.common.constants import *;"
    " print(json.dumps([*REMOTE_ONLY_PYTHON_VERSIONS, *CONTROLLER_PYTHON_VERSIONS]))"
)
ONE_AT_A_TIME = threading.Lock()  # the environments that ansible-test makes lie in one home, whatever its version
# Not in the file that Galaxy gets; ruff reads them all.
LEFT_OUT = ("lab/", "tests/", "tools/", ".github/")

# ansible-test fetches this script from a server of its own; this one does the same with pip's wheel from the index.
GET_PIP = """\
import sys
sys.path.insert(0, {wheel!r})
from pip._internal.cli.main import main
arguments = [word for word in sys.argv[1:] if word not in ("--no-setuptools", "--no-wheel")]
sys.exit(main(["install", "--upgrade", "--force-reinstall"] + arguments))
"""


def run_sanity(suite: str = "sanity", purpose: str = "test", only: str | None = None) -> SuiteResult:
    """Run all sanity tests with the ansible-core of an environment, for every Python or for ``only`` one (``3.12``)."""
    result = SuiteResult(suite)
    python, copy = venv_bin(purpose) / "python", BUILD / suite / COLLECTION
    asked = subprocess.run([python, "-c", ASK_VERSIONS], check=True, capture_output=True, text=True)
    versions = json.loads(asked.stdout)
    found = link_interpreters(versions, BUILD / "python" / suite)
    missing = [version for version in versions if version not in found]
    if missing:
        result.notes.append(f"interpreters that this machine lacks: Python {', '.join(missing)}")
    ignores = list((ROOT / "tests" / "sanity").glob("ignore*.txt"))
    if ignores:
        result.problem(f"sanity findings are mended, not ignored: {', '.join(path.name for path in ignores)}")
    copy_collection(ROOT, copy)
    with ONE_AT_A_TIME:
        seeded = seed_get_pip(purpose)
        if seeded.code != 0:
            result.problem(f"pip for ansible-test could not be downloaded:\n{seeded.tail()}")
            return result
        ended = _ansible_test(suite, purpose, copy, *(["--python", only] if only else []))
    reports = sorted((copy / "tests" / "output" / "junit").glob("*.xml"))
    add_junit(result, reports, "ansible-test", ended.code)
    result.cases = [case for case in result.cases if case.detail != NOT_APPLICABLE]
    explain(result, ended)
    return result


def _ansible_test(suite: str, purpose: str, copy: Path, *options: str) -> Ended:
    command = [venv_bin(purpose) / "ansible-test", "sanity", "--local", "--junit", "--color", "no", *options]
    path = (venv_bin(purpose), BUILD / "python" / suite, BUILD / "sanity-bin")
    _link_shellcheck(path[-1])
    return run(suite, command, environment(*path, LC_ALL="C.UTF-8"), cwd=copy)


def _link_shellcheck(folder: Path) -> None:
    """Without the program that one test warns and passes; the lint environment has it."""
    program = venv_bin("lint") / "shellcheck"
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / "shellcheck"
    link.unlink(missing_ok=True)
    if program.exists():
        link.symlink_to(program)


def copy_collection(root: Path, copy: Path) -> None:
    """Copy what git knows or would add; ansible-test refuses a checkout with another path, a link included."""
    listing = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, check=True, capture_output=True).stdout.decode().split("\0")
    shutil.rmtree(copy, ignore_errors=True)
    for name in filter(None, names):
        source = root / name
        if source.is_file() and not name.startswith(LEFT_OUT):
            target = copy / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    # A repository of its own: ansible-test asks git for the files, and git ignores this one's build folder.
    subprocess.run(["git", "init", "--quiet", str(copy)], check=True, capture_output=True)


def seed_get_pip(purpose: str) -> Ended:
    """Put pip of the version that this ansible-test wants where it looks for it, in our own home."""
    source = next(venv_bin(purpose).parent.glob("lib/*/site-packages/ansible_test/_internal/python_requirements.py"))
    version = re.findall(r"default_packages = dict\(\s*pip='([^']+)'", source.read_text(encoding="utf-8"))[0]
    cache = HOME / ".ansible" / "test" / "cache"
    wheel = cache / f"pip-{version}-py3-none-any.whl"
    script = cache / f"get_pip_{version.replace('.', '_')}.py"
    if wheel.is_file() and script.is_file():
        return Ended(0, "")
    cache.mkdir(parents=True, exist_ok=True)
    options = ["--no-deps", "--only-binary", ":all:", "-d", str(cache)]
    ended = run("get-pip", [sys.executable, "-m", "pip", "download", *options, f"pip=={version}"], environment())
    if ended.code == 0:
        script.write_text(GET_PIP.format(wheel=str(wheel)), encoding="utf-8")
    return ended
