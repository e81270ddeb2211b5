# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bindings of the tests: the lab's, with what a switch of the lab makes untrue of it said otherwise."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from ansible_collections.cai.console.plugins.module_utils._bindings import BINDINGS

WORDS: Mapping[str, Mapping[str, str | None]] = {
    "upper": {"none": None, "tls": "TLS", "ssl": "SSL"},
    "lower": {"none": None, "tls": "tls", "ssl": "ssl"},
    "none_word": {"none": "NONE", "tls": "TLS", "ssl": "SSL"},
}
"""By position of ``security_words``: the option's word to the console's."""


def lab_binding() -> dict[str, Any]:
    """A copy of the lab's binding, to be changed."""
    return copy.deepcopy(BINDINGS["lab"])


def binding_for(positions: Mapping[str, str]) -> dict[str, Any]:
    """What somebody would write down who had learnt the lab in these positions: its words, and what it keeps."""
    made = lab_binding()
    email = made["services"]["email_service"]
    email["fields"]["security"]["words"] = dict(WORDS[positions["security_words"]])
    email["omitted_secret"] = positions["omitted_secret"]
    return made
