# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is passed between the parts: the options of the task, the work on one target, and what came of it."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.cai.console.plugins.module_utils._connection import CONNECTION_SPEC
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._tasks import Params, Spec, WorkAt, converging_target

Result = dict[str, t.Any]

TASK = converging_target()
DOCUMENT_SPEC: Spec = {
    name: option for name, option in TASK.spec.items() if name not in CONNECTION_SPEC and name != "target"
}
SHARED = tuple(name for name in CONNECTION_SPEC if name != "console_organization_id")
"""The connection options that are those of the task for all hosts. Each host's organisation is compared on its own."""
SPEC: Spec = {
    **CONNECTION_SPEC,
    "targets": {"type": "list", "elements": "str"},
    "document": {"type": "str"},
    "common_document": {"type": "dict"},
    "max_failed": {"type": "str"},
    "workers": {"type": "int", "default": 16},
    "requests_per_second": {"type": "float"},
    "progress_interval": {"type": "float", "default": 10.0},
    "journal": {"type": "path"},
}
MAX_WORKERS = 128

UNCHANGED, CHANGED, FAILED, DOWN, NOT_BEGUN = STATUSES = ("unchanged", "changed", "failed", "down", "not_begun")
DOWN_CODES = ("agent_stopped", "target_unreachable")
UNTOUCHED_STAGES = ("targets", "read", "plan")
"""Only a target of which nothing was written, nor tried to be, is said to be down."""


@dataclasses.dataclass(frozen=True)
class Job:
    """One target's wishes. ``host`` is its name in the play; ``params`` are the validated arguments of
    ``execution_target``, ``work_at`` what returns their work at a target; ``hidden`` are its secrets; ``organization``
    is the id that its host has to belong to.
    """

    host: str
    target: str
    params: Params
    work_at: WorkAt
    hidden: frozenset[str] = frozenset()
    organization: str | None = None


class Unfit(Exception):
    """A target that fails before anything is asked of it."""

    def __init__(self, error: ConsoleError, hidden: t.Iterable[str] = ()) -> None:
        super().__init__(error.message)
        self.error = error
        self.hidden = frozenset(hidden)


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What came of one target: its status, and the result as ``execution_target`` returns it."""

    host: str
    status: str
    result: Result

    @classmethod
    def of(cls, host: str, result: Result) -> Outcome:
        """Take the status from the result."""
        error = result.get("error") or {}
        if result.get("failed"):
            untouched = error["stage"] in UNTOUCHED_STAGES and not result.get("changed")
            status = DOWN if error["code"] in DOWN_CODES and untouched else FAILED
        else:
            status = CHANGED if result.get("changed") else UNCHANGED
        return cls(host, status, result)

    def as_dict(self) -> Result:
        """Return it as one entry of the task's result."""
        return {
            "host": self.host,
            "status": self.status,
            "failed": self.status == FAILED,
            "down": self.status == DOWN,
            **{name: value for name, value in self.result.items() if name != "failed"},
        }


def check(params: Params) -> None:
    """Refuse options that contradict each other, before anything else."""
    if (params["document"] is None) == (params["common_document"] is None):
        raise _wrong("Exactly one of document and common_document is needed.")
    if not 1 <= params["workers"] <= MAX_WORKERS:
        raise _wrong(f"workers is {params['workers']}, but must be from 1 to {MAX_WORKERS}.")
    if params["requests_per_second"] is not None and params["requests_per_second"] <= 0:
        raise _wrong("requests_per_second must be more than 0.")
    if params["progress_interval"] < 0:
        raise _wrong("progress_interval must not be less than 0 seconds.")


def _wrong(message: str) -> ConsoleError:
    return ConsoleError("invalid_option", message, stage="options")
