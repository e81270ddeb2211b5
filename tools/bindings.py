# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make what follows from the bindings' format and files: the JSON Schema for editors, the code's copies of the bindings
that ship (a module that runs elsewhere takes Python along, and nothing else), and the tables of the guide; with
``--check``, say whether all are up to date.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ROOT / "extensions" / "bindings"
SCHEMA = SHIPPED / "schema.json"
CODE = ROOT / "plugins" / "module_utils" / "_bindings"
GUIDE = ROOT / "docs" / "docsite" / "rst" / "guide_bindings.rst"
MARKS = (".. format: begin\n", ".. format: end\n")
LICENCE = "".join(Path(__file__).read_text(encoding="utf-8").splitlines(keepends=True)[:3])
WIDTH = 70
TYPES = {"str": "string", "int": "integer", "bool": "boolean", "dict": "object", "list": "array"}
# The parts of the format, by the name that the guide gives them.
PARTS = {
    "meta": "META",
    "session": "SESSION",
    "session -> tokens": "TOKEN",
    "operations": "OPERATION",
    "operations -> success": "SUCCESS",
    "operations -> job": "JOB",
    "operations -> outcome": "OUTCOME",
    "services": "SERVICE",
    "services -> fields": "FIELD",
}

sys.path.insert(0, str(ROOT / "build" / "collections"))

from ansible_collections.cai.console.plugins.module_utils._bindings import _load, _spec  # noqa: E402  (the link in build/)


def schema() -> str:
    """Return the JSON Schema of a binding."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A binding of cai.console"}
    made = _object(_spec.BINDING)
    # A binding that extends another has from there what it does not have itself.
    own = [name for name in made["required"] if name in ("format", "meta")]
    rest = [name for name in made["required"] if name not in own]
    made.update(required=own, anyOf=[{"required": ["extends"]}, {"required": rest}])
    return json.dumps({**head, **made}, indent=2, ensure_ascii=False) + "\n"


def _object(options: dict[str, Any]) -> dict[str, Any]:
    members = {name: _member(option) for name, option in options.items()}
    needed = [name for name, option in options.items() if option.get("required")]
    return {
        "type": "object",
        "properties": members,
        "additionalProperties": False,
        **({"required": needed} if needed else {}),
    }


def _member(option: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"type": TYPES[option["type"]], "description": option["description"]}
    if "choices" in option:
        made["enum"] = list(option["choices"])
    if "default" in option:
        made["default"] = option["default"]
    if option["type"] == "list":
        made["items"] = _object(option["options"]) if "options" in option else {"type": TYPES[option["elements"]]}
    elif "options" in option:
        made.update(_object(option["options"]))
    return made


def literal(name: str) -> str:
    """Return the Python file of a binding that ships, from its YAML file."""
    binding = _load.checked(yaml.safe_load((SHIPPED / f"{name}.yml").read_text(encoding="utf-8")), name)
    about = f'"""Made by ``tools/bindings.py`` from ``extensions/bindings/{name}.yml``."""'
    kind = f"{name.upper()}: dict[str, t.Any]"
    imports = "from __future__ import annotations\n\nimport typing as t"
    return f"{LICENCE}{about}\n\n{imports}\n\n# fmt: off\n{kind} = {_literal(binding)}\n"


def _literal(value: object, margin: str = "") -> str:
    """Return a value as Python, one that is too long for a line with a line for each member, item or piece."""
    short = repr(value)
    inner = margin + "    "
    if len(short) <= WIDTH or not isinstance(value, dict | list | str):
        return short
    if isinstance(value, str):
        pieces = (value[at : at + WIDTH] for at in range(0, len(value), WIDTH))
        return "(\n" + "".join(f"{inner}{piece!r}\n" for piece in pieces) + f"{margin})"
    if isinstance(value, list):
        return "[\n" + "".join(f"{inner}{_literal(item, inner)},\n" for item in value) + f"{margin}]"
    lines = "".join(f"{inner}{name!r}: {_literal(member, inner)},\n" for name, member in value.items())
    return f"{{\n{lines}{margin}}}"


def guide_tables() -> str:
    """Return the format's members as tables in reStructuredText."""
    parts = [("", {name: option for name, option in _spec.BINDING.items()})]
    parts += [(name, getattr(_spec, constant)) for name, constant in PARTS.items()]
    return "\n" + "\n".join(_table(name, options) for name, options in parts)


def _table(name: str, options: dict[str, Any]) -> str:
    rows = "".join(
        f"   * - ``{key}``\n     - {_kind(option)}\n     - {_plain(option['description'])}\n"
        for key, option in options.items()
    )
    title = f"``{name}``" if name else "The whole"
    head = f".. list-table:: {title}\n   :header-rows: 1\n   :widths: 20 20 60\n\n"
    return f"{head}   * - Member\n     - Type\n     - Meaning\n{rows}"


def _kind(option: dict[str, Any]) -> str:
    words = {"str": "text", "int": "number", "bool": "boolean", "dict": "mapping", "list": "list"}[option["type"]]
    if "choices" in option:
        words = ", ".join(f"``{choice}``" for choice in option["choices"])
    more = ["needed"] if option.get("required") else []
    more += [f"``{option['default']}`` unless told"] if "default" in option else []
    return "; ".join([words, *more])


def _plain(text: str) -> str:
    return text.replace("\\", "\\\\").replace("*", "\\*").replace("`", "\\`")


def files() -> dict[Path, str]:
    """Return what each of the files that are made should hold."""
    made = {SCHEMA: schema()}
    made.update({CODE / f"{path.stem}.py": literal(path.stem) for path in sorted(SHIPPED.glob("*.yml"))})
    begin, end = MARKS
    text = GUIDE.read_text(encoding="utf-8")
    head, rest = text.split(begin)
    made[GUIDE] = head + begin + guide_tables() + "\n" + end + rest.split(end)[1]
    return made


def main() -> int:
    """Write the files, or with ``--check`` name those that are old."""
    old = {
        path: text for path, text in files().items() if not path.exists() or path.read_text(encoding="utf-8") != text
    }
    for path, text in old.items():
        if "--check" in sys.argv:
            print(f"{path.relative_to(ROOT)} is not up to date: run python tools/bindings.py", file=sys.stderr)
        else:
            path.write_text(text, encoding="utf-8")
    return 1 if old and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
