# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way back of a wave: how each target was before it was written."""

from __future__ import annotations

import json
import os
import typing as t

from ansible_collections.cai.console.plugins.module_utils._apply import SERVICES, apply_target
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._memory import Memory
from ansible_collections.cai.console.plugins.module_utils._plan import Wishes
from ansible_collections.cai.console.plugins.module_utils._transaction import Terms

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._access import Access
    from ansible_collections.cai.console.plugins.module_utils._converge import Change
    from ansible_collections.cai.console.plugins.module_utils._tasks import Params, Result

Undo = dict[str, t.Any]
MASKS = ("VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", "********")
"""What Ansible writes in place of a secret."""


def undo_of(changes: t.Sequence[Change]) -> Undo:
    """Return by service ``settings`` (option to value before and after) and ``secrets`` (sent ones, to their state)."""
    return {
        change.service.name: {
            "settings": {
                path: [change.plan.before[path], value]
                for path, value in change.plan.after.items()
                if change.plan.before[path] != value
            },
            "secrets": {
                decision.name: change.plan.states[decision.name] for decision in change.plan.secrets if decision.sent
            },
        }
        for change in changes
        if change.plan.changed
    }


def is_whole(undo: Undo | None) -> t.TypeGuard[Undo]:
    """Return whether nothing in it was masked when it was noted; what was cannot be given back."""
    return undo is not None and not any(mask in json.dumps(undo) for mask in MASKS)


def require_way_back(changes: t.Sequence[Change], params: Params) -> None:
    """Refuse, before anything is written, what could not be rolled back."""
    undo = undo_of(changes)
    lost = [name for part in undo.values() for name, state in part["secrets"].items() if state != "unset"]
    if lost and not params["previous_secret"]:
        raise ConsoleError("previous_secret_required", f"{', '.join(lost)} would be replaced.", stage="plan")


def roll_back(undo: Undo, params: Params, access: Access, target: str) -> Result:
    """Give a target its settings of before, and its secret where ``previous_secret`` holds it. A setting that somebody
    else changed meanwhile is a ConsoleError, and nothing is written.
    """
    wishes = {
        name: Wishes(
            settings={path: before for path, (before, _after) in part["settings"].items()},
            secrets={
                secret: params["previous_secret"]
                for secret, state in part["secrets"].items()
                if state != "unset" and params["previous_secret"]
            },
            update_secrets="always",
            reuse_stored_secret=True,
        )
        for name, part in undo.items()
    }
    memory = Memory(os.path.expanduser(params["state_dir"]), params["fingerprint_key"])

    def guard(_digest: str, changes: t.Sequence[Change]) -> None:
        for change in changes:
            for path, sides in undo[change.service.name]["settings"].items():
                found = change.stored.settings[path]
                if not any(change.service.same(path, found, side) for side in sides):
                    said = f"{path} of the {change.service.title} was changed after this rollout wrote it."
                    raise ConsoleError("concurrent_change", said, stage="plan")

    return apply_target(wishes, access.console(target), memory, Terms(), require_suspend=False, guard=guard)


def secrets_left(undo: Undo) -> list[str]:
    """Return the secrets that a target had not before, and that stay with it when its settings are those of before."""
    titles = {service.name: service.title for service in SERVICES}
    return [
        f"{titles[name]}: {secret}"
        for name, part in undo.items()
        for secret, state in part["secrets"].items()
        if state == "unset"
    ]
