# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rollout may cost, as far as it can be counted: sign-ins, requests, writes, processes that are left."""

from __future__ import annotations

from typing import Any

import pytest
from cache_support.runs import Ledger, Runner
from cai_lab.control_client import LabControl

DISCOVERY = 5
EMAIL = {"enabled": True, "host": "m.example.org", "port": 25, "username": "a@example.org", "password": "Gates-pw1"}
ALERT = {"enabled": True, "action": "send_email", "email": "operations@example.org"}
SUSPEND = {"suspend_on_uncaught_fault": True}
ROLLOUTS: dict[str, tuple[list[dict[str, Any]], int]] = {
    "email_service": ([{"cai.console.email_service": EMAIL}], 1),
    "execution_target": (
        [
            {
                "cai.console.execution_target": {
                    "email_service": EMAIL,
                    "alert_service": ALERT,
                    "server_properties": SUSPEND,
                }
            }
        ],
        3,
    ),
    "three tasks": (
        [
            {"cai.console.server_properties": SUSPEND},
            {"cai.console.email_service": EMAIL},
            {"cai.console.alert_service": ALERT},
        ],
        3,
    ),
}


@pytest.mark.parametrize("number", [5, 30])
@pytest.mark.parametrize("rollout", ROLLOUTS)
def test_a_second_run_reads_each_service_once_and_writes_nothing(
    rollout: str, number: int, runner: Runner, lab: LabControl, link: dict[str, Any]
) -> None:
    """Whatever the number of targets: one sign-in, one sign-out, few requests to find them, no process left."""
    tasks, services = ROLLOUTS[rollout]
    last = lab.add_agents(number)
    hosts = [f"bulk-{index:04d}" for index in range(last - number + 1, last + 1)]
    remembered = {"CAI_FINGERPRINT_KEY": "k" * 32, "CAI_STATE_DIR": str(runner.folder / "remembered")}
    for run_number in ("first", "second"):
        ledger = Ledger(lab)
        run = runner.start(tasks, link, hosts=hosts, **remembered)
        run.succeed()
        assert (ledger.number("sign_in"), ledger.number("sign_out")) == (1, 1)
        ledger.assert_signed(1)
        run.assert_nothing_left()
        writes = ledger.operations(mutates=True)
        if run_number == "first":
            assert len(writes) == number * services
        else:
            assert writes == []
            others = len(ledger.operations()) - number * services
            assert 0 < others <= DISCOVERY
            assert run.output.count("changed=0") == number
