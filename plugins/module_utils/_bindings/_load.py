# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks a binding, and brings it into the form that the code works with: members that say nothing are gone."""

from __future__ import annotations

import json
import re
import string
import typing as t

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.cai.console.plugins.module_utils._bindings import BINDINGS, _xml_body
from ansible_collections.cai.console.plugins.module_utils._bindings._options import SECRETS
from ansible_collections.cai.console.plugins.module_utils._bindings._spec import BASES, BINDING, READINGS
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError

MAX_BYTES = 256 * 1024
MAX_DEPTH = 12
BASE_NAMES = frozenset(("console", "agent", "id", "name", "organization"))
PATH_NAMES = frozenset(("id", "name"))
HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
Binding = t.Dict[str, t.Any]


def parse(text: str, source: str) -> Binding:
    """Return the binding that is written in JSON in ``text``, checked; ``source`` says in an error which one it is."""
    if len(text) > MAX_BYTES:
        raise _wrong(source, f"it is longer than {MAX_BYTES} characters")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise _wrong(source, "it is not JSON") from None
    return checked(found, source)


def checked(found: t.Any, source: str) -> Binding:
    """Return a binding in its working form. A ConsoleError ``binding_invalid`` names the place of what is wrong."""
    if not isinstance(found, dict):
        raise _wrong(source, "it is not a mapping")
    if _depth(found) > MAX_DEPTH:
        raise _wrong(source, "it is nested too deeply")
    if found.get("extends") is not None:
        found = _extended(found, source)
    result = ArgumentSpecValidator(BINDING).validate(found)
    if result.error_messages:
        raise _wrong(source, "; ".join(result.error_messages))
    binding: Binding = _without_nothing(result.validated_parameters)
    problems = list(_problems(binding))
    if problems:
        raise _wrong(source, "; ".join(problems))
    for name, operation in binding["operations"].items():
        operation.setdefault("mutates", name not in READINGS)
    return binding


def _extended(found: Binding, source: str) -> Binding:
    """Return what ``found`` lays over the binding that it extends."""
    name = found["extends"]
    if not isinstance(name, str) or name not in BINDINGS:
        raise _wrong(source, f"extends must be one of {', '.join(sorted(BINDINGS))}")
    below = {part: value for part, value in BINDINGS[name].items() if part != "meta"}
    return t.cast("Binding", _laid_over(below, {part: value for part, value in found.items() if part != "extends"}))


def _laid_over(below: t.Any, above: t.Any) -> t.Any:
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    return {**below, **{name: _laid_over(below.get(name), value) for name, value in above.items()}}


def _wrong(source: str, what: str) -> ConsoleError:
    return ConsoleError("binding_invalid", f"The binding {source} is not right: {what}.", stage="binding")


def _depth(value: t.Any) -> int:
    """Return how deep it is nested, without recursion: what is checked here may come from anywhere."""
    level, depth = [value], 0
    while level and depth <= MAX_DEPTH:
        depth += 1
        level = [
            inner
            for item in level
            if isinstance(item, (dict, list))
            for inner in (item.values() if isinstance(item, dict) else item)
        ]
    return depth


def _without_nothing(value: t.Any, name: str = "") -> t.Any:
    if not isinstance(value, dict):
        return [_without_nothing(item) for item in value] if isinstance(value, list) else value
    if name == "words":
        return {_word(key): inner for key, inner in value.items()}
    if name in ("fixed", "query", "headers"):
        return dict(value)
    return {key: _without_nothing(inner, key) for key, inner in value.items() if inner is not None}


def _word(key: t.Any) -> str:
    """YAML reads yes and no as booleans; an option's word is a text."""
    return str(key).lower() if isinstance(key, bool) else str(key)


def _problems(binding: Binding) -> t.Iterator[str]:
    """Say what the types alone cannot."""
    for name in BASES:
        base = binding["bases"].get(name, "")
        yield from _placeholders(base, BASE_NAMES, f"bases -> {name}")
    for name in (*binding["session"].get("headers", ()), *binding["session"].get("cookies", ())):
        if not HEADER.fullmatch(name):
            yield f"session -> {name!r} is no name of a header or cookie"
    for name, operation in binding["operations"].items():
        yield from _of_operation(operation, f"operations -> {name}")
    for service, bound in binding["services"].items():
        for option, field in bound["fields"].items():
            yield from _of_field(option, field, f"services -> {service} -> fields -> {option}")


def _of_operation(operation: Binding, place: str) -> t.Iterator[str]:
    if "open" in operation:
        return
    for needed in ("method", "path"):
        if needed not in operation:
            yield f"{place} needs {needed}, or open"
    yield from _placeholders(operation.get("path", "/"), PATH_NAMES, f"{place} -> path")
    if not operation.get("path", "/").startswith("/") and operation.get("path"):
        yield f"{place} -> path must begin with a slash, or be empty"
    for group in ("query", "headers", "fixed"):
        for name, value in operation.get(group, {}).items():
            if isinstance(value, str):
                yield from _placeholders(value, PATH_NAMES, f"{place} -> {group} -> {name}")
            if group == "headers" and not (isinstance(value, str) and value.isprintable() and HEADER.fullmatch(name)):
                yield f"{place} -> headers -> {name} is no header"

    yield from _of_envelope(operation, place)
    log = operation.get("log")
    if place.endswith("read_server_log") and (log is None or not {"asked_at", "parameter"} & set(log)):
        yield f"{place} needs log, with asked_at or parameter"


def _of_envelope(operation: Binding, place: str) -> t.Iterator[str]:
    if (operation.get("body") == "soap") != ("element" in operation):
        yield f"{place} needs body soap and element, or neither"
        return
    try:
        _xml_body.parse(operation.get("element", "<none/>").encode())
    except ValueError as error:
        yield f"{place} -> element: {error}"
    if "document_at" in operation and (
        "element" not in operation or operation["writes"] != "whole" or operation["reply"] != "soap"
    ):
        yield f"{place} -> document_at needs body and reply soap, and writes whole"


def _of_field(option: str, field: Binding, place: str) -> t.Iterator[str]:
    if "open" in field:
        return
    if not field.get("at"):
        yield f"{place} needs at, or open"
    if (option in SECRETS) != bool(field.get("secret")):
        yield f"{place} must {'' if option in SECRETS else 'not '}be a secret"
    if not field.get("secret") and "kind" not in field and "words" not in field:
        yield f"{place} needs kind or words"


def _placeholders(text: str, known: t.AbstractSet[str], place: str) -> t.Iterator[str]:
    try:
        names = {name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name is not None}
    except ValueError:
        yield f"{place} has a brace that is not closed"
        return
    for name in sorted(names - known):
        yield f"{place} has {{{name}}}, which is not known there"
