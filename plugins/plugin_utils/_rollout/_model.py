# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is passed between the parts of a rollout: its options, and the words for what came of a target."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.cai.console.plugins.module_utils._connection import CONNECTION_SPEC
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._tasks import SECRETS_SPEC, Params, Spec
from ansible_collections.cai.console.plugins.plugin_utils._fleet._model import MAX_WORKERS
from ansible_collections.cai.console.plugins.plugin_utils._rollout._waves import size_of

PLAN, APPLY, CATCH_UP, REPORT = STEPS = ("plan", "apply", "catch_up", "report")
STOP, ROLL_BACK, GO_ON = REACTIONS = ("stop", "roll_back", "go_on")
SPEC: Spec = {
    **CONNECTION_SPEC,
    "step": {"type": "str", "choices": list(STEPS), "required": True},
    "name": {"type": "str", "default": "rollout"},
    "document": {"type": "str"},
    "common_document": {"type": "dict"},
    "plan_digest": {"type": "str"},
    "plan_file": {"type": "path"},
    "state_dir": SECRETS_SPEC["state_dir"],
    "fingerprint_key": SECRETS_SPEC["fingerprint_key"],
    "canary": {"type": "str", "default": "1"},
    "canary_hosts": {"type": "list", "elements": "str"},
    "soak": {"type": "float", "default": 0.0},
    "waves": {"type": "list", "elements": "str", "default": ["10%", "100%"]},
    "max_failed": {"type": "str", "default": "0"},
    "on_failure": {"type": "str", "choices": list(REACTIONS), "default": STOP},
    "gate": {"type": "dict"},
    "workers": {"type": "int", "default": 16},
    "requests_per_second": {"type": "float"},
    "report": {"type": "path"},
}

CHANGED, UNCHANGED, SHARED = FINISHED = ("changed", "unchanged", "shared")
FAILED, REFUSED, ROLLED_BACK, PENDING, NOT_FINISHED, NOT_BEGUN = (
    "failed",
    "refused",
    "rolled_back",
    "pending",
    "not_finished",
    "not_begun",
)
STATUSES = (CHANGED, UNCHANGED, FAILED, REFUSED, ROLLED_BACK, PENDING, SHARED, NOT_FINISHED, NOT_BEGUN)
CHANGED_SINCE, NOT_OWNER = "changed_since_plan", "not_owner"


@dataclasses.dataclass
class Row:
    """One target in plan and report. ``changes``: ``[{"service", "field", "from", "to"}]``, secrets as words."""

    host: str
    status: str
    target: dict[str, t.Any] | None = None
    wave: str | None = None
    code: str | None = None
    message: str | None = None
    changes: list[dict[str, t.Any]] = dataclasses.field(default_factory=list)
    mail: dict[str, t.Any] | None = None

    def become(self, status: str, code: str | None = None, message: str | None = None) -> None:
        """Take on another status; what was said of the former one goes."""
        self.status, self.code, self.message = status, code, message


def check(params: Params) -> None:
    """Refuse options that can never be right."""
    step = params["step"]
    if step != REPORT and (params["document"] is None) == (params["common_document"] is None):
        raise wrong("Exactly one of document and common_document is needed.")
    if step in (APPLY, CATCH_UP) and not params["plan_digest"]:
        raise wrong(f"step is {step}, but plan_digest is not set.")
    if not 1 <= params["workers"] <= MAX_WORKERS:
        raise wrong(f"workers is {params['workers']}, but must be from 1 to {MAX_WORKERS}.")
    if params["requests_per_second"] is not None and params["requests_per_second"] <= 0:
        raise wrong("requests_per_second must be more than 0.")
    if params["soak"] < 0:
        raise wrong("soak must not be less than 0 seconds.")
    if not params["name"].replace("-", "").replace("_", "").isalnum():
        raise wrong("name must consist of letters, digits, hyphens and underscores.")
    _check_sizes(params)


def _check_sizes(params: Params) -> None:
    sizes = {"canary": [params["canary"]], "waves": params["waves"], "max_failed": [params["max_failed"]]}
    for name, texts in sizes.items():
        for text in texts:
            if size_of(text, 100) is None:
                raise wrong(f"{name} is {text}, which is neither a number of targets nor a percentage.")


def wrong(message: str) -> ConsoleError:
    """Return the error of an option."""
    return ConsoleError("invalid_option", message, stage="options")
