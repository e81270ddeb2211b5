# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the documentation site in build/docs/html: pages of the modules by antsibull-docs, the guides, then Sphinx.

A warning is a failure. Exit code: 0 when the site is whole.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "docs"
GUIDES = ROOT / "docs" / "docsite" / "rst"
SETTINGS = ROOT / "tools" / "docs"
PROGRAMS = Path(sys.executable).parent


def run(*command: object) -> int:
    """Run a program of this environment with nothing of the caller's own Ansible."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    path = os.pathsep.join([str(PROGRAMS), os.environ.get("PATH", os.defpath)])
    env = {**kept, "PATH": path, "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "build" / "collections"), "LC_ALL": "C.UTF-8"}
    return subprocess.run([str(part) for part in command], env=env, cwd=ROOT, check=False).returncode


def main() -> int:
    """Build the site; the exit code of the first step that fails."""
    shutil.rmtree(BUILD, ignore_errors=True)
    source, site = BUILD / "rst", BUILD / "html"
    source.mkdir(parents=True)
    how = ["collection", "--use-current", "--squash-hierarchy", "--fail-on-error", "--dest-dir", source, "cai.console"]
    code = run(PROGRAMS / "antsibull-docs", *how)
    if code == 0:
        for picture in (*GUIDES.glob("*.svg"), *GUIDES.glob("*.png")):
            shutil.copy2(picture, source / "docsite")
        how = ["-b", "html", "-c", SETTINGS, "-d", BUILD / "doctrees", "-W", "--keep-going", "-q", source, site]
        code = run(PROGRAMS / "python", "-m", "sphinx", *how)
    if code == 0:
        print(f"The site is in {site.relative_to(ROOT)}; begin with index.html.")
    return code


if __name__ == "__main__":
    sys.exit(main())
