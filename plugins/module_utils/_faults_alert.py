# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The error codes of the proof that alerts reach people, as rows of the catalogue: meaning, retryable, what to do."""

from __future__ import annotations

ALERT_FAULTS: dict[str, tuple[str, bool, str]] = {
    "alert_not_confirmed": (
        "The canary would set off an alert, which pages people, and confirm is not true. Nothing was sent.",
        False,
        "Tell those who get alerts, then set confirm=true; check mode says what would be done.",
    ),
    "alert_not_in_series": (
        "Several hosts of the play would set off alerts at the same time. Nothing was sent.",
        False,
        "Set throttle=1 for the task, serial=1 for the play, or limit the run to one host.",
    ),
    "canary_missing": (
        "The target has no process of this name at its address for processes. Nothing ran.",
        False,
        "Publish the canary to this target, and set process to its name in the address.",
    ),
    "canary_unknown": (
        "The canary ran, and which entry of the list of processes is its own cannot be told. Nothing was ended.",
        False,
        "Let the canary answer with its id (process_id_at), or set listed_as to its name in the list.",
    ),
    "canary_without_fault": (
        "The canary did not end in a fault that nothing catches.",
        False,
        "Let the process throw a fault outside every fault handler, then publish it again.",
    ),
    "alert_property_off": (
        "The canary was not suspended, since the target's server property is off.",
        False,
        "Switch on suspend_on_uncaught_fault of the target; it changes how all its processes behave.",
    ),
    "alert_process_option": (
        "The canary was not suspended, since its own option overrides the target's server property.",
        False,
        "Set the process's own option to suspend on an uncaught fault, or to the server's default; publish it again.",
    ),
    "alert_persistence_low": (
        "The canary was not suspended, since its persistence is too low for that.",
        False,
        "Set the process's persistence to Full or Persist, and publish it again; check your other processes too.",
    ),
    "alert_not_suspended": (
        "The canary was not suspended: by the target's property or by its own option, which of them is not known.",
        False,
        "Look at both in the console; or give control_process, or a console_binding, and run again.",
    ),
    "alert_not_sent": (
        "The canary was suspended, and no alert came.",
        False,
        "Check that the target's Alert Service is on, for the mailbox or service that is watched.",
    ),
    "alert_mail_lost": (
        "The canary was suspended, and the mail of its alert did not arrive, since the target's mail does not leave.",
        False,
        "Correct what the test of the target's mail names.",
    ),
    "alert_place_unreadable": (
        "The place where the alert should arrive cannot be read.",
        False,
        "Correct the option of arrival that is named here.",
    ),
}
