# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Workflows and their nodes."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

from .prompts import refused_prompts
from .rule import rule

if TYPE_CHECKING:
    from awx.content import Content

    Item = dict[str, Any]

RELATIONS = ("success_nodes", "failure_nodes", "always_nodes")
CHILDREN = "awx/api/views/__init__.py, WorkflowJobTemplateNodeChildrenBaseList.is_valid_relation"
# Playbooks that are planned by one job and applied by another.
PLANNED = ("configure.yml", "rollout.yml")
READ = [
    "all_parents_must_converge",
    "always_nodes",
    "approval_node",
    "credentials",
    "diff_mode",
    "execution_environment",
    "extra_data",
    "failure_nodes",
    "forks",
    "identifier",
    "instance_groups",
    "inventory",
    "job_slice_count",
    "job_tags",
    "job_type",
    "labels",
    "limit",
    "lookup_organization",
    "scm_branch",
    "skip_tags",
    "success_nodes",
    "timeout",
    "unified_job_template",
    "verbosity",
]


def nodes_of(item: Item) -> list[Item]:
    """The nodes."""
    return list(item.get("simplified_workflow_nodes", []))


@rule("workflows", "infra.aap_configuration, roles/controller_workflow_job_templates/tasks/add_workflows_schema.yml")
def nodes_have_known_keys_and_names(item: Item, _content: Content) -> Iterator[str]:
    """An identifier, once; and a template or an approval."""
    names = [node.get("identifier") for node in nodes_of(item)]
    for node in nodes_of(item):
        name = node.get("identifier")
        yield from (f"{key} of {name} is not read" for key in node if key not in READ)
        if not name or names.count(name) > 1:
            yield f"identifier {name}"
        if bool(node.get("unified_job_template")) == bool(node.get("approval_node")):
            yield f"{name} needs either a template or an approval"


@rule(
    "workflows",
    "awx/api/serializers.py, WorkflowJobTemplateNodeSerializer (LaunchConfigurationBaseSerializer.validate)",
)
def nodes_run_what_exists_with_what_it_asks_for(item: Item, content: Content) -> Iterator[str]:
    """A node gives only values that its template prompts for; what is required may come later."""
    for node in nodes_of(item):
        name = node.get("unified_job_template")
        template = content.one("templates", name) or content.one("workflows", name)
        if name and template is None:
            yield f"there is no template {name}"
        elif template:
            yield from refused_prompts(node, template)


@rule("workflows", CHILDREN)
def a_node_leads_to_another_in_one_way(item: Item, _content: Content) -> Iterator[str]:
    """To a node that exists, not to itself, and not by two relations."""
    names = {node.get("identifier") for node in nodes_of(item)}
    for node in nodes_of(item):
        children = [child for relation in RELATIONS for child in node.get(relation, [])]
        yield from (f"there is no node {child}" for child in children if child not in names)
        if len(children) != len(set(children)):
            yield f"{node.get('identifier')} leads to one node in two ways"


@rule("workflows", f"{CHILDREN}; awx/main/scheduler/dag_simple.py, has_cycle")
def nodes_make_no_cycle(item: Item, _content: Content) -> Iterator[str]:
    """A node never leads back."""
    graph = {
        node.get("identifier"): [child for relation in RELATIONS for child in node.get(relation, [])]
        for node in nodes_of(item)
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        yield f"cycle: {error.args[1]}"


@rule(
    "workflows", "awx/api/serializers.py, WorkflowJobTemplateNodeCreateApprovalSerializer; awx/main/models/workflow.py"
)
def approvals_have_a_name_and_whole_seconds(item: Item, _content: Content) -> Iterator[str]:
    """Name, description, timeout, and nothing else."""
    for node in nodes_of(item):
        approval = node.get("approval_node")
        if approval is None:
            continue
        if not approval.get("name") or set(approval) - {"name", "description", "timeout"}:
            yield f"approval of {node.get('identifier')}"
        if not isinstance(approval.get("timeout", 0), int):
            yield f"timeout of {node.get('identifier')}"


@rule("workflows", "this collection: who may plan may not thereby apply")
def apply_has_another_console_user_than_plan(item: Item, content: Content) -> Iterator[str]:
    """What applies a plan signs in by another credential than what made it, and as another user."""
    used: dict[tuple[str, bool], set[str]] = {}
    for node in nodes_of(item):
        template = content.one("templates", node.get("unified_job_template")) or {}
        playbook = str(template.get("playbook"))
        if playbook in PLANNED and template.get("job_tags") != "report":
            plans = template.get("job_type") == "check" or template.get("job_tags") == "plan"
            used.setdefault((playbook, plans), set()).update(_console_identities(template, content))
    for playbook in PLANNED:
        both = used.get((playbook, True), set()) & used.get((playbook, False), set())
        yield from (f"both use {name}" for name in sorted(both))


@rule("workflows", "this collection: nothing is applied before somebody has approved the plan")
def a_plan_is_approved_before_it_is_applied(item: Item, content: Content) -> Iterator[str]:
    """No way leads from a plan to what applies it but through an approval."""
    nodes = {node.get("identifier"): node for node in nodes_of(item)}
    for node in nodes_of(item):
        template = content.one("templates", node.get("unified_job_template")) or {}
        if template.get("playbook") in PLANNED and template.get("job_tags") == "plan":
            for child in (nodes.get(name, {}) for relation in RELATIONS for name in node.get(relation, [])):
                if not child.get("approval_node"):
                    yield f"{child.get('identifier')} follows a plan without an approval"


@rule("workflows", "awx/main/scheduler/dag_workflow.py, has_workflow_failed")
def a_failed_apply_fails_the_workflow(item: Item, content: Content) -> Iterator[str]:
    """A workflow whose failed job leads on, by failure_nodes or always_nodes, ends as successful."""
    for node in nodes_of(item):
        template = content.one("templates", node.get("unified_job_template")) or {}
        if template.get("playbook") in PLANNED and (node.get("failure_nodes") or node.get("always_nodes")):
            yield f"the workflow would not fail with {node.get('identifier')}"


def _console_identities(template: Item, content: Content) -> Iterator[str]:
    """The credentials for consoles, and the users in them."""
    for name in template.get("credentials", []):
        credential = content.one("credentials", name) or {}
        if credential.get("credential_type") == "CAI console":
            yield name
            yield f"the user {credential.get('inputs', {}).get('username')}"
