# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Execution targets as inventory hosts: their names, groups and variables. Pure; no request, no Ansible.

What is kept of the platform's answers is listed here, so that a password among them can never become a variable.
"""

from __future__ import annotations

import collections
import re
import typing as t
import unicodedata

from ansible_collections.cai.console.plugins.module_utils._targets import Organization, Target

EVERYTHING = "cai_execution_targets"


class Row(t.NamedTuple):
    """One host: its name, its groups and its variables. All of it is plain text, numbers and booleans."""

    name: str
    groups: tuple[str, ...]
    variables: dict[str, t.Any]


def make_rows(
    organization: Organization, targets: t.Iterable[Target], *, qualified: bool, guard: str | None
) -> list[Row]:
    """Return a row for each execution target. An agent without a process engine is none, nor is a group's member.

    ``qualified``: whether names end with the organisation's id. ``guard``: the id by which a sign-in tells whose
    session it is, or None where that is not known.
    """
    usable = [target for target in targets if target.is_target()]
    slugs = [slug(target.name) or slug(target.id) for target in usable]
    often = collections.Counter(name.casefold() for name in slugs)
    ending = f".{slug(organization.id)}" if qualified else ""
    rows = []
    for target, name in zip(usable, slugs, strict=True):
        # Each of several that would have one name gets its id, so that no name depends on the order of the list.
        alone = name if often[name.casefold()] == 1 else f"{name}-{slug(target.id)}"
        variables = _variables(organization, target, guard)
        rows.append(Row(f"{alone}{ending}", _groups(variables), variables))
    return rows


def slug(text: str) -> str:
    """Return a text as a valid host name: letters without accents, digits, dot, hyphen and underscore."""
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", plain).strip("-.")


def _variables(organization: Organization, target: Target, guard: str | None) -> dict[str, t.Any]:
    found = {
        "ansible_connection": "local",
        "cai_target_id": target.id,
        "cai_target_name": target.name,
        "cai_target_kind": target.kind,
        "cai_target_state": _state(target),
        "cai_target_running": target.is_running(),
        "cai_target_version": target.version,
        "cai_target_platform": target.platform,
        "cai_target_host": target.host,
        "cai_target_writable": not target.owner,
        "cai_target_owner": target.owner,
        "cai_target_organization": organization.id,
        "cai_target_organization_name": organization.name,
    }
    return {**found, "cai_console_organization_id": guard} if guard else found


def _state(target: Target) -> str:
    word = str(target.status)
    return "inactive" if word == "RUNNING" and not target.is_running() else word.lower()


def _groups(variables: t.Mapping[str, t.Any]) -> tuple[str, ...]:
    named = ("kind", "state", "version", "platform", "organization")
    values = {name: variables[f"cai_target_{name}"] for name in named}
    access = "cai_writable" if variables["cai_target_writable"] else "cai_read_only"
    return (EVERYTHING, access, *(_group(name, str(value)) for name, value in values.items() if value))


def _group(kind: str, value: str) -> str:
    return re.sub(r"\W+", "_", f"cai_{kind}_{slug(value)}".lower())
