# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Job templates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .rule import rule

if TYPE_CHECKING:
    from awx.content import Content

    Item = dict[str, Any]

SERIALIZER = "awx/api/serializers.py, JobTemplateSerializer.validate"
OPTIONS = "awx/api/serializers.py, JobOptionsSerializer.validate"
PLAYBOOK = re.compile(
    r"^\s*?-?\s*?(?:hosts|(ansible\.builtin\.)?include|(ansible\.builtin\.)?import_playbook):\s*?.*?$"
)


@rule("templates", SERIALIZER)
def there_is_an_inventory_or_it_is_asked_for(item: Item, _content: Content) -> Iterator[str]:
    """A job without an inventory does not start."""
    if not item.get("inventory") and not item.get("ask_inventory_on_launch"):
        yield "no inventory"


@rule("templates", f"{OPTIONS}; awx/main/utils/ansible.py, could_be_playbook and skip_directory")
def the_playbook_is_one_of_the_project(item: Item, content: Content) -> Iterator[str]:
    """A file of the project, outside of roles, tasks and variables, in which AWX sees a playbook."""
    name = str(item.get("playbook"))
    path = content.project / name
    hidden = [part for part in path.relative_to(content.project).parts[:-1] if part.startswith(".")]
    if hidden or {"roles", "tasks", "group_vars", "host_vars"} & set(name.split("/")[:-1]):
        yield f"{name} is in a folder that AWX does not look into"
    elif path.suffix not in (".yml", ".yaml") or not path.is_file():
        yield f"{name} is not in the project"
    elif not any(PLAYBOOK.match(line) for line in path.read_text(encoding="utf-8").splitlines()):
        yield f"{name} is no playbook"


@rule("templates", OPTIONS)
def a_branch_needs_a_project_that_allows_it(item: Item, content: Content) -> Iterator[str]:
    """allow_override of the project."""
    project = content.one("projects", item.get("project")) or {}
    wants = item.get("scm_branch") or item.get("ask_scm_branch_on_launch")
    if wants and not project.get("allow_override"):
        yield "the project does not allow overriding its branch"


@rule("templates", "awx/api/views/__init__.py, JobTemplateCredentialsList.is_valid_relation")
def one_credential_of_a_type(item: Item, content: Content) -> Iterator[str]:
    """The second of a type is refused."""
    found = [content.one("credentials", name) or {} for name in item.get("credentials", [])]
    types = [str(credential.get("credential_type")) for credential in found]
    yield from (
        f"two credentials of the type {name}" for name in sorted({name for name in types if types.count(name) > 1})
    )


@rule("templates", "awx/main/models/jobs.py, JobOptions.job_type (NEW_JOB_TYPE_CHOICES)")
def the_job_type_is_run_or_check(item: Item, _content: Content) -> Iterator[str]:
    """There is no other one."""
    if item.get("job_type", "run") not in ("run", "check"):
        yield f"job_type {item['job_type']}"


@rule("templates", "awx/api/serializers.py, JobTemplateSerializer.validate_extra_vars")
def variables_are_an_object(item: Item, _content: Content) -> Iterator[str]:
    """A dictionary."""
    if not isinstance(item.get("extra_vars", {}), dict):
        yield "extra_vars is no dictionary"


@rule("templates", "this collection: rotation and renewal share a lock that slices do not share")
def what_rotates_is_not_sliced(item: Item, _content: Content) -> Iterator[str]:
    """One job refreshes the tokens of a mailbox."""
    sliced = item.get("job_slice_count", 1) != 1 or item.get("ask_job_slice_count_on_launch")
    if sliced and re.search("renew|rotate|authorize|revoke|migrate", str(item.get("playbook"))):
        yield "sliced"


@rule("templates", "this collection: the role rollout takes its step from the tags; slices share an approved plan only")
def a_rollout_names_its_step_and_only_apply_is_sliced(item: Item, _content: Content) -> Iterator[str]:
    """Each slice would make a plan of its own, with a digest of its own, and would report what all did."""
    step, sliced = (
        item.get("job_tags"),
        item.get("job_slice_count", 1) != 1 or item.get("ask_job_slice_count_on_launch"),
    )
    if item.get("playbook") != "rollout.yml":
        return
    if step not in ("plan", "apply", "catch_up", "report") or item.get("ask_tags_on_launch"):
        yield f"step {step}"
    if sliced and step != "apply":
        yield f"{step} is sliced"
