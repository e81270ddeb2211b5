# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A credential's inputs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .rule import rule

if TYPE_CHECKING:
    from awx.content import Content

    Item = dict[str, Any]

INPUTS = "awx/main/fields.py, CredentialInputField"


@rule("credentials", INPUTS)
def inputs_are_fields_of_the_type(item: Item, content: Content) -> Iterator[str]:
    """No other key, the field's type, one of its choices; a secret is not the mask."""
    known = content.one("credential_types", item.get("credential_type")) or {"inputs": {}}
    fields = {field["id"]: field for field in known["inputs"].get("fields", [])}
    for name, value in item.get("inputs", {}).items():
        field = fields.get(name)
        if field is None:
            yield f"{name} is no field"
        elif not isinstance(value, {"string": str, "boolean": bool}[field.get("type", "string")]):
            yield f"{name} is no {field.get('type', 'string')}"
        elif value not in field.get("choices", [value]):
            yield f"{name} is none of the choices"
        elif value == "$encrypted$" and field.get("secret"):
            yield f"{name} is the reserved word $encrypted$"


@rule("credentials", "awx/main/models/unified_jobs.py, UnifiedJob.pre_start")
def required_inputs_are_there(item: Item, content: Content) -> Iterator[str]:
    """A job whose credential lacks one does not start."""
    known = content.one("credential_types", item.get("credential_type")) or {"inputs": {}}
    yield from (name for name in known["inputs"].get("required", []) if not item.get("inputs", {}).get(name))
