# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inputs and injectors of a credential type."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from jinja2 import StrictUndefined, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jsonschema import Draft4Validator

from .rule import rule

if TYPE_CHECKING:
    from awx.content import Content

    Item = dict[str, Any]

FIELDS = "awx/main/fields.py, CredentialTypeInputField"
INJECTORS = "awx/main/fields.py, CredentialTypeInjectorField"
SERIALIZER = "awx/api/serializers.py, CredentialTypeSerializer.validate"
# awx/main/constants.py, ENV_BLOCKLIST
BLOCKED = frozenset(
    [
        "VIRTUAL_ENV",
        "PATH",
        "PYTHONPATH",
        "JOB_ID",
        "INVENTORY_ID",
        "INVENTORY_SOURCE_ID",
        "INVENTORY_UPDATE_ID",
        "AD_HOC_COMMAND_ID",
        "REST_API_URL",
        "REST_API_TOKEN",
        "MAX_EVENT_RES",
        "CALLBACK_QUEUE",
        "CALLBACK_CONNECTION",
        "CACHE",
        "JOB_CALLBACK_DEBUG",
        "INVENTORY_HOSTVARS",
        "AWX_HOST",
        "PROJECT_REVISION",
        "SUPERVISOR_CONFIG_PATH",
    ]
)
FIELD_SCHEMA = {
    "type": "object",
    "properties": {
        "type": {"enum": ["string", "boolean"]},
        "format": {"enum": ["ssh_private_key", "url"]},
        "choices": {"type": "array", "minItems": 1, "items": {"type": "string"}, "uniqueItems": True},
        "id": {"type": "string", "pattern": "^[a-zA-Z_]+[a-zA-Z0-9_]*$"},
        "label": {"type": "string"},
        "help_text": {"type": "string"},
        "multiline": {"type": "boolean"},
        "secret": {"type": "boolean"},
        "ask_at_runtime": {"type": "boolean"},
        "default": {},
    },
    "additionalProperties": False,
    "required": ["id", "label"],
}
INPUTS_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "required": {"type": "array", "items": {"type": "string"}},
        "fields": {"type": "array", "items": FIELD_SCHEMA},
    },
}
EXTRA_VARS = {"anyOf": [{"type": "string"}, {"type": "array"}, {"$ref": "#/properties/extra_vars"}]}
INJECTORS_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "file": {
            "type": "object",
            "patternProperties": {r"^template(\.[a-zA-Z_]+[a-zA-Z0-9_]*)?$": {"type": "string"}},
            "additionalProperties": False,
        },
        "env": {
            "type": "object",
            "patternProperties": {"^[a-zA-Z_]+[a-zA-Z0-9_]*$": {"type": "string", "pattern": "^[\x00-\x7f]*$"}},
            "additionalProperties": False,
        },
        "extra_vars": {
            "type": "object",
            "patternProperties": {r"^[a-zA-Z_\{\}]+[a-zA-Z0-9_\{\}]*$": EXTRA_VARS},
            "additionalProperties": False,
        },
    },
}


def refused_variable(name: str) -> bool:
    """Whether no credential may set this environment variable (validate_env_var_allowed)."""
    return name.startswith("ANSIBLE_") or name in BLOCKED


def fields_of(item: Item) -> list[Item]:
    """The fields that are objects at all; the schema speaks for the others."""
    fields = (item.get("inputs") or {}).get("fields", [])
    return [field for field in fields if isinstance(field, dict)]


def _against(schema: Any, value: Any) -> Iterator[str]:
    for error in Draft4Validator(schema).iter_errors(value):
        yield f"{'/'.join(map(str, error.absolute_path))}: {error.message}"


@rule("credential_types", SERIALIZER)
def kind_is_cloud_or_net(item: Item, _content: Content) -> Iterator[str]:
    """Other kinds are AWX's own."""
    if item.get("kind", "cloud") not in ("cloud", "net"):
        yield f"kind {item['kind']}"


