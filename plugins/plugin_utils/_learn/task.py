# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The task ``learn_binding``: its options, and what it does with them. A recording is read, and never copied."""

from __future__ import annotations

import datetime
import json
import os
import re
import secrets
import typing as t
from pathlib import Path

import yaml
from ansible_collections.cai.console.plugins.module_utils._bindings._options import SERVICE_OPTIONS
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.plugin_utils._learn import har, sheet
from ansible_collections.cai.console.plugins.plugin_utils._learn.bases import Source
from ansible_collections.cai.console.plugins.plugin_utils._learn.learner import Learner, Request

TARGET: dict[str, dict[str, t.Any]] = {
    "recording": {"type": "path"},
    "target_kind": {"type": "str", "choices": ["cloud", "agent"], "default": "cloud"},
    "target_id": {"type": "str", "default": ""},
    "target_name": {"type": "str", "default": ""},
}
SPEC: dict[str, dict[str, t.Any]] = {
    "step": {"type": "str", "choices": ["sheet", "learn"], "default": "sheet"},
    "seed": {"type": "str", "no_log": False},
    "scratch_target": {"type": "bool", "default": False},
    "secret_at_hand": {"type": "bool", "default": False, "no_log": False},
    **TARGET,
    "more_recordings": {
        "type": "list",
        "elements": "dict",
        "options": {**TARGET, "recording": {"type": "path", "required": True}},
    },
    "custom_service": {"type": "str"},
    "absent_options": {"type": "list", "elements": "str"},
    "name": {"type": "str", "default": "learned"},
    "describes": {"type": "str", "default": "a console whose pages were recorded"},
    "console_version": {"type": "str"},
    "learned_by": {"type": "str"},
    "dest": {"type": "path"},
}
RESTORE = (
    "At the end, while the browser still records, enter what stood there before, with the password, or settings that "
    "work. Press Test before you save: an answer that it went well shows how the console says so.",
    "Export the HAR with sensitive data before the page is left. It holds your session and what you typed: delete it "
    "when the binding is learned, and sign out.",
)
Result = dict[str, t.Any]


def run(params: t.Mapping[str, t.Any], *, check_mode: bool) -> Result:
    """Do what the options say; return the task's result, with ``failed`` where it failed."""
    try:
        return _sheet(params) if params["step"] == "sheet" else _learn(params, check_mode)
    except ConsoleError as error:
        return {"failed": True, "changed": False, **error.as_result()}


def _sheet(params: t.Mapping[str, t.Any]) -> Result:
    if not params["scratch_target"] and not params["secret_at_hand"]:
        raise _wrong(
            "Markers replace the password of the target, and nobody can read it back: set scratch_target=true for a "
            "target that nothing depends on, or secret_at_hand=true"
        )
    seed = _seed(params) if params["seed"] else secrets.token_hex(2)
    lines = [*sheet.lines(seed, params["custom_service"]), *RESTORE]
    return {"changed": False, "seed": seed, "sheet": lines}


def _seed(params: t.Mapping[str, t.Any]) -> str:
    seed = params["seed"] or ""
    if not re.fullmatch(r"[a-z0-9]{4,12}", seed):
        raise _wrong("seed must be the one of the sheet: 4 to 12 lower-case letters and digits")
    return str(seed)


def _learn(params: t.Mapping[str, t.Any], check_mode: bool) -> Result:
    if not params["recording"]:
        raise _wrong("step=learn needs recording")
    known = {option for options in SERVICE_OPTIONS.values() for option in options}
    absent = frozenset(params["absent_options"] or ())
    if absent - known:
        raise _wrong(f"absent_options names {', '.join(sorted(absent - known))}, which is no option of a service")
    request = Request(_seed(params), _meta(params), absent, params["custom_service"])
    learner = Learner(_source(params), [_source(row) for row in params["more_recordings"] or ()], request)
    binding = learner.learn()
    still = [row for row in learner.report if row["verdict"] == "open"]
    result: Result = {
        "changed": False,
        "binding": binding,
        "report": learner.report,
        "complete": not still,
        "open": [row["what"] for row in still],
    }
    return {**result, "changed": _write(params["dest"], binding, check_mode)} if params["dest"] else result


def _meta(params: t.Mapping[str, t.Any]) -> Result:
    now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    named = {name: params[name] for name in ("name", "describes", "console_version", "learned_by") if params[name]}
    return {**named, "learned_at": now}


def _source(row: t.Mapping[str, t.Any]) -> Source:
    try:
        path = Path(row["recording"])
        files = sorted(path.glob("*.har")) if path.is_dir() else [path]
        recording = har.read(*(file.read_bytes() for file in files))
    except OSError as error:
        raise _wrong(f"recording {row['recording']} cannot be read: {error.strerror}") from None
    except har.NotHar as error:
        raise _wrong(f"recording {row['recording']} is of no use: {error}") from None
    return Source(recording, row["target_kind"], row["target_id"], row["target_name"])


def _write(dest: str, binding: Result, check_mode: bool) -> bool:
    """Write the binding as YAML; say whether the file is another one than before, but for the time in it."""
    path = Path(dest)
    try:
        before = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else None
    except (OSError, ValueError, yaml.YAMLError):
        before = None
    if isinstance(before, dict) and _timeless(before) == _timeless(binding):
        return False
    if not check_mode:
        made = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            # What came through Ansible is of its own kinds of text, which YAML refuses to write.
            plain = json.loads(json.dumps(binding))
            made.write_text("---\n" + yaml.safe_dump(plain, sort_keys=False, width=140), encoding="utf-8")
            made.replace(path)
        except OSError as error:
            raise _wrong(f"dest {dest} cannot be written: {error.strerror}") from None
    return True


def _timeless(binding: Result) -> Result:
    meta = binding.get("meta")
    kept = {name: value for name, value in meta.items() if name != "learned_at"} if isinstance(meta, dict) else meta
    return {**binding, "meta": kept}


def _wrong(message: str) -> ConsoleError:
    return ConsoleError("invalid_option", f"{message}.", stage="options")
