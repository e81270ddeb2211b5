# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate after a wave: ``smtp_test`` for each target that was written."""

from __future__ import annotations

import typing as t

from ansible.module_utils.common.parameters import remove_values
from ansible_collections.cai.console.plugins.module_utils._mail_test import smtp_testing
from ansible_collections.cai.console.plugins.plugin_utils._arguments import validate
from ansible_collections.cai.console.plugins.plugin_utils._probe_ledger import FileLedger
from ansible_collections.cai.console.plugins.plugin_utils._rollout._model import wrong

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._targets import Target
    from ansible_collections.cai.console.plugins.module_utils._tasks import Params, Result, Work
    from ansible_collections.cai.console.plugins.plugin_utils._fleet._model import Job

CONNECTION = ("console_url", "console_region")
NO_GATE = "No gate is set: no mail is sent, and nothing proves that mail arrives."
PROOF = "The gate after each wave is smtp_test with proof of arrival."
NO_PROOF = "The gate has no arrival: it proves that mail leaves, not that it arrives."


class Gate:
    """``options`` are those of ``smtp_test``, None for no gate. ``hidden``: its secrets."""

    def __init__(self, options: t.Mapping[str, t.Any] | None, params: Params, environ: t.Mapping[str, str]) -> None:
        self._task = smtp_testing(FileLedger())
        self._params: dict[str, t.Any] | None = None
        self.hidden: frozenset[str] = frozenset()
        if options is None:
            return
        mine = [name for name in options if name.startswith("console_") or name == "target"]
        if mine:
            raise wrong(f"gate: {mine[0]} is an option of the rollout itself.")
        valid = validate(self._task.spec, {**options, **{name: params[name] for name in CONNECTION}}, environ)
        self.hidden = frozenset(valid._no_log_values)
        if valid.error_messages:
            raise wrong(remove_values(f"gate: {valid.errors[0].msg}.", self.hidden))
        self._params = valid.validated_parameters

    @property
    def is_set(self) -> bool:
        """Whether there is a gate."""
        return self._params is not None

    def said(self) -> str:
        """Return what the gate proves, as a sentence."""
        if self._params is None:
            return NO_GATE
        return PROOF if self._params["arrival"] else NO_PROOF

    def concerns(self, job: Job) -> bool:
        """Whether the target is to send mail: a service that is wished to be off is not tested."""
        return self.is_set and (job.params["email_service"] or {}).get("enabled") is not False

    def work(self, job: Job, target: Target) -> Work:
        """Return the test. A password that the gate does not name is the one in the target's wishes."""
        params = {**t.cast("dict[str, t.Any]", self._params), "target": target.id}
        if not (params["password"] or params["token"] or params["vantage"] == "console"):
            params["password"] = (job.params["email_service"] or {}).get("password")
        return self._task.prepare(params)


def mail_of(result: Result) -> dict[str, t.Any]:
    """Return what the report says of a test."""
    arrival = result.get("arrival") or {}
    return {"verdict": result.get("verdict") or result.get("msg"), "latency_ms": arrival.get("latency_ms")}
