# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the steps of a rollout share while a console is open: the crew, a look at a target, signals that end the run."""

from __future__ import annotations

import copy
import os
import time
import typing as t

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.plugin_utils._fleet._crew import LOOK_SECONDS, Crew, Gone
from ansible_collections.cai.console.plugins.plugin_utils._fleet._places import Places
from ansible_collections.cai.console.plugins.plugin_utils._fleet._preparing import Preparing

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._access import Access
    from ansible_collections.cai.console.plugins.module_utils._apply import Guard
    from ansible_collections.cai.console.plugins.module_utils._targets import Target
    from ansible_collections.cai.console.plugins.module_utils._tasks import Params, Result, Work
    from ansible_collections.cai.console.plugins.plugin_utils._fleet._model import Job, Outcome
    from ansible_collections.cai.console.plugins.plugin_utils._fleet._preparing import Make
    from ansible_collections.cai.console.plugins.plugin_utils._fleet._watch import Watch
    from ansible_collections.cai.console.plugins.plugin_utils._fleet._wishes import Wishes
    from ansible_collections.cai.console.plugins.plugin_utils._fleet.tasks import Surroundings

FOLDER = "rollout"
SUSPEND = "suspend_on_uncaught_fault"


class Ground:
    """Nothing is asked of the console before there is a host to work on."""

    def __init__(
        self,
        params: Params,
        around: Surroundings,
        wishes: Wishes,
        access: Access,
        watch: Watch,
    ) -> None:
        self.params = params
        self.around = around
        self.watch = watch
        self._wishes = wishes
        self._access = access
        self._places = Places(access)
        self._signed_in = bool(access.connection.session_id)

    def work_through(
        self,
        hosts: t.Sequence[str],
        make: Make,
        take: t.Callable[[Outcome], None],
        stops: t.Callable[[], bool] = lambda: False,
    ) -> None:
        """Do what ``make`` returns at each host; ``take`` gets what came of it, ``stops`` ends it early."""
        if not hosts:
            return
        if not self._signed_in:
            self._access.session.renew()
            self._signed_in = True
        crew = Crew(
            self.params["workers"],
            Preparing(self._wishes, self._places, self._access, self.around.hidden, make),
            stops=lambda: self.watch.is_ending or stops(),
            is_gone=self.watch.is_gone,
            tell=lambda outcome: take(outcome) if outcome else None,
        )
        crew.work_through(hosts)

    def say(self, text: str) -> None:
        """Show a line at once."""
        self.around.say(f"rollout: {text}")

    def wait(self, seconds: float) -> None:
        """Wait, unless the run is to end."""
        until = time.monotonic() + seconds
        while not self.watch.is_ending and (left := until - time.monotonic()) > 0:
            if self.watch.is_gone():
                raise Gone
            time.sleep(min(left, LOOK_SECONDS))


def look(job: Job, target: Target, guard: Guard | None = None) -> Work:
    """Return the work that tells what would change at a target. Where that is how faults are handled, the result has
    ``processes``: how many are ``faulted`` and ``suspended``, or why that is not known.
    """
    work = job.work_at(target.id, guard)
    wished = (job.params["server_properties"] or {}).get(SUSPEND)

    def there(access: Access) -> Result:
        looking = looking_only(access)
        result = work(looking)
        if wished is not None and any(row["field"] == SUSPEND for row in result["why"]):
            result["processes"] = _processes(looking, target)
        return result

    return there


def looking_only(access: Access) -> Access:
    """Return access over the same session that lets no write through."""
    looking = copy.copy(access)
    looking.check_mode = True
    return looking


def _processes(access: Access, target: Target) -> dict[str, t.Any]:
    try:
        return dict(access.console(target.id).process_counts())
    except ConsoleError as error:
        return dict.fromkeys(("faulted", "suspended"), f"unknown: {error.message}")


def folder_of(params: Params) -> str:
    """Return the folder of the rollout of this name."""
    return os.path.join(os.path.expanduser(params["state_dir"]), FOLDER, params["name"])


def plan_path(params: Params) -> str:
    """Return where the plan is."""
    return str(params["plan_file"] or os.path.join(folder_of(params), "plan.json"))


def ledger_folder(params: Params, digest: str) -> str:
    """Return where the runs of a plan note what they do."""
    return os.path.join(folder_of(params), digest[:16])
