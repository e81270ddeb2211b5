# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of variables: their text, and how they are written, all of them or none."""

from __future__ import annotations

import dataclasses
import os
import typing as t

import yaml
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.plugin_utils._export._values import Template

if t.TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HEADER = (
    "# Written by cai.console.fleet_export: the services as the console had them. Secrets are looked up by name.\n---\n"
)
OTHER_FORMS = ("", ".yaml", ".json")
"""Ansible reads only one of these and of NAME.yml, without a word about the others."""
NAMED = 5


class _Unsafe(str):
    """A text of the console that Ansible would take for a template."""


class _Dumper(yaml.SafeDumper):
    """Knows the two kinds of texts."""

    def ignore_aliases(self, data: t.Any) -> bool:
        """Write equal values out; an anchor is hard to edit."""
        return True


_Dumper.add_representer(Template, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, '"'))
_Dumper.add_representer(_Unsafe, lambda dumper, text: dumper.represent_scalar("!unsafe", text, '"'))


@dataclasses.dataclass(frozen=True)
class File:
    """A file as it is to be; ``before`` is its text now, or None where there is none."""

    path: str
    text: str
    before: str | None

    @property
    def is_changed(self) -> bool:
        """Whether it has to be written."""
        return self.text != self.before

    def write(self) -> None:
        """Write it whole, with the mode that the user's umask gives; it holds no secret."""
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        aside = f"{self.path}.{os.getpid()}"
        with open(aside, "w", encoding="utf-8") as stream:
            stream.write(self.text)
        os.replace(aside, self.path)

    def diff(self) -> dict[str, str]:
        """Return Ansible's diff of it."""
        return {"before": self.before or "", "after": self.text, "before_header": self.path, "after_header": self.path}


def plan_files(dest: str, kind: str, variables: Mapping[str, Mapping[str, t.Any]]) -> list[File]:
    """Return a file for each host or group (``kind``: ``host_vars`` or ``group_vars``)."""
    folder = os.path.join(dest, kind)
    files = []
    for name in sorted(variables):
        if "/" in name or name.startswith("."):
            raise ConsoleError("invalid_option", f"{name} cannot be the name of a file in {folder}.", stage="options")
        _refuse_other_forms(folder, name)
        path = os.path.join(folder, f"{name}.yml")
        text = yaml.dump(_told_apart(variables[name]), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1000)
        files.append(File(path, HEADER + text, _read(path)))
    return files


def refuse_to_overwrite(files: Sequence[File]) -> None:
    """A ConsoleError that names the files that are there already, and say something else."""
    found = [file.path for file in files if file.before is not None and file.is_changed]
    if found:
        more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
        raise ConsoleError("export_exists", f"{', '.join(found[:NAMED])}{more} would be replaced.", stage="options")


def _refuse_other_forms(folder: str, name: str) -> None:
    found = [name + form for form in OTHER_FORMS if os.path.exists(os.path.join(folder, name + form))]
    if found:
        said = f"{os.path.join(folder, found[0])} is there, beside which Ansible does not read {name}.yml."
        raise ConsoleError(
            "export_exists", said, stage="options", remedy="Set dest to another folder, or move it away."
        )


def _read(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.read()
    except FileNotFoundError:
        return None


def _told_apart(value: t.Any) -> t.Any:
    """Mark each text of the console that looks like a template. Texts of newer Ansible are a kind of their own."""
    if isinstance(value, Template):
        return value
    if isinstance(value, str):
        return _Unsafe(value) if any(sign in value for sign in ("{{", "{%", "{#")) else str.__str__(value)
    if isinstance(value, dict):
        return {str(name): _told_apart(inner) for name, inner in value.items()}
    return [_told_apart(inner) for inner in value] if isinstance(value, list) else value
