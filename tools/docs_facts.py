# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the guide's tables of what is known of the console, from ``docs/console-contract.yaml`` and the bindings that
ship; with ``--check``, say whether they are up to date.

The contract marks each path, parameter and member with its status; a binding has one for the whole file.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import rst
import yaml

ROOT = Path(__file__).resolve().parents[1]
CONTRACT = ROOT / "docs" / "console-contract.yaml"
BINDINGS = ROOT / "extensions" / "bindings"
GUIDE = ROOT / "docs" / "docsite" / "rst" / "guide_facts.rst"
MARKS = (".. facts: begin\n", ".. facts: end\n")
STATUSES = ("documented", "observed", "assumed")
METHODS = ("get", "put", "post", "delete")
Data = dict[str, Any]


class Fact(NamedTuple):
    """What is known, its status, the source that the contract names (empty: none) and what it says more."""

    what: str
    status: str
    source: str
    remark: str

    def row(self) -> list[str]:
        """Return its cells."""
        cells = (rst.literal(self.what), self.status, rst.plain(self.source), rst.plain(self.remark))
        return [rst.wrapped(cell, " " * 7) for cell in cells]


def fact(what: str, item: Data, *, source: str = "", remark: str | None = None) -> Fact:
    """Return the fact that an item of the contract states; ``source`` is what holds where it names none of its own.

    Raises ``ValueError`` for an item without one of the three statuses.
    """
    status = item.get("x-status")
    if status not in STATUSES:
        raise ValueError(f"{what} has no status in {CONTRACT.name}")
    return Fact(what, status, item.get("x-source", source), item.get("description", "") if remark is None else remark)


def paths(contract: Data) -> list[Fact]:
    """Return a fact for each path, with its methods and the addresses below which it stands."""
    servers = contract["x-servers"].items()
    found = []
    for path, item in contract["paths"].items():
        verbs = [method for method in METHODS if method in item]
        remarks = [item.get("description", ""), *(item[verb].get("description", "") for verb in verbs)]
        remarks.append(f"Below: {', '.join(name for name, server in servers if server in item['servers'])}.")
        what = f"{' '.join(verbs).upper()} {path}"
        found.append(fact(what, item, remark=" ".join(remark.strip() for remark in remarks if remark)))
    return found


def parameters(contract: Data) -> list[Fact]:
    """Return a fact for each parameter, header and carrier of a session."""
    parts = contract["components"]
    found = [fact(f"{item['name']} ({item['in']})", item) for item in parts["securitySchemes"].values()]
    found += [fact(f"{name} (answer)", item) for name, item in parts["headers"].items()]
    found += [_parameter(item, "any path") for item in parts["parameters"].values()]
    for path, item in contract["paths"].items():
        stated = [*item.get("parameters", ()), *(p for m in METHODS for p in item.get(m, {}).get("parameters", ()))]
        found += [_parameter(parameter, path) for parameter in stated if "$ref" not in parameter]
    return found


def _parameter(item: Data, path: str) -> Fact:
    source = "" if item.get("x-status") == "assumed" else "that of its path"
    return fact(f"{item['name']} ({item['in']}) of {path}", item, source=source)


def members(schema: Data, name: str = "", source: str = "") -> Iterator[Fact]:
    """Yield a fact for each member of a schema, and of the objects that stand inside it."""
    source = schema.get("x-source", source)
    for member, item in schema.get("properties", {}).items():
        yield fact(f"{name}{member}", item, source=source)
        many = "[]" if "items" in item else ""
        yield from members(item.get("items", item), f"{name}{member}{many}.", source)


def stated(contract: Data) -> list[Fact]:
    """Return every fact of the contract."""
    schemas = contract["components"]["schemas"].values()
    return [*paths(contract), *parameters(contract), *(found for schema in schemas for found in members(schema))]


def in_contract(contract: Data, place: tuple[str, ...], value: Any) -> str:
    """Return what the contract says of a line of a binding: status and source, or that it has no such thing."""
    kind, *rest = place
    found: Data | None = None
    if kind == "bases":
        shape = re.sub(r"\{\w+\}", "{}", value)
        servers = contract["x-servers"].values()
        same = [s for s in servers if re.sub(r"\{\w+\}", "{}", s["url"].partition("://")[2]) == shape]
        return " ".join(server["description"] for server in same) or "not in it"
    if kind == "session":
        schemes = contract["components"]["securitySchemes"].values()
        found = next((scheme for scheme in schemes if [scheme["name"]] == value), None)
    elif kind == "operations":
        if "element" in value:
            message = re.match(r"<(\w+)", value["element"])
            found = _member(contract, "ActiveBpelAdmin", message[1] if message else "")
            return _said(found)
        item = contract["paths"].get(value["path"], {})
        found = item if item.get(value["method"].lower(), {}).get("operationId") == rest[0] else None
    elif "fields" in rest:
        found = _field(contract, rest[0], value["at"][0])
    else:
        return ""
    return _said(found)


