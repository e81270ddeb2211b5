# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The budgets: one for each stage, one for the whole."""

from __future__ import annotations

import pytest
from ansible_collections.cai.console.plugins.module_utils._smtp._clock import Budget
from ansible_collections.cai.console.plugins.module_utils._smtp._model import (
    STAGE_SECONDS,
    STAGES,
    Settings,
    StageFault,
)


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_every_stage_of_a_session_has_a_budget_and_a_sign_in_has_more_than_ten_seconds():
    assert set(STAGE_SECONDS) == set(STAGES) - {"delivered"}
    assert STAGE_SECONDS["auth"] > 10


def test_a_stage_has_its_seconds_and_no_more(clock):
    budget = Budget(Settings("h", 25, stage_budget={"ehlo": 7.0}), clock)
    for stage, seconds in (("ehlo", 7.0), ("auth", STAGE_SECONDS["auth"])):
        budget.enter(stage)
        assert budget.left() == seconds
        clock.now += seconds
        with pytest.raises(StageFault, match=rf"The stage {stage} was not done within {seconds:g} s"):
            budget.left()


def test_the_whole_ends_before_a_stage_has_used_its_own(clock):
    budget = Budget(Settings("h", 25, budget=50.0), clock)
    budget.enter("banner")
    clock.now += 20
    budget.enter("auth")
    assert budget.left() == 30
    clock.now += 30
    with pytest.raises(StageFault, match="The whole probe was not done within 50 s") as fault:
        budget.left()
    assert fault.value.error_code == "smtp_timeout"
    assert budget.remains() == 0
