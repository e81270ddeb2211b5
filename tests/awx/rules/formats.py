# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The format of the variables: which keys the roles of infra.aap_configuration read, and names that must exist."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from .rule import RULES, Rule

if TYPE_CHECKING:
    from awx.content import Content

    Item = dict[str, Any]

NOTICES = "notification_templates_error notification_templates_started notification_templates_success"
# As read in the tasks of each role.
KEYS = {
    "credential_types": "description injectors inputs kind name",
    "credentials": "credential_type description inputs name organization team update_secrets user",
    "execution_environments": "credential description image name organization pull",
    "projects": f"allow_override credential default_environment description local_path name organization {NOTICES} "
    "scm_branch scm_clean scm_delete_on_update scm_refspec scm_track_submodules scm_type scm_update_cache_timeout "
    "scm_update_on_launch scm_url timeout update_project wait",
    "inventories": "description host_filter input_inventories instance_groups kind name organization variables",
    "inventory_sources": f"credential description enabled_value enabled_var execution_environment host_filter inventory "
    f"limit name {NOTICES} organization overwrite overwrite_vars scm_branch source source_path source_project source_vars "
    "timeout update_cache_timeout update_on_launch verbosity",
    "templates": "allow_simultaneous ask_credential_on_launch ask_diff_mode_on_launch ask_execution_environment_on_launch "
    "ask_forks_on_launch ask_inventory_on_launch ask_job_slice_count_on_launch ask_job_type_on_launch "
    "ask_labels_on_launch ask_limit_on_launch ask_scm_branch_on_launch ask_skip_tags_on_launch ask_tags_on_launch "
    "ask_timeout_on_launch ask_variables_on_launch ask_verbosity_on_launch become_enabled credentials description "
    "diff_mode execution_environment extra_vars force_handlers forks instance_groups inventory job_slice_count job_tags "
    f"job_type labels limit name {NOTICES} organization playbook project scm_branch skip_tags start_at_task "
    "survey_enabled survey_spec timeout use_fact_cache verbosity",
    "workflows": "allow_simultaneous ask_inventory_on_launch ask_labels_on_launch ask_limit_on_launch "
    "ask_scm_branch_on_launch ask_skip_tags_on_launch ask_tags_on_launch ask_variables_on_launch description extra_vars "
    f"inventory job_tags labels limit name notification_templates_approvals {NOTICES} organization scm_branch "
    "simplified_workflow_nodes skip_tags survey_enabled survey_spec destroy_current_nodes",
    "schedules": "credentials description diff_mode enabled execution_environment extra_data forks inventory "
    "job_slice_count job_tags job_type labels limit name organization rrule scm_branch skip_tags timeout "
    "unified_job_template verbosity",
    "notifications": "description messages name notification_configuration notification_type organization",
}
ROLES = {"notifications": "notification_templates", "templates": "job_templates", "workflows": "workflow_job_templates"}
REQUIRED = {
    "credentials": "name credential_type",
    "execution_environments": "name image",
    "inventories": "name organization",
    "inventory_sources": "name inventory",
    "notifications": "name organization notification_type",
    "schedules": "name unified_job_template rrule",
    "templates": "name playbook project",
}
# What a key names, by the kind that it must be among.
NAMED = {
    "credential": "credentials",
    "credential_type": "credential_types",
    "credentials": "credentials",
    "default_environment": "execution_environments",
    "execution_environment": "execution_environments",
    "inventory": "inventories",
    "notification_templates_approvals": "notifications",
    "notification_templates_error": "notifications",
    "notification_templates_started": "notifications",
    "notification_templates_success": "notifications",
    "project": "projects",
    "source_project": "projects",
}


def _keys_are_read(kind: str, item: Item, _content: Content) -> Iterator[str]:
    """A key that the role does not read would be lost without a word."""
    yield from (f"{key} is not read" for key in item if key not in KEYS[kind].split())
    yield from (f"{key} is missing" for key in REQUIRED.get(kind, "name").split() if not item.get(key))


def _names_exist(kind: str, item: Item, content: Content) -> Iterator[str]:
    """Names are looked up when the data is applied; one that does not exist ends that with an error."""
    for key, there in NAMED.items():
        # The projects' own credential is for the repository, and is the user's.
        names = item.get(key, []) if kind != "projects" or key != "credential" else []
        for name in names if isinstance(names, list) else [names]:
            if content.one(there, name) is None:
                yield f"{key} {name} is none of the {there}"


def _names_are_unique(kind: str, item: Item, content: Content) -> Iterator[str]:
    """Objects are looked up by their names."""
    if [other.get("name") for other in content[kind]].count(item.get("name")) > 1:
        yield "the name is there twice"


for _kind in KEYS:
    _role = f"infra.aap_configuration, roles/controller_{ROLES.get(_kind, _kind)}/tasks/main.yml"
    RULES.append(Rule(f"keys_of_{_kind}_are_read", _kind, _role, partial(_keys_are_read, _kind)))
    RULES.append(Rule(f"names_in_{_kind}_exist", _kind, _role, partial(_names_exist, _kind)))
    RULES.append(Rule(f"names_of_{_kind}_are_unique", _kind, _role, partial(_names_are_unique, _kind)))
