#!/usr/bin/env python3
# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make or keep the Python environments that the chores run in: build/venv/demo, build/venv/test, build/venv/lint ...

    bootstrap.py PURPOSE...

Each purpose has a file of requirements, requirements/PURPOSE.txt, and an oldest Python that will do.

An environment is used again while the requirement files, lab/pyproject.toml and the Python stay the same; then this
prints nothing. It is made aside and swapped in when it is complete, so one that was cut short is never used. The
collection is linked to where Ansible looks for it (build/collections). Exit code 2: this Python is unfit;
1: the packages could not be installed.

Only here the syntax is that of Python 3.6, so that an old Python gets a sentence and not a syntax error.
"""

import os
import sys
from typing import Dict, List, Optional, Tuple

MINIMUM = (3, 11)
PURPOSES = {
    "demo": MINIMUM,
    "test": MINIMUM,
    "lint": MINIMUM,
    "molecule": MINIMUM,
    "docs": MINIMUM,
    "importer": MINIMUM,
    "oldest": MINIMUM,
    "newest": (3, 12),
    "py38": (3, 8),
    "browser": MINIMUM,
    "awx": MINIMUM,
}
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, "build")
MARKER = "complete"


class UnfitError(Exception):
    """Nothing to go on with; the text is the one sentence for the user."""

    def __init__(self, sentence: str, code: int) -> None:
        super().__init__(sentence)
        self.code = code


def require_python(version: Tuple[int, ...], name: str, minimum: Tuple[int, int] = MINIMUM) -> None:
    """Refuse a Python that is too old."""
    if version[:2] < minimum:
        raise UnfitError(
            "This needs Python %d.%d or newer, and %s is Python %s: name another, as in 'make demo PYTHON=python3.12'."
            % (minimum[0], minimum[1], name, ".".join(str(part) for part in version[:3])),
            2,
        )


def requirement_files(path: str) -> List[str]:
    """Return the file and those that it includes by -r."""
    found = [path]
    with open(path, encoding="utf-8") as stream:
        for line in stream:
            if line.startswith("-r "):
                found += requirement_files(os.path.normpath(os.path.join(os.path.dirname(path), line[3:].strip())))
    return found


def fingerprint(purpose: str) -> str:
    """Return what an environment depends on, as a hash: the Python, the place, the wanted packages."""
    import hashlib

    digest = hashlib.sha256(repr((sys.version, os.path.realpath(sys.executable), ROOT)).encode())
    for path in requirement_files(requirements(purpose)) + [os.path.join(ROOT, "lab", "pyproject.toml")]:
        if os.path.exists(path):
            with open(path, "rb") as stream:
                digest.update(stream.read())
    return digest.hexdigest()[:16]


def requirements(purpose: str) -> str:
    return os.path.join(ROOT, "requirements", purpose + ".txt")


def is_complete(folder: str) -> bool:
    return os.path.exists(os.path.join(folder, MARKER)) and os.path.exists(os.path.join(folder, "bin", "python"))


def ensure(purpose: str) -> None:
    """Leave build/venv/PURPOSE as a link to a complete environment for what is wanted now."""
    link = os.path.join(BUILD, "venv", purpose)
    name = purpose + "-" + fingerprint(purpose)
    folder = os.path.join(BUILD, "venv", ".made", name)
    target = os.path.join(".made", name)
    if is_complete(folder) and os.path.islink(link) and os.readlink(link) == target:
        return
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    with open(os.path.join(BUILD, "venv", ".made", purpose + ".lock"), "w") as lock:
        import fcntl

        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_complete(folder):
            make(purpose, folder)
        swap(link, target)
        remove_others(purpose, keep=name)


def make(purpose: str, folder: str) -> None:
    """Make an environment in a folder of its own; the marker is the last thing written."""
    import shutil

    print("Preparing the Python packages for '%s', once ..." % purpose, file=sys.stderr, flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    log = os.path.join(BUILD, "log", "bootstrap-%s.log" % purpose)
    os.makedirs(os.path.dirname(log), exist_ok=True)
    where = os.path.relpath(log, ROOT)
    with open(log, "w", encoding="utf-8"):
        pass
    if not run([sys.executable, "-m", "venv", folder], log):
        shutil.rmtree(folder, ignore_errors=True)
        remedy = "on Debian: apt install python3-venv"
        raise UnfitError("%s cannot make a virtual environment (%s); see %s." % (sys.executable, remedy, where), 2)
    pip = [os.path.join(folder, "bin", "python"), "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    if not run(pip + ["--retries", "2", "-r", requirements(purpose)], log):
        shutil.rmtree(folder, ignore_errors=True)
        why = last_error(log)
        raise UnfitError("The Python packages for '%s' could not be installed: %s (see %s)." % (purpose, why, where), 1)
    with open(os.path.join(folder, MARKER), "w", encoding="utf-8") as stream:
        stream.write(purpose + "\n")


def run(command: List[str], log: str) -> bool:
    """Run a command with its output in the log; say whether it succeeded."""
    import subprocess

    env = clean_environment()
    with open(log, "a", encoding="utf-8") as out:
        return subprocess.call(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env, cwd=ROOT) == 0


def clean_environment() -> Dict[str, str]:
    """The environment without what bends a Python: compiled files are wanted, foreign module paths are not."""
    unwanted = {"PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_USER"}
    return {name: value for name, value in os.environ.items() if name not in unwanted}


def last_error(log: str) -> str:
    """Return pip's own last word, and when it never reached an index, that."""
    with open(log, encoding="utf-8", errors="replace") as stream:
        lines = [line.strip() for line in stream]
    if any("connection broken by" in line for line in lines):
        return "the package index could not be reached"
    errors = [line[len("ERROR: ") :].rstrip(".") for line in lines if line.startswith("ERROR: ")]
    return errors[-1] if errors else "pip failed"


