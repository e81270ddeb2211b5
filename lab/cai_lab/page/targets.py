# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The drop-down of execution targets."""

from __future__ import annotations

from itertools import groupby

from markupsafe import Markup, escape

from cai_lab.fleet import CLOUD, Fleet, Organisation, Target

LABELS = {"cloud": "Cloud", "group": "Agent groups", "agent": "Secure Agents"}


class Targets:
    """The targets of organisations, as options of a drop-down. Building a thousand takes a while: they are kept."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._built: dict[tuple[str, int], str] = {}

    def find(self, org: Organisation, identifier: str) -> Target | None:
        """The target of an id, if the organisation sees it."""
        return self._fleet.cloud(org) if identifier == CLOUD else self._fleet.find(org, identifier)

    def options(self, org: Organisation, chosen: str) -> Markup:
        """The options, one of them chosen by its target's id."""
        key = (org.id, len(self._fleet.agents))
        if key not in self._built:
            self._built[key] = _options(self._fleet.targets(org), org)
        marked = f'value="{escape(chosen)}"'
        return Markup(self._built[key].replace(marked, f"{marked} selected", 1))


def _options(targets: list[Target], org: Organisation) -> str:
    order = list(LABELS)
    parts = []
    for kind, group in groupby(sorted(targets, key=lambda target: order.index(target.kind)), lambda item: item.kind):
        inner = Markup("").join(_option(target, org) for target in group)
        parts.append(Markup('<optgroup label="{}">{}</optgroup>').format(LABELS[kind], inner))
    return str(Markup("").join(parts))


def _option(target: Target, org: Organisation) -> Markup:
    remarks = []
    if target.engine != "RUNNING":
        remarks.append("stopped")
    if target.org is not org:
        remarks.append(f"shared by {target.org.name}")
    name = f"{target.name} ({', '.join(remarks)})" if remarks else target.name
    return Markup('<option value="{}">{}</option>').format(target.id, name)