def _said(found: Data | None) -> str:
    return "not in it" if found is None else ", ".join(filter(None, (found["x-status"], found.get("x-source"))))


def _field(contract: Data, service: str, place: str) -> Data | None:
    """Find what a place of a service means: a member of its own schema, or an entry of the engine's configuration."""
    entry = ".".join(re.findall(r"entry\[@name='([^']*)'\]", place))
    schema = "".join(word.title() for word in service.split("_"))
    return _member(contract, "EngineConfiguration", entry) if entry else _member(contract, schema, place)


def _member(contract: Data, schema: str, path: str) -> Data | None:
    """Find the member of a schema by its dotted path."""
    schemas = contract["components"]["schemas"]
    found: Data | None = schemas.get(schema)
    for name in path.split("."):
        for part in (found or {}).get("allOf", ()):
            found = schemas[part["$ref"].rpartition("/")[2]]
        found = (found or {}).get("properties", {}).get(name)
    return found


def lines(binding: Data) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield the lines of a binding that say something about the console: place and value."""
    for part in ("bases", "session", "operations"):
        for name, value in binding[part].items():
            yield (part, name), value
    for service, said in binding["services"].items():
        for name, value in said.items():
            if name != "fields":
                yield ("services", service, name), value
        for option, value in said.get("fields", {}).items():
            yield ("services", service, "fields", option), value


def binding_rows(contract: Data, binding: Data) -> Iterator[list[str]]:
    """Yield a row for each line of a binding."""
    status = binding["meta"].get("status", "assumed")
    for place, value in lines(binding):
        written = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=10**6).partition("\n")[0]
        said = rst.plain(in_contract(contract, place, value))
        cells = (rst.literal(" -> ".join(place)), rst.literal(written), status, said)
        yield [rst.wrapped(cell, " " * 7) for cell in cells]


def _section(title: str, text: str, table: str) -> str:
    about = f"{rst.wrapped(rst.plain(text))}\n\n" if text else ""
    return f"{title}\n{'-' * len(title)}\n\n{about}{table}\n"


def _facts(facts: list[Fact], title: str = "") -> str:
    head = ("What", "Status", "Source", "Remark")
    return rst.list_table(head, (found.row() for found in facts), (34, 12, 24, 30), title)


def _schemas(contract: Data) -> str:
    made = []
    for name, schema in contract["components"]["schemas"].items():
        about = f"{rst.wrapped(rst.plain(schema['description']))}\n\n" if "description" in schema else ""
        made.append(f"{name}\n{'^' * len(name)}\n\n{about}{_facts(list(members(schema)))}")
    return "\n".join(made)


def tables() -> str:
    """Return all tables, each below its heading."""
    contract = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))
    facts = stated(contract)
    count = Counter(found.status for found in facts)
    total = f"{len(facts)} facts: {', '.join(f'{count[status]} {status}' for status in STATUSES)}."
    servers = [
        [rst.literal(name), rst.literal(server["url"]), rst.plain(server["description"])]
        for name, server in contract["x-servers"].items()
    ]
    addresses = rst.list_table(("Name", "Address", "What the contract says"), servers, (20, 40, 40))
    made = [
        f"\nThe contract states {total}\n",
        _section("Addresses", "The contract says this of the addresses, in words.", addresses),
        _section("Paths", "", _facts(paths(contract))),
        _section("Parameters, headers and sessions", "", _facts(parameters(contract))),
        _section("Members", "By the name of the object in the contract.", _schemas(contract)),
    ]
    head = ("Line", "Value", "Status", "In the contract")
    for file in sorted(BINDINGS.glob("*.yml")):
        binding = yaml.safe_load(file.read_text(encoding="utf-8"))
        table = rst.list_table(head, binding_rows(contract, binding), (30, 36, 12, 22))
        meta = binding["meta"]
        made.append(_section(f"The binding {meta['name']}", f"It is for {meta['describes']}.", table))
    return "\n".join(made)


def main() -> int:
    """Write or check the page; 1 if it is not up to date."""
    old = GUIDE.read_text(encoding="utf-8")
    fresh = rst.replaced(old, MARKS, tables())
    if "--check" in sys.argv:
        return int(fresh != old)
    GUIDE.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
