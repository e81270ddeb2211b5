# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user's own binding adds to the proof: the settings that decide, and a test of the target's mail."""

from __future__ import annotations

import typing as t

from ansible_collections.cai.console.plugins.module_utils._alert._model import Known
from ansible_collections.cai.console.plugins.module_utils._console import Console
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._faults_smtp import SMTP_FAULTS
from ansible_collections.cai.console.plugins.module_utils._mail_test import smtp_testing

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._access import Access
    from ansible_collections.cai.console.plugins.module_utils._smtp._ledger import ProbeLedger
    from ansible_collections.cai.console.plugins.module_utils._targets import Target

# A binding that does not fit is no reason to leave a proof undone that needs none.
UNREADABLE = ("not_bound", "binding_open", "unexpected_reply", "not_json", "not_found")
JOINED = ("verdict", "failed_stage", "code", "enhanced_code", "who", "cause", "remedy", "findings")
Binding = t.Mapping[str, t.Any]


def read_known(access: Access, target: Target, binding: Binding | None) -> Known:
    """Read what the binding has of the property and the Alert Service; nothing of what it cannot read."""
    if binding is None:
        return Known()
    console = Console(access.session, access.transport, access.connection, dict(binding), target, read_only=True)

    def settings(service: str) -> dict[str, t.Any] | None:
        try:
            return dict(console.read(service).settings) if service in console.bound_services() else None
        except ConsoleError as error:
            if error.code in UNREADABLE:
                return None
            raise

    suspends = (settings("server_properties") or {}).get("suspend_on_uncaught_fault")
    return Known(suspends if isinstance(suspends, bool) else None, settings("alert_service"))


def test_mail(
    access: Access, params: t.Mapping[str, t.Any], known: Known, ledger: ProbeLedger | None
) -> dict[str, t.Any] | None:
    """Let the target's console test its mail, to where its alerts go, and return the result as M(cai.console.smtp_test)
    has it; None where the binding does not know how, so that nothing is said of the mail.
    """
    recipient = (known.alert_service or {}).get("email")
    task = smtp_testing(ledger)
    defaults = {name: option.get("default") for name, option in task.spec.items()}
    own = {name: params[name] for name in task.spec if name.startswith("console_")}
    asked = {**defaults, **own, "target": params["target"], "vantage": "console", "recipient": recipient}
    try:
        return task.prepare(asked)(access)
    except ConsoleError as error:
        return error.as_result() if error.code in SMTP_FAULTS else None


def joined(mail: t.Mapping[str, t.Any] | None) -> dict[str, t.Any] | None:
    """Return what of a test of the mail belongs into the result."""
    return None if mail is None else {name: mail.get(name) for name in JOINED}
