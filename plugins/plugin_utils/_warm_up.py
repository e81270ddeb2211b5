# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prepares once, in the parent, what each forked worker would prepare for itself when it templates its task."""

from __future__ import annotations

from ansible import template

# ansible-core before 2.19 trusts every text.
TRUST = getattr(template, "trust_as_template", str)


def warm_up() -> None:
    """Template a text with a filter and a test: Ansible then holds Jinja's lexer, and the list of all filters and
    tests, which cost a worker as much as all else that this collection does in it.
    """
    template.Templar(None, {}).template(TRUST("{{ 1 | default(2) is defined }}"))
