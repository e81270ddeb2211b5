# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each host's wishes: its variable, templated and validated as the arguments of ``execution_target`` are."""

from __future__ import annotations

import json
import typing as t

from ansible.errors import AnsibleError
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._tasks import WorkAt, work_at_targets
from ansible_collections.cai.console.plugins.plugin_utils._arguments import Arguments, keep_state
from ansible_collections.cai.console.plugins.plugin_utils._fleet._model import DOCUMENT_SPEC, Job, Result, Unfit

if t.TYPE_CHECKING:
    from ansible.template import Templar

TARGET_ID, ORGANIZATION_ID = "cai_target_id", "cai_console_organization_id"

DOCUMENT = Arguments(DOCUMENT_SPEC)
Wanted = tuple[Result, WorkAt, frozenset[str]]
"""Validated arguments, what returns their work at a target, and their secrets."""
MOST = 64
"""So many documents are kept."""


class Wishes:
    """Reads them from the variables of hosts (``document`` names the variable), or has them for all (``common``).

    ``templar`` is used for nothing else, and gets the variables of one host after the other: a lookup in a copy of the
    task's would see, before ansible-core 2.19, the variables of the host for which the task runs.
    Variables of the play, of roles and of the task are not seen: they belong to the host for which the task runs.
    """

    def __init__(
        self,
        hostvars: t.Any,
        templar: Templar,
        environ: t.Mapping[str, str],
        *,
        document: str | None,
        common: Result | None,
        console: t.Mapping[str, t.Any],
    ) -> None:
        self._hostvars = hostvars
        self._templar = templar
        self._environ = environ
        self._console = console
        self._document = document
        self._known: dict[str, Wanted] = {}
        self._common = None if common is None else self._validated(common, "common_document")

    def job(self, host: str) -> Job:
        """Return the work for a host (with common wishes also for a target, by its name); Unfit without wishes."""
        known: t.Mapping[str, t.Any] = self._hostvars.raw_get(host) if host in self._hostvars else {}
        self._templar.available_variables = {**known, "hostvars": self._hostvars}
        try:
            self._require_same_console(known, host)
            target, organization = (self._text(known.get(name)) for name in (TARGET_ID, ORGANIZATION_ID))
            wanted = self._common or self._own(host, known)
        except AnsibleError as error:
            raise Unfit(_error("document_invalid", f"{self._document or TARGET_ID}: {error}", host)) from None
        return Job(host, target or host, *wanted, organization)

    def _require_same_console(self, known: t.Mapping[str, t.Any], host: str) -> None:
        """A host whose variables name another console, or another way to it, must not be looked for at this one."""
        given = {name: known[f"cai_{name}"] for name in self._console if known.get(f"cai_{name}") is not None}
        for name, value in (self._templar.template(given) if given else {}).items():
            if value not in (None, known.get("omit"), self._console[name]):
                said = f"The host's cai_{name} is not that of the host for which the task runs."
                raise Unfit(_error("invalid_option", said, host))

    def _text(self, value: t.Any) -> str | None:
        is_plain = value is None or (isinstance(value, str) and "{" not in value)
        found = value if is_plain else self._templar.template(value)
        return None if found is None else str(found)

    def _own(self, host: str, known: t.Mapping[str, t.Any]) -> Wanted:
        name = str(self._document)
        if name not in known:
            where = "has no variable" if known else "is not in the inventory, so it has no variable"
            raise Unfit(_error("document_missing", f"The host {where} {name}.", host))
        wishes = _without(self._templar.template(known[name]), known.get("omit"))
        if not isinstance(wishes, t.Mapping):
            raise Unfit(_error("document_invalid", f"The variable {name} is no dictionary.", host))
        return self._checked(dict(wishes), name, host)

    def _checked(self, wishes: Result, name: str, host: str) -> Wanted:
        """Return the wishes of a host validated; those of thousands of hosts differ in few ways."""
        text = _as_text(wishes)
        if text is None:
            return self._validated(wishes, name, host)
        if text not in self._known:
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[text] = self._validated(wishes, name, host)
        return self._known[text]

    def _validated(self, wishes: Result, name: str, host: str | None = None) -> Wanted:
        keep_state(wishes, self._environ)
        valid = DOCUMENT.check(wishes, self._environ)
        if valid.error_messages:
            raise Unfit(_error("invalid_option", f"{name}: {valid.errors[0].msg}.", host), valid._no_log_values)
        try:
            work_at = work_at_targets(valid.validated_parameters)
        except ConsoleError as error:
            raise Unfit(error, valid._no_log_values) from None
        return valid.validated_parameters, work_at, frozenset(valid._no_log_values)


def _without(value: t.Any, omitted: t.Any) -> t.Any:
    """Leave out what is to be omitted; newer versions of Ansible have done so already, and have no word for it."""
    if not isinstance(omitted, str):
        return value
    if isinstance(value, t.Mapping):
        return {name: _without(inner, omitted) for name, inner in value.items() if inner != omitted}
    return [_without(inner, omitted) for inner in value if inner != omitted] if isinstance(value, list) else value


def _as_text(wishes: t.Mapping[str, t.Any]) -> str | None:
    """Return what tells wishes from others, also 1 from True; None where something is in them that has no such text."""
    try:
        return json.dumps(wishes)
    except (TypeError, ValueError):
        return None


def _error(code: str, message: str, host: str | None) -> ConsoleError:
    return ConsoleError(code, message, stage="options", target=host)
