# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bindings that are files of the controller: found, read, checked once in a run, and passed on as JSON.

Every task runs in a new process. So what was checked is kept in the run's own folder, which only its user can write to;
reading that back costs next to nothing, checking does not.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import typing as t
from pathlib import Path

import yaml
from ansible.errors import AnsibleError
from ansible_collections.cai.console.plugins.module_utils._binding import know_binding
from ansible_collections.cai.console.plugins.module_utils._bindings import _load
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._files import replace_file
from ansible_collections.cai.console.plugins.plugin_utils._run_folder import run_folder

if t.TYPE_CHECKING:
    from ansible.plugins.action import ActionBase

LOADER: t.Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
ENDINGS = (".yml", ".yaml", ".json")


def is_file(given: t.Any) -> bool:
    """Whether a value of ``console_binding`` means a file, rather than a name or a binding's own content."""
    return isinstance(given, str) and not given.lstrip().startswith("{") and ("/" in given or given.endswith(ENDINGS))


def take_along(name: str, find: t.Callable[[str], str], folder: str | None = None) -> str:
    """Return the content of the file ``name`` as JSON, checked, and known in this process. ``find`` returns its path.

    ``folder``: where what was checked is kept; the run's own unless told. A ConsoleError names the file, and the place
    in it that is wrong.
    """
    try:
        data = Path(find(name)).read_bytes()
    except (OSError, AnsibleError):
        raise ConsoleError(
            "invalid_option", f"console_binding is {name}, a file that cannot be read here.", stage="options"
        ) from None
    kept = Path(folder or run_folder()) / f"cai-binding-{hashlib.sha256(data).hexdigest()}.json"
    try:
        text = kept.read_text(encoding="utf-8")
        binding = json.loads(text)
    except (OSError, ValueError):
        binding = read_binding(data, name)
        text = json.dumps(binding)
        _keep(kept, text)
    know_binding(text, binding)
    return text


def take_bindings_along(
    action: ActionBase, spec: t.Mapping[str, t.Any], arguments: dict[str, t.Any], environ: t.Mapping[str, str]
) -> None:
    """Where options of an action name files with bindings, let their content stand there."""

    def find(name: str) -> str:
        return str(action._find_needle("files", name))

    given = arguments.get("console_binding") or environ.get("CAI_CONSOLE_BINDING")
    if "console_binding" in spec and is_file(given):
        arguments["console_binding"] = take_along(str(given), find)
    more = arguments.get("bindings")
    if "bindings" in spec and isinstance(more, list):
        arguments["bindings"] = [take_along(row, find) if is_file(row) else row for row in more]


def read_binding(data: bytes, name: str) -> dict[str, t.Any]:
    """Return the binding that a file in YAML or JSON holds, checked."""
    if len(data) > _load.MAX_BYTES:
        raise ConsoleError(
            "binding_invalid", f"The binding {name} has more than {_load.MAX_BYTES} bytes.", stage="binding"
        )
    try:
        found = yaml.load(data, LOADER)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark else ""
        raise ConsoleError("binding_invalid", f"The binding {name} is not YAML{where}.", stage="binding") from None
    return _load.checked(found, name)


def _keep(path: Path, text: str) -> None:
    """Write it so that another worker finds all of it or nothing. Where that fails, it is checked again next time."""
    with contextlib.suppress(OSError):
        replace_file(str(path), text.encode())
