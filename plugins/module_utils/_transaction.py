# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Save as a transaction: test before, save, test after, and what happens to a configuration that fails its test.

Whether a test runs, and whether anything is written in check mode, is decided here and nowhere else.
"""

from __future__ import annotations

import typing as t

from ansible_collections.cai.console.plugins.module_utils._console import TestOutcome
from ansible_collections.cai.console.plugins.module_utils._converge import Change, let_go, save
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._memory import Entry, Memory

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._binding import Settings, Stored
    from ansible_collections.cai.console.plugins.module_utils._console import Console


class Terms(t.NamedTuple):
    """The transaction options of a task; see the module's documentation for the words."""

    test: str = "none"
    test_when: str = "changed"
    recipient: str | None = None
    on_failure: str = "fail"
    previous_secret: str | None = None
    accept_alert_gap: bool = False


class Transaction:
    """Carries out one change of one service. ``report`` holds what the task's result says of it."""

    def __init__(self, change: Change, console: Console, memory: Memory, terms: Terms) -> None:
        self.change = change
        self._console = console
        self._memory = memory
        self._terms = terms
        # An earlier run saved this, and ended or failed before its test passed.
        self._unproven = change.entry.tested is False
        due = change.plan.changed or terms.test_when == "always" or self._unproven
        self._before = due and terms.test in ("before", "both")
        self._after = due and terms.test in ("after", "both")
        self._saved: Stored | None = None
        self.warnings: list[str] = []
        self.report: dict[str, t.Any] = {
            "tested": False,
            "test_results": [],
            "rolled_back": False,
            "state_left": "unchanged",
            "alert_gap": None,
            "fingerprints": memory.kept(change.entry),
        }

    def all_warnings(self) -> list[str]:
        """Return what the plan and the tests warn of."""
        return [*self.change.plan.warnings, *self.warnings]

    def check(self) -> None:
        """Refuse, before anything is written, what could not be undone as the options ask."""
        if not self._after:
            return
        lost = [name for name in self.change.secrets() if self._was_used(name)]
        if self._terms.on_failure == "rollback" and lost and not self._terms.previous_secret:
            raise ConsoleError("previous_secret_required", f"{', '.join(lost)} would be replaced.", stage="plan")
        may_disable = self._terms.on_failure == "disable" and (self.change.plan.changed or self._unproven)
        if may_disable and self._works() and not self._terms.accept_alert_gap:
            title = self.change.service.title
            raise ConsoleError("alert_gap_not_accepted", f"The {title} is on, and could end up off.", stage="plan")

    def carry_out(self) -> Settings:
        """Do it, unless this is check mode, and return the settings that are stored, or would be."""
        if self._unproven and self._terms.test != "none":
            self.warnings.append(f"An earlier run saved the {self.change.service.title} and did not see its test pass.")
        if self._console.read_only:
            return self.change.plan.after
        if self._before:
            self._test("before", candidate=True)
        if self.change.plan.changed:
            self._save()
        if self._after:
            self._test("after", candidate=False)
        if self._before or self._after or not self._saved:
            self._remember(tested=self.report["tested"] if self.report["test_results"] else self.change.entry.tested)
        return self._saved.settings if self._saved else self.change.plan.after

    def _works(self) -> bool:
        return bool(self.change.stored.settings.get("enabled"))

    def _was_used(self, name: str) -> bool:
        """Whether the console may have held the secret before."""
        secret = next(secret for secret in self.change.service.secrets if secret.name == name)
        state = self.change.stored.secrets[name]
        return state != "unset" and bool(self.change.stored.settings[secret.owner])

    def _save(self) -> None:
        change = self.change
        self._expect_end()
        settings, secrets = change.plan.after, change.secrets()
        self._saved = save(change.service, self._console, change.stored, settings, secrets, self.warnings)
        bound = self._console.service(change.service.name)
        gone = let_go(bound, change.stored, change.plan.after, self._saved)
        if gone:
            self.warnings.append(f"The console let go of {', '.join(gone)}, which the task did not change.")
        self.report["state_left"] = "saved"
        self._remember(tested=False if self._after else None)

    def _expect_end(self) -> None:
        """Remember what has to be known if this run ends before the save is through."""
        change, known = self.change, self.change.entry.fingerprints
        # Where no stamp moves with the save, the former secret could be taken for the one that is stored.
        certain = known
        if not change.stored.stamp:
            certain = {name: kept for name, kept in known.items() if name not in change.secrets()}
        if self._after or certain != known:
            self._memory.keep(change.place, Entry(certain, False if self._after else change.entry.tested))

    def _remember(self, tested: bool | None, held: t.Mapping[str, str] | None = None) -> None:
        """Keep the fingerprints of what the console holds now, under the stamp that it has now."""
        change, now = self.change, self._saved or self.change.stored
        if not change.service.secrets:
            return
        keeps = not self._saved or self._console.service(change.service.name).get("omitted_secret") == "kept"
        carried = self._memory.carried(change.entry, change.stored.stamp, now.stamp) if keeps else {}
        fingerprints = {
            **{name: kept for name, kept in carried.items() if name not in change.secrets()},
            **self._memory.fingerprints(change.place, change.held() if held is None else held, now.stamp),
        }
        entry = Entry(fingerprints, tested)
        if self._saved or entry != change.entry:
            self._memory.keep(change.place, entry)
        self.report["fingerprints"] = fingerprints

    def _test(self, phase: str, *, candidate: bool) -> None:
        change = self.change
        try:
            outcome = self._console.test(
                change.service.name,
                change.stored if candidate else None,
                change.plan.after,
                change.secrets(),
                self._terms.recipient,
            )
        except ConsoleError as error:
            if error.stage != "test":
                raise
            outcome = TestOutcome(False, None, None, error.message)
        self.report["test_results"].append({"phase": phase, **outcome._asdict()})
        self.report["tested"] = outcome.ok
        if not outcome.ok:
            self._failed(phase, outcome)

    def _failed(self, phase: str, outcome: TestOutcome) -> None:
        where = f" at the stage {outcome.stage}" if outcome.stage else ""
        said = f"The console's test {phase} saving failed{where}: {outcome.message.rstrip('.')}."
        if self._terms.on_failure == "warn":
            self.warnings.append(said)
            return
        if phase == "after" and (self._saved or self._unproven and self._terms.on_failure == "disable"):
            since = (self._saved or self.change.stored).stamp
            said += self._undo()
            self._note_gap(since)
        changed = self.report["state_left"] in ("saved", "disabled")
        raise ConsoleError("test_failed", said, stage="test", details={"changed": changed, **self.report})

    def _undo(self) -> str:
        """Roll back or switch off, as the options say; return what could not be done, as the rest of a message."""
        change, now = self.change, self._saved or self.change.stored
        try:
            if self._terms.on_failure == "rollback":
                secrets = {
                    name: self._terms.previous_secret if self._was_used(name) else None for name in change.secrets()
                }
                self._saved = save(change.service, self._console, now, change.stored.settings, secrets)
                self.report.update(rolled_back=True, state_left="previous")
                self._remember(tested=None, held={name: secret for name, secret in secrets.items() if secret})
            elif self._terms.on_failure == "disable":
                self._saved = save(change.service, self._console, now, {**now.settings, "enabled": False}, {})
                self.report["state_left"] = "disabled"
        except ConsoleError as error:
            return f" It could not be undone: {error.message}"
        return ""

    def _note_gap(self, since: str | None) -> None:
        """Say for how long a service that worked did not, and which processes were suspended meanwhile."""
        if not self._works():
            return
        until = self._saved.stamp if self._saved and self.report["rolled_back"] else None
        gap: dict[str, t.Any] = {"from": since, "to": until}
        try:
            gap.update(self._console.suspended(since, until))
        except ConsoleError as error:
            gap["suspended_count"] = f"unknown: {error.message}"
        self.report["alert_gap"] = gap
