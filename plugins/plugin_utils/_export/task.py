# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The task: what all targets have becomes files of variables."""

from __future__ import annotations

import dataclasses
import os
import typing as t

from ansible_collections.cai.console.plugins.module_utils._connection import CONNECTION_SPEC
from ansible_collections.cai.console.plugins.module_utils._edge import attempt
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.plugin_utils._export._files import plan_files, refuse_to_overwrite
from ansible_collections.cai.console.plugins.plugin_utils._export._lift import Lift
from ansible_collections.cai.console.plugins.plugin_utils._export._read import read_all
from ansible_collections.cai.console.plugins.plugin_utils._export._values import LOOKUPS, VARS, Found, collect
from ansible_collections.cai.console.plugins.plugin_utils._fleet import tasks as fleet
from ansible_collections.cai.console.plugins.plugin_utils._fleet._model import SPEC as FLEET_SPEC

if t.TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ansible_collections.cai.console.plugins.module_utils._tasks import Params, Spec
    from ansible_collections.cai.console.plugins.plugin_utils._export._files import File

Result = dict[str, t.Any]

SPEC: Spec = {
    **CONNECTION_SPEC,
    **{name: FLEET_SPEC[name] for name in ("targets", "workers", "requests_per_second", "progress_interval")},
    "dest": {"type": "path", "required": True},
    "document": {"type": "str", "default": "wishes"},
    "secret_lookup": {"type": "str", "choices": list(LOOKUPS), "default": VARS, "no_log": False},
    "overwrite": {"type": "bool", "default": False},
}
READ_ALL: Result = {"document": None, "common_document": {}, "max_failed": "100%", "journal": None}
"""As options of ``fleet``: one that cannot be read keeps nothing from being exported."""


def run(params: Params, around: fleet.Surroundings) -> Result:
    """Return the task's result. Nothing is written if anything is in the way."""

    def work() -> Result:
        _check(params)
        found = fleet.run({**params, **READ_ALL}, dataclasses.replace(around, check_mode=True), read_all)
        if "targets" not in found:
            return found
        wishes = collect(found["targets"], params["secret_lookup"])
        files = _plan(params, wishes, around.groups)
        changed = [file for file in files if file.is_changed]
        if not around.check_mode:
            _write(changed)
        return {
            "changed": bool(changed),
            "files": [os.path.relpath(file.path, params["dest"]) for file in files],
            **_told(wishes),
            **({"diff": [file.diff() for file in changed]} if around.diff else {}),
        }

    return attempt(work, {})


def _check(params: Params) -> None:
    if not params["document"].isidentifier():
        said = f"document is {params['document']}, which is no name of a variable."
        raise ConsoleError("invalid_option", said, stage="options")


def _plan(params: Params, found: Found, groups: Mapping[str, Sequence[str]]) -> list[File]:
    placed = Lift(found.wishes, params["document"], params["secret_lookup"]).place(groups)
    folder = params["dest"]
    files = [*plan_files(folder, "group_vars", placed.groups), *plan_files(folder, "host_vars", placed.hosts)]
    if not params["overwrite"]:
        refuse_to_overwrite(files)
    return files


def _write(files: Sequence[File]) -> None:
    try:
        for file in files:
            file.write()
    except OSError as error:
        said = f"dest: {error.filename} cannot be written: {error.strerror}."
        raise ConsoleError("invalid_option", said, stage="options") from None


def _told(found: Found) -> Result:
    return {
        "exported_hosts": list(found.wishes),
        "left_out": [{"host": host, "msg": why} for host, why in found.left_out.items()],
        "secrets": [
            {"name": name, "option": secret.option, "owner": secret.owner[0], "hosts": list(found.users[secret])}
            for secret, name in sorted(found.secrets.items(), key=lambda pair: pair[1])
        ],
    }
