# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Projects, and inventory sources out of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .rule import rule

if TYPE_CHECKING:
    from awx.content import Content

    Item = dict[str, Any]

SOURCE = "awx/api/serializers.py, InventorySourceSerializer"


@rule("inventory_sources", f"{SOURCE}.validate")
def a_source_of_files_has_a_project(item: Item, _content: Content) -> Iterator[str]:
    """And only such a source has one."""
    if item.get("source") == "scm" and not item.get("source_project"):
        yield "source_project is missing"
    if item.get("source") != "scm":
        yield from (
            f"{key} without source scm" for key in ("source_project", "source_path", "scm_branch") if item.get(key)
        )


@rule("inventory_sources", f"{SOURCE}.validate_source_project")
def the_project_of_a_source_is_not_manual(item: Item, content: Content) -> Iterator[str]:
    """A manual project has no files that AWX could fetch."""
    project = content.one("projects", item.get("source_project"))
    if project and not project.get("scm_type"):
        yield "the project is manual"


@rule("inventory_sources", f"{SOURCE}.validate_inventory")
def the_inventory_of_a_source_is_a_plain_one(item: Item, content: Content) -> Iterator[str]:
    """Smart and constructed inventories take their hosts elsewhere."""
    inventory = content.one("inventories", item.get("inventory"))
    if inventory and inventory.get("kind") in ("smart", "constructed"):
        yield f"the inventory is {inventory['kind']}"


@rule("inventory_sources", "the project's files, as the source reads them")
def the_file_of_a_source_is_in_the_project(item: Item, content: Content) -> Iterator[str]:
    """AWX finds out when it updates; here the folder is at hand."""
    if not (content.project / str(item.get("source_path"))).is_file():
        yield f"{item.get('source_path')} is not in the project"


@rule("projects", "awx/api/serializers.py, ProjectSerializer.validate")
def a_manual_project_does_not_update(item: Item, _content: Content) -> Iterator[str]:
    """There is nothing to update from."""
    if not item.get("scm_type"):
        keys = ("scm_update_on_launch", "scm_delete_on_update", "scm_track_submodules", "scm_clean")
        yield from (key for key in keys if item.get(key))
