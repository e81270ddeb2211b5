# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``email_service_authorization`` is, as data."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.cai.console.plugins.module_utils._authorization import (
    Terms,
    confirm,
    forget,
    renew,
    show,
)
from ansible_collections.cai.console.plugins.module_utils._connection import CONNECTION_SPEC
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._moment import moment
from ansible_collections.cai.console.plugins.module_utils._secrets import check_given
from ansible_collections.cai.console.plugins.module_utils._tasks import SECRETS_SPEC, TARGET_SPEC, Task, at_target

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._tasks import Params, Spec, Work

AUTHORIZATION_SPEC: Spec = {
    "state": {"type": "str", "choices": ["status", "link", "confirmed", "absent"], "default": "status"},
    "renew_before_days": {"type": "int", "default": 30},
    "refresh_token_lifetime_days": {"type": "int", "default": 90, "no_log": False},
    "as_of": {"type": "str"},
    "last_completed_before": {"type": "str"},
    "wait": {"type": "float", "default": 0.0},
    "test": {"type": "bool", "default": True},
    "test_recipient": {"type": "str"},
    "refresh_token": {"type": "str", "no_log": True},
    "state_dir": SECRETS_SPEC["state_dir"],
}


def authorizing() -> Task:
    """Return the task about the console's own OAuth authorization."""
    works = {"status": show, "link": renew, "confirmed": confirm, "absent": forget}

    def prepare(params: Params) -> Work:
        terms = _authorization_terms(params)
        return at_target(params["target"], lambda console: works[params["state"]](console, terms))

    return Task({**CONNECTION_SPEC, **TARGET_SPEC, **AUTHORIZATION_SPEC}, prepare)


def _authorization_terms(params: Params) -> Terms:
    as_of = moment(params["as_of"]) if params["as_of"] else datetime.datetime.now(datetime.timezone.utc)
    if as_of is None:
        raise ConsoleError("invalid_option", f"as_of is {params['as_of']}, which is no time.", stage="options")
    if params["refresh_token"] is not None:
        check_given({"refresh_token": params["refresh_token"]})
    return Terms(
        lifetime_days=params["refresh_token_lifetime_days"],
        renew_before_days=params["renew_before_days"],
        as_of=as_of,
        before=params["last_completed_before"],
        wait=params["wait"],
        test=params["test"],
        recipient=params["test_recipient"],
        refresh_token=params["refresh_token"],
        state_dir=params["state_dir"],
    )
