# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of saving as a transaction."""

from __future__ import annotations


class ModuleDocFragment:
    """The options that decide what is tested, and what happens to a configuration that fails its test."""

    DOCUMENTATION = r"""
options:
  test:
    description:
      - Whether the console tests the Email Service. The console then sends a mail. Nothing is tested in check mode.
      - V(before) lets it test the new settings before they are saved, V(after) what it has stored, V(both) both.
      - That a console can test settings that are not saved is assumed; the binding says whether it can.
    type: str
    choices: [none, before, after, both]
    default: none
  test_when:
    description:
      - V(changed) tests if something changes, or if an earlier run saved and did not see its test pass.
      - V(always) tests each time. A test is never a change.
    type: str
    choices: [changed, always]
    default: changed
  test_recipient:
    description: Recipient of the test mail. Whether the console needs one is not documented.
    type: str
  on_test_failure:
    description:
      - What happens if the test fails. With V(warn) the task goes on, and otherwise it fails.
      - V(fail) leaves the settings as they are.
      - V(rollback) saves the former settings again. Where the task replaced a secret, the former one must be given as
        O(previous_secret), or the task is refused before it writes.
      - V(disable) switches the service off. If it was on, that must be accepted with O(accept_alert_gap=true), or the
        task is refused before it writes.
    type: str
    choices: [fail, rollback, disable, warn]
    default: fail
  previous_secret:
    description: The secret that a rollback gives back to the console.
    type: str
  accept_alert_gap:
    description: Accept that a service that works now may end up switched off, so that alerts by mail stop.
    type: bool
    default: false
"""
