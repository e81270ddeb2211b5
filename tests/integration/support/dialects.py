# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bindings of the embedded console's dialects, written by hand, as a task gets them."""

from __future__ import annotations

import json

from ansible_collections.cai.console.plugins.plugin_utils._binding_files import read_binding

from support.places import HERE

FOLDER = HERE / "bindings"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yml"))


def text_of(name: str) -> str:
    """A dialect's binding as the text that travels."""
    path = FOLDER / f"{name}.yml"
    return json.dumps(read_binding(path.read_bytes(), path.name))