def swap(link: str, target: str) -> None:
    """Point a link somewhere else, in one step."""
    if os.path.isdir(link) and not os.path.islink(link):
        import shutil

        shutil.rmtree(link)
    draft = link + ".new"
    if os.path.lexists(draft):
        os.unlink(draft)
    os.symlink(target, draft)
    os.replace(draft, link)


def remove_others(purpose: str, keep: str) -> None:
    """Remove environments of this purpose that are no longer wanted."""
    import shutil

    made = os.path.join(BUILD, "venv", ".made")
    for name in os.listdir(made):
        if name.startswith(purpose + "-") and name != keep:
            shutil.rmtree(os.path.join(made, name), ignore_errors=True)


def link_collection() -> None:
    """Let Ansible find this checkout as cai.console below build/collections."""
    link = os.path.join(BUILD, "collections", "ansible_collections", "cai", "console")
    if os.path.islink(link) and os.path.realpath(link) == os.path.realpath(ROOT):
        return
    os.makedirs(os.path.dirname(link), exist_ok=True)
    swap(link, os.path.relpath(ROOT, os.path.dirname(link)))


def main(arguments: List[str]) -> int:
    purposes = arguments or ["demo"]
    unknown = [purpose for purpose in purposes if purpose not in PURPOSES]
    failure: Optional[UnfitError] = None
    try:
        if unknown:
            raise UnfitError("Unknown purpose %s: one of %s." % (", ".join(unknown), ", ".join(PURPOSES)), 2)
        require_python(tuple(sys.version_info[:3]), sys.executable, max(PURPOSES[purpose] for purpose in purposes))
        link_collection()
        for purpose in purposes:
            ensure(purpose)
    except UnfitError as error:
        failure = error
    except OSError as error:
        failure = UnfitError("The environment could not be made: %s." % error, 1)
    if failure is None:
        return 0
    print(failure, file=sys.stderr)
    return failure.code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
