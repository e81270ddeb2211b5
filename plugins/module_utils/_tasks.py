# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each module is, as data: its argument spec, and the work that its parameters ask for."""

from __future__ import annotations

import os
import typing as t

from ansible_collections.cai.console.plugins.module_utils._access import require_target
from ansible_collections.cai.console.plugins.module_utils._apply import SERVICES, Guard, apply_service, apply_target
from ansible_collections.cai.console.plugins.module_utils._authorization import as_read
from ansible_collections.cai.console.plugins.module_utils._connection import CONNECTION_SPEC
from ansible_collections.cai.console.plugins.module_utils._environment import environment
from ansible_collections.cai.console.plugins.module_utils._memory import Memory
from ansible_collections.cai.console.plugins.module_utils._plan import Wishes, flatten, nest
from ansible_collections.cai.console.plugins.module_utils._secrets import check_given
from ansible_collections.cai.console.plugins.module_utils._targets import list_targets
from ansible_collections.cai.console.plugins.module_utils._transaction import Terms

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._access import Access
    from ansible_collections.cai.console.plugins.module_utils._console import Console
    from ansible_collections.cai.console.plugins.module_utils._resources._service import Service

Spec = t.Dict[str, t.Dict[str, t.Any]]
Params = t.Mapping[str, t.Any]
Result = t.Dict[str, t.Any]
Work = t.Callable[[t.Any], Result]
WorkAt = t.Callable[..., Work]

TARGET_SPEC: Spec = {"target": {"type": "str"}}
SECRETS_SPEC: Spec = {
    "update_secrets": {
        "type": "str",
        "choices": ["when_changed", "always", "on_create"],
        "default": "when_changed",
        "aliases": ["update_password"],
        "no_log": False,
    },
    "on_unknown_secret": {"type": "str", "choices": ["send", "keep", "fail"], "no_log": False},
    "reuse_stored_secret": {"type": "bool", "default": False, "no_log": False},
    "state_dir": {"type": "path", "default": "~/.ansible/cai_console", "fallback": environment("CAI_STATE_DIR")},
    "fingerprint_key": {"type": "str", "no_log": True, "fallback": environment("CAI_FINGERPRINT_KEY")},
    "known_fingerprints": {"type": "dict"},
}
TRANSACTION_SPEC: Spec = {
    "test": {"type": "str", "choices": ["none", "before", "after", "both"], "default": "none"},
    "test_when": {"type": "str", "choices": ["changed", "always"], "default": "changed"},
    "test_recipient": {"type": "str"},
    "on_test_failure": {"type": "str", "choices": ["fail", "rollback", "disable", "warn"], "default": "fail"},
    "previous_secret": {"type": "str", "no_log": True},
    "accept_alert_gap": {"type": "bool", "default": False},
}


class Task(t.NamedTuple):
    """What a module is, as data: its argument ``spec``, and ``prepare``, which checks the parameters without a request
    and returns the work, which takes an ``Access``. ``uses_console``: whether these parameters need a console at all;
    where they do not, no connection option is needed, and the work gets a ``NoConsole``. ``needs_binding``: whether
    it works on a target's services, for which a binding has to be given.
    """

    spec: Spec
    prepare: t.Callable[[Params], Work]
    uses_console: t.Callable[[Params], bool] = lambda params: True
    needs_binding: bool = True


def converging(service: Service) -> Task:
    """Return the task that brings ``service`` to what its parameters say."""

    def prepare(params: Params) -> Work:
        wishes = _wishes(service, {name: params[name] for name in service.options}, params)
        memory, terms = (_memory(params, wishes), _terms(params)) if service.secrets else (Memory(None, None), Terms())
        return at_target(params["target"], lambda console: apply_service(service, console, wishes, memory, terms))

    more = {**SECRETS_SPEC, **TRANSACTION_SPEC} if service.secrets else {}
    return Task({**CONNECTION_SPEC, **TARGET_SPEC, **service.options, **more}, prepare)


