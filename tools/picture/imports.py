# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What imports what, read from the code itself, and the rules that the imports keep."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

PREFIX = "ansible_collections.cai.console.plugins."
# Folders of which every file is something that a user names; they are drawn as one card each.
NAMED_BY_USERS = ("action", "inventory", "lookup", "modules")
CONTROLLER_ONLY = ("action", "inventory", "lookup", "plugin_utils")
# From what a user names down to the network: no file may import one that stands before it.
DOWNWARDS = (
    "modules",
    "action",
    "plugin_utils/_door",
    "module_utils/_edge",
    "module_utils/_tasks",
    "module_utils/_converge",
    "module_utils/_console",
    "module_utils/_session",
    "module_utils/_transport",
    "module_utils/_http",
    "module_utils/_errors",
)

Graph = dict[str, set[str]]


@dataclass
class Code:
    """``files``: path below plugins/ without ``.py`` to the files that it imports when it runs; imports that only
    type checkers see are left out. ``about``: the first sentence of each file. ``ansible``: what it takes of Ansible.
    """

    files: Graph = field(default_factory=dict)
    about: dict[str, str] = field(default_factory=dict)
    ansible: dict[str, set[str]] = field(default_factory=dict)


def read_code(plugins: Path) -> Code:
    """Read every file below a folder of plugins, documentation fragments apart."""
    code = Code()
    paths = {name_of(path, plugins): path for path in sorted(plugins.rglob("*.py"))}
    paths = {name: path for name, path in paths.items() if not name.startswith("doc_fragments/")}
    for name, path in paths.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported = list(_imports(tree))
        code.files[name] = {found for found in _ours(imported, paths) if found != name}
        code.ansible[name] = {text for text, _names in imported if text.split(".")[0] == "ansible"}
        code.about[name] = _first_sentence(ast.get_docstring(tree) or "")
    return code


def name_of(path: Path, plugins: Path) -> str:
    """The name of a file in the graph: its path below plugins/, a package's own file as the package."""
    return path.relative_to(plugins).with_suffix("").as_posix().removesuffix("/__init__")


def _imports(tree: ast.AST) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Modules that are imported when the code runs, each with the names that are taken from it."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, tuple(alias.name for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, ()) for alias in node.names)
        yield from _imports(node)


def _ours(imported: Iterable[tuple[str, tuple[str, ...]]], known: Mapping[str, Path]) -> Iterator[str]:
    for module, names in imported:
        if f"{module}.".startswith(PREFIX):
            base = module.removeprefix(PREFIX).replace(".", "/")
            inner = [f"{base}/{name}" for name in names if f"{base}/{name}" in known]
            yield from inner or [base]


def _first_sentence(text: str) -> str:
    paragraph = " ".join(text.split("\n\n")[0].split()).replace("``", "")
    return paragraph.split(". ")[0].removesuffix(".")


def card_of(name: str) -> str:
    """The card on which a file is drawn: folders of things that users name, and packages, have one card each."""
    folder, *rest = name.split("/")
    if folder in NAMED_BY_USERS:
        return folder
    return "/".join([folder, *rest[:1]])


def cards(files: Graph) -> Graph:
    """The graph of the cards."""
    drawn: Graph = {card_of(name): set() for name in files}
    for name, imported in files.items():
        drawn[card_of(name)] |= {card_of(other) for other in imported} - {card_of(name)}
    return drawn


def reachable(graph: Graph, start: str) -> set[str]:
    """All that can be reached from a node by one step or more."""
    found: set[str] = set()
    waiting = list(graph[start])
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting += graph.get(node, ())
    return found


def broken_rules(code: Code) -> list[str]:
    """One sentence for each import that should not be."""
    broken = [f"{name} imports itself, by way of others" for name in code.files if name in reachable(code.files, name)]
    for name, imported in code.files.items():
        folder = name.split("/")[0]
        for other in sorted(imported):
            broken += _wrong_step(name, folder, other)
        foreign = {text for text in code.ansible[name] if not text.startswith("ansible.module_utils")}
        if folder not in CONTROLLER_ONLY and foreign:
            broken.append(f"{name} imports code of the controller: {', '.join(sorted(foreign))}")
    graph = cards(code.files)
    order = [name for name in DOWNWARDS if name in graph]
    for place, lower in enumerate(order):
        upper = sorted(reachable(graph, lower) & set(order[:place]))
        broken += [f"{lower} imports {name}, which stands above it" for name in upper]
    return broken


def _wrong_step(name: str, folder: str, other: str) -> Iterator[str]:
    target = other.split("/")[0]
    if target in NAMED_BY_USERS:
        yield f"{name} imports {other}, which users name"
    if target == "plugin_utils" and folder not in CONTROLLER_ONLY:
        yield f"{name} imports {other}, which is there on the controller only"
