# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a credential type injects into a job, as AWX does it (awx/main/models/credential.py, inject_credential)."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from jinja2.sandbox import ImmutableSandboxedEnvironment

from .rules.credential_types import refused_variable

MASK = "**********"


@dataclass
class Injected:
    """The environment; the same as AWX shows it; files by their label; variables that are given with ``-e``."""

    env: dict[str, str] = field(default_factory=dict)
    safe_env: dict[str, str] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)
    extra_vars: dict[str, Any] = field(default_factory=dict)


def inject(
    credentials: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]], folder: Path, seen_in: Path | None = None
) -> Injected:
    """Render what the credentials, each a type and its inputs, inject; files are made in ``folder``.

    The job sees them in ``seen_in``, if its folder is another one there.
    """
    injected = Injected()
    for credential_type, inputs in credentials:
        _inject_one(credential_type, inputs, (folder, seen_in or folder), injected)
    return injected


def _inject_one(
    credential_type: Mapping[str, Any], inputs: Mapping[str, Any], folders: tuple[Path, Path], injected: Injected
) -> None:
    fields = credential_type["inputs"].get("fields", [])
    injectors = credential_type["injectors"]
    known, safe = _namespaces(fields, inputs)
    render = ImmutableSandboxedEnvironment().from_string
    for label, text in injectors.get("file", {}).items():
        path = _file(folders[0], render(text).render(**known))
        injected.files[label] = path
        seen = str(folders[1] / path.name)
        name = label.partition(".")[2]
        if name:
            names = getattr(known["tower"], "filename", None) or SimpleNamespace()
            setattr(names, name, seen)
            known["tower"].filename = names
        else:
            known["tower"].filename = seen
    for name, text in injectors.get("env", {}).items():
        if not refused_variable(name):
            injected.env[name] = render(text).render(**known)
            injected.safe_env[name] = render(text).render(**safe)
    injected.extra_vars |= _rendered(injectors.get("extra_vars", {}), lambda text: render(text).render(**known))


def _namespaces(fields: list[dict[str, Any]], inputs: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What templates can name, and the same without secrets; a boolean that is not filled in is false."""
    tower = SimpleNamespace()
    known: dict[str, Any] = {"tower": tower}
    safe: dict[str, Any] = {"tower": tower}
    secret = {entry["id"] for entry in fields if entry.get("secret")}
    for name, value in inputs.items():
        if isinstance(value, bool):
            known[name] = safe[name] = value
        elif value:
            known[name] = value
            safe[name] = MASK if name in secret else value
    for entry in fields:
        if entry.get("type") == "boolean" and entry["id"] not in inputs:
            known[entry["id"]] = safe[entry["id"]] = False
        if entry.get("format") == "ssh_private_key" and not known.get(entry["id"], "\n").endswith("\n"):
            known[entry["id"]] += "\n"
    return known, safe


def _file(folder: Path, text: str) -> Path:
    handle, path = tempfile.mkstemp(dir=folder)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    os.chmod(path, stat.S_IRUSR | stat.S_IWUSR)
    return Path(path)


def _rendered(node: Any, render: Any) -> Any:
    if isinstance(node, dict):
        return {render(key): _rendered(value, render) for key, value in node.items()}
    if isinstance(node, list):
        return [_rendered(entry, render) for entry in node]
    return render(node)


def credentials_of(template: Mapping[str, Any], content: Any, inputs: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """The types and inputs of a template's credentials; ``inputs`` are by the credential's name."""
    found = []
    for name in template["credentials"]:
        credential = content.one("credentials", name)
        found.append((content.one("credential_types", credential["credential_type"]), inputs[name]))
    return found


def shown(injected: Injected) -> str:
    """What AWX keeps of the environment with a job."""
    return json.dumps(injected.safe_env)