def converging_target() -> Task:
    """Return the task that brings all services of a target to what its parameters say."""
    services: Spec = {service.name: {"type": "dict", "options": service.options} for service in SERVICES}
    more: Spec = {**SECRETS_SPEC, **TRANSACTION_SPEC, "require_suspend": {"type": "bool", "default": False}}
    spec = {**CONNECTION_SPEC, **TARGET_SPEC, **services, **more}
    return Task(spec, lambda params: work_at_targets(params)(params["target"]))


def work_at_targets(params: Params) -> WorkAt:
    """Check the parameters of ``converging_target``, but for the target; return what returns the work at any target.

    It gets the target's name or id, and a ``guard``, if any, that has the last word before a write.
    """
    wishes = {
        service.name: _wishes(service, params[service.name], params)
        for service in SERVICES
        if flatten(params[service.name] or {})
    }
    known, terms, suspend = _memory(params, *wishes.values()), _terms(params), params["require_suspend"]

    def work_at(target: str | None, guard: Guard | None = None) -> Work:
        memory = known.again()
        return at_target(
            target, lambda it: apply_target(wishes, it, memory, terms, require_suspend=suspend, guard=guard)
        )

    return work_at


def _wishes(service: Service, options: Params, params: Params) -> Wishes:
    """Return what the options of ``service`` ask for; an option that can never be right is refused here."""
    given = flatten(options)
    names = {secret.name for secret in service.secrets}
    wishes = Wishes(
        settings={path: value for path, value in given.items() if path not in names},
        secrets={path: value for path, value in given.items() if path in names},
        update_secrets=params.get("update_secrets", "when_changed"),
        on_unknown_secret=params.get("on_unknown_secret"),
        reuse_stored_secret=params.get("reuse_stored_secret", False),
    )
    service.check_given(wishes.settings)
    check_given(wishes.secrets)
    return wishes


def _memory(params: Params, *wishes: Wishes) -> Memory:
    """Return the memory that the parameters name; where it is new, a job runner's user learns what to keep."""
    folder = params["state_dir"]
    memory = Memory(
        os.path.expanduser(folder) if folder else None, params["fingerprint_key"], params["known_fingerprints"]
    )
    needed = any(wish.secrets and wish.update_secrets == "when_changed" for wish in wishes)
    if needed and memory.is_new():
        memory.warnings.append(
            f"Nothing is known yet of secrets that were sent before: {folder} is new. Keep it between runs, or give "
            "known_fingerprints and fingerprint_key; otherwise every run sends the secrets again."
        )
    return memory


def _terms(params: Params) -> Terms:
    if params["previous_secret"] is not None:
        check_given({"previous_secret": params["previous_secret"]})
    return Terms(
        test=params["test"],
        test_when=params["test_when"],
        recipient=params["test_recipient"],
        on_failure=params["on_test_failure"],
        previous_secret=params["previous_secret"],
        accept_alert_gap=params["accept_alert_gap"],
    )


def reading(service: Service) -> Task:
    """Return the task that reads ``service``: settings, what can only be read, and the secrets' states."""

    def read(console: Console) -> Result:
        stored = console.read(service.name)
        result: Result = {"changed": False, service.name: nest({**stored.settings, **stored.facts})}
        result[service.name].update(as_read(stored.facts))
        return {**result, "secrets": stored.secrets} if service.secrets else result

    return Task({**CONNECTION_SPEC, **TARGET_SPEC}, lambda params: at_target(params["target"], read))


def listing_targets() -> Task:
    """Return the task that lists the organisation's execution targets."""

    def work(access: Access) -> Result:
        return {"changed": False, "targets": [target.as_dict() for target in list_targets(access.session)]}

    return Task(dict(CONNECTION_SPEC), lambda params: work)


def at_target(target: str | None, work: t.Callable[[Console], Result]) -> Work:
    """Return ``work`` at the target with this name or id; its result names the target."""
    name = require_target(target)

    def there(access: Access) -> Result:
        console = access.console(name)
        return {**work(console), "target": console.target.as_name()}

    return there
