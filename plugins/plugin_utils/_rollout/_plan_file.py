# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan: what each target holds and is wished to hold, as a file without secrets and a digest of that."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import typing as t

from ansible_collections.cai.console.plugins.module_utils._apply import SERVICES
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._files import keep
from ansible_collections.cai.console.plugins.module_utils._memory import Memory, Place
from ansible_collections.cai.console.plugins.module_utils._plan import flatten, leaves
from ansible_collections.cai.console.plugins.plugin_utils._rollout._model import Row

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.plugin_utils._fleet._model import Job

VERSION = 1
CHANGE, UNCHANGED, DOWN, FAILED, SHARED = "change", "unchanged", "down", "failed", "shared"
NOT_WISHES = ("state_dir", "fingerprint_key", "known_fingerprints", "previous_secret", *(it.name for it in SERVICES))


@dataclasses.dataclass
class PlanRow(Row):
    """``status``: ``change``, ``unchanged``, ``down``, ``failed`` or ``shared``. ``processes``: where the handling of
    faults changes, how many processes are ``faulted`` and ``suspended``.
    """

    before_digest: str | None = None
    wishes_digest: str | None = None
    processes: dict[str, t.Any] | None = None


@dataclasses.dataclass(frozen=True)
class Plan:
    """``made``: time in UTC, ISO 8601."""

    name: str
    made: str
    rows: list[PlanRow]

    def digest(self) -> str:
        """Return the digest of what the plan says of each target; counts of processes and the time are left out."""
        what = [
            [row.host, (row.target or {}).get("id"), row.status, row.before_digest, row.wishes_digest, row.changes]
            for row in sorted(self.rows, key=lambda row: row.host)
        ]
        return hashlib.sha256(json.dumps([self.name, what], sort_keys=True).encode()).hexdigest()

    def by_host(self) -> dict[str, PlanRow]:
        """Return the rows by their hosts."""
        return {row.host: row for row in self.rows}

    def write(self, path: str) -> None:
        """Replace the file: whole, or not at all."""
        rows = [dataclasses.asdict(row) for row in self.rows]
        content = {"version": VERSION, "digest": self.digest(), "name": self.name, "made": self.made, "targets": rows}
        try:
            keep(path, content)
        except OSError as error:
            raise ConsoleError(
                "state_dir_unusable", f"{path} cannot be written: {error.strerror}.", stage="options"
            ) from None

    @classmethod
    def read(cls, path: str) -> Plan | None:
        """Return the plan of a file, None where there is none; a ConsoleError where it is not whole, or is newer."""
        try:
            with open(path, encoding="utf-8") as stream:
                content = json.load(stream)
            if content["version"] > VERSION:
                raise ConsoleError("state_too_new", f"{path} has the version {content['version']}.", stage="options")
            plan = cls(content["name"], content["made"], [PlanRow(**row) for row in content["targets"]])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError):
            raise ConsoleError("plan_unknown", f"{path} cannot be read as a plan.", stage="options") from None
        if plan.digest() != content.get("digest"):
            raise ConsoleError("plan_unknown", f"{path} is not as it was written.", stage="options")
        return plan


def find_plan(digest: str, paths: t.Sequence[str]) -> Plan:
    """Return the plan with this digest; a ConsoleError that names the digest of the plan that is there instead."""
    seen = []
    for path in paths:
        plan = Plan.read(path)
        if plan and plan.digest() == digest:
            return plan
        seen.append(f"{path} has the digest {plan.digest()}" if plan else f"{path} does not exist")
    raise ConsoleError("plan_unknown", f"No plan has the digest {digest}: {'; '.join(seen)}.", stage="options")


def digest_of_wishes(job: Job, state_dir: str, key: str | None) -> str:
    """Return a digest of a target's wishes. Secrets take part by keyed fingerprints, as they are kept in state_dir."""
    settings: dict[str, t.Any] = {name: value for name, value in job.params.items() if name not in NOT_WISHES}
    secrets: dict[str, str] = {}
    for service in SERVICES:
        flat = flatten(job.params[service.name] or {})
        hidden = {secret.name for secret in service.secrets}
        settings[service.name] = {path: value for path, value in flat.items() if path not in hidden}
        secrets.update({path: value for path, value in flat.items() if path in hidden})
    place = Place("rollout", job.target, "wishes")
    fingerprints = Memory(os.path.expanduser(state_dir), key).fingerprints(place, secrets, None)
    return hashlib.sha256(json.dumps([settings, fingerprints], sort_keys=True, default=str).encode()).hexdigest()


def changes_of(diff: t.Mapping[str, t.Any] | None) -> list[dict[str, t.Any]]:
    """Return ``[{"service", "field", "from", "to"}]`` of a diff over services."""
    before, after = (diff or {}).get("before") or {}, (diff or {}).get("after") or {}
    rows = []
    for service in after:
        old, new = leaves(before.get(service, {})), leaves(after[service])
        rows += [
            {"service": service, "field": path, "from": old.get(path), "to": value}
            for path, value in new.items()
            if old.get(path) != value
        ]
    return rows
