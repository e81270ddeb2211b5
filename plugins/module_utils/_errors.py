# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The exceptions of the collection. They carry safe fields only."""

from __future__ import annotations

import typing as t

from ansible_collections.cai.console.plugins.module_utils._faults import FAULTS


class ConsoleError(Exception):
    """A failure that ends the task.

    :param code: a key of ``FAULTS``.
    :param message: one sentence that says what happened, with option names and without secrets.
    :param stage: where: ``options``, ``binding``, ``sign_in``, ``targets``, ``read``, ``plan``, ``write``,
    ``read_back`` or ``test``; of a proof of alerts also ``run``, ``arrival``, ``end`` or ``alert``.
    :param target: name of the execution target, where one is known.
    :param remedy: the next step, where the catalogue's own is too general.
    :param retryable: whether running again may help, where that is known better than the catalogue does.
    :param details: more keys for the task's result, such as what was left behind.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        stage: str,
        target: str | None = None,
        remedy: str | None = None,
        retryable: bool | None = None,
        details: dict[str, t.Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.stage = stage
        self.target = target
        self.retryable = FAULTS[code].retryable if retryable is None else retryable
        self.remedy = remedy or FAULTS[code].remedy
        self.details = details or {}

    def as_result(self) -> dict[str, t.Any]:
        """Return ``{"msg", "error": {"code", "stage", "target", "retryable", "remedy"}}`` for the task's result."""
        where = f"{self.target}: " if self.target else ""
        return {
            **self.details,
            "msg": f"{where}{self.message} {self.remedy}",
            "error": {
                "code": self.code,
                "stage": self.stage,
                "target": self.target,
                "retryable": self.retryable,
                "remedy": self.remedy,
            },
        }


class HttpFailure(ConsoleError):
    """The server answered, but with a failure: the HTTP ``status``, and its ``Retry-After`` where it sent one."""

    def __init__(self, code: str, message: str, *, stage: str, status: int, retry_after: str | None = None) -> None:
        super().__init__(code, message, stage=stage)
        self.status = status
        self.retry_after = retry_after


class LostReply(ConsoleError):
    """The request was sent, but no complete reply came: whether it was carried out is not known."""
