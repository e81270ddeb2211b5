# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prepares once, in the parent, what each forked worker would prepare for itself when it templates its task."""

from __future__ import annotations

import typing as t

from ansible.template import Templar

try:
    from ansible.template import trust_as_template
except ImportError:  # ansible-core before 2.19 has no such trust

    def trust_as_template(value: t.Any) -> t.Any:
        """Return the text as it is."""
        return value


def warm_up() -> None:
    """Template a text with a filter and a test: Ansible then holds Jinja's lexer, and the list of all filters and
    tests, which cost a worker as much as all else that this collection does in it.
    """
    Templar(None, {}).template(trust_as_template("{{ 1 | default(2) is defined }}"))