@rule("credential_types", SERIALIZER)
def nothing_is_asked_at_runtime(item: Item, _content: Content) -> Iterator[str]:
    """For a type of one's own it is not supported."""
    yield from (f"ask_at_runtime of {field['id']}" for field in fields_of(item) if field.get("ask_at_runtime"))


@rule("credential_types", FIELDS)
def inputs_fit_the_schema(item: Item, _content: Content) -> Iterator[str]:
    """Known keys and types only; an id is a variable's name."""
    yield from _against(INPUTS_SCHEMA, item.get("inputs", {}))


@rule("credential_types", FIELDS)
def field_ids_are_unique_and_not_tower(item: Item, _content: Content) -> Iterator[str]:
    """The name tower is reserved for the files."""
    ids = [field.get("id") for field in fields_of(item)]
    yield from (f"{name} is there twice" for name in sorted({str(name) for name in ids if ids.count(name) > 1}))
    if "tower" in ids:
        yield "tower is reserved"


@rule("credential_types", FIELDS)
def defaults_have_the_type_of_the_field(item: Item, _content: Content) -> Iterator[str]:
    """A string or a boolean."""
    for field in fields_of(item):
        wanted = {"string": str, "boolean": bool}.get(field.get("type", "string"), ())
        if "default" in field and not isinstance(field["default"], wanted):
            yield f"default of {field.get('id')}"


@rule("credential_types", FIELDS)
def only_strings_have_choices_lines_formats_and_secrets(item: Item, _content: Content) -> Iterator[str]:
    """A boolean has none of these."""
    for field in fields_of(item):
        if field.get("type", "string") != "string":
            yield from (
                f"{key} of {field['id']}" for key in ("choices", "multiline", "format", "secret") if key in field
            )


@rule("credential_types", INJECTORS)
def injectors_fit_the_schema(item: Item, _content: Content) -> Iterator[str]:
    """Files, environment and variables; an environment's template is ASCII."""
    yield from _against(INJECTORS_SCHEMA, item.get("injectors", {}))


@rule("credential_types", f"{INJECTORS}.validate_env_var_allowed")
def environment_is_allowed(item: Item, _content: Content) -> Iterator[str]:
    """Neither Ansible's own settings nor AWX's."""
    yield from (name for name in (item.get("injectors") or {}).get("env", {}) if refused_variable(name))


@rule("credential_types", f"{INJECTORS}.validate")
def one_file_or_named_files(item: Item, _content: Content) -> Iterator[str]:
    """The two ways of naming files do not mix."""
    labels = [name for name in (item.get("injectors") or {}).get("file", {}) if name.startswith("template")]
    if "template" in labels and len(labels) > 1:
        yield "template beside template.NAME"


@rule("credential_types", f"{INJECTORS}.validate")
def templates_name_defined_fields(item: Item, _content: Content) -> Iterator[str]:
    """With every field filled in, each template renders, in a sandbox."""
    injectors = item.get("injectors") or {}
    known = {**{field.get("id"): "EXAMPLE" for field in fields_of(item)}, "tower": _Tower(injectors.get("file", {}))}
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    for place, text in _templates(injectors):
        try:
            environment.from_string(text).render(known)
        except (UndefinedError, SecurityError, TemplateSyntaxError) as error:
            yield f"{place}: {error}"


class _Exploding(SimpleNamespace):
    """AWX's namespaces cannot be put into a text themselves."""

    def __str__(self) -> str:
        raise UndefinedError("a file that is not defined, or the reserved name tower itself")


class _Tower(_Exploding):
    def __init__(self, files: dict[str, str]) -> None:
        names = {label.partition(".")[2]: "EXAMPLE_FILENAME" for label in files}
        super().__init__(filename="EXAMPLE_FILENAME" if "" in names else _Exploding(**names))


def _templates(injectors: Any) -> Iterator[tuple[str, str]]:
    for kind in ("file", "env", "extra_vars"):
        yield from _texts(kind, injectors.get(kind, {}))


def _texts(place: str, node: Any) -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield place, key
            yield from _texts(f"{place}.{key}", value)
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from _texts(f"{place}[{number}]", value)
    elif isinstance(node, str):
        yield place, node
