# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where each value stands: in the document of a group, in a variable of a group, or with the host.

A value is lifted into a group only if each of the group's hosts has it. So it does not matter which of a host's groups
Ansible lets win, and a host that could not be read gets nothing by mistake.
"""

from __future__ import annotations

import collections
import typing as t

from ansible_collections.cai.console.plugins.module_utils._plan import nest
from ansible_collections.cai.console.plugins.plugin_utils._export._values import SecretName, Template, Wishes, looked_up

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Variables = dict[str, t.Any]
ABSENT = object()


class Lifted(t.NamedTuple):
    """The variables of groups and hosts, by name; only those that have any."""

    groups: dict[str, Variables]
    hosts: dict[str, Variables]


class Lift:
    """``wishes`` by host, ``document``: the variable that holds them, ``lookup``: the plugin that gives secrets."""

    def __init__(self, wishes: Mapping[str, Wishes], document: str, lookup: str) -> None:
        self._wishes = wishes
        self._document = document
        self._lookup = lookup

    def place(self, groups: Mapping[str, Sequence[str]]) -> Lifted:
        """Return where everything stands. ``groups`` are the inventory's."""
        whole = self._whole_groups(groups)
        placed = Lifted(collections.defaultdict(dict), collections.defaultdict(dict))
        needed: dict[str, set[str]] = collections.defaultdict(set)
        uncovered = set(self._wishes)
        for group, members in whole.items():
            if uncovered.isdisjoint(members):
                continue
            uncovered.difference_update(members)
            placed.groups[group][self._document], varying = self._shared(members)
            for path in varying:
                needed[path].update(host for host in members if path in self._wishes[host])
        for host in sorted(uncovered):
            placed.hosts[host][self._document] = self._shared([host])[0]
        for path, hosts in needed.items():
            self._place_one(path, hosts, whole, placed)
        return Lifted(dict(placed.groups), dict(placed.hosts))

    def _whole_groups(self, groups: Mapping[str, Sequence[str]]) -> dict[str, frozenset[str]]:
        """Return the groups of two and more hosts that all have wishes, the largest first."""
        found = {name: frozenset(members) for name, members in groups.items() if "/" not in name}
        usable = [name for name, members in found.items() if len(members) > 1 and members <= self._wishes.keys()]
        return {name: found[name] for name in sorted(usable, key=lambda name: (-len(found[name]), name != "all", name))}

    def _shared(self, members: Iterable[str]) -> tuple[Variables, list[str]]:
        """Return the document for some hosts, and the paths at which they differ, which are variables in it."""
        hosts = sorted(members)
        flat: Variables = {}
        varying = []
        for path in dict.fromkeys(path for host in hosts for path in self._wishes[host]):
            value, is_same = self._common(path, hosts)
            if not is_same:
                varying.append(path)
                value = self._reference(path, hosts)
            elif isinstance(value, SecretName):
                value = Template(f"{{{{ {looked_up(self._lookup, repr(str(value)))} }}}}")
            flat[path] = value
        return nest(flat), varying

    def _common(self, path: str, hosts: Iterable[str]) -> tuple[t.Any, bool]:
        """Return a value of this path, and whether all hosts have that one."""
        values = [self._wishes[host].get(path, ABSENT) for host in hosts]
        return values[0], all(value == values[0] and type(value) is type(values[0]) for value in values)

    def _reference(self, path: str, hosts: Iterable[str]) -> Template:
        """Return the template for a value that not all have. A secret that cannot be looked up stays an error."""
        name = self._variable(path, hosts)
        if self._is_secret(path, hosts):
            return Template(f"{{{{ {looked_up(self._lookup, name)} if {name} is defined else omit }}}}")
        return Template(f"{{{{ {name} | default(omit) }}}}")

    def _variable(self, path: str, hosts: Iterable[str]) -> str:
        name = f"{self._document}_{path.replace('.', '_')}"
        return f"{name}_name" if self._is_secret(path, hosts) else name

    def _is_secret(self, path: str, hosts: Iterable[str]) -> bool:
        return any(isinstance(self._wishes[host].get(path), SecretName) for host in hosts)

    def _place_one(self, path: str, hosts: set[str], whole: Mapping[str, frozenset[str]], placed: Lifted) -> None:
        """Put one value that varies into the groups that have it in common, and what is left to the hosts."""
        name = self._variable(path, hosts)
        left = set(hosts)
        for group, members in whole.items():
            if members <= hosts and not left.isdisjoint(members):
                value, is_same = self._common(path, members)
                if is_same:
                    placed.groups[group][name] = value
                    left -= members
        for host in sorted(left):
            placed.hosts[host][name] = self._wishes[host][path]
