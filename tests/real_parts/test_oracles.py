# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Other people's clients judge the bed: as is due, or as the list of differences says."""

from __future__ import annotations

import pytest

from .bed import Bed
from .mail import RealMail
from .oracles import DIFFERENCES, ORACLES, Asked, Oracle, asked

NAMES = [oracle.name for oracle in ORACLES]
#: How many of the cases each client can play; a client that plays none would agree with everything.
PLAYED = {"msmtp": 24, "curl": 31, "swaks": 23, "openssl": 10}


@pytest.fixture(scope="module")
def cases(bed: Bed) -> list[Asked]:
    return list(asked(bed))


@pytest.mark.parametrize("oracle", ORACLES, ids=NAMES)
def test_a_client_judges_as_is_due(mail: RealMail, cases: list[Asked], oracle: Oracle) -> None:
    known = {row.case: row.verdict for row in DIFFERENCES if row.oracle == oracle.name}
    found = {}
    for row in cases:
        # Whom one client made known is no stranger to the next.
        mail.greylist.forget()
        found[row.name] = oracle.check(row.case)
    played = {name: verdict for name, verdict in found.items() if verdict is not None}
    assert played == {row.name: known.get(row.name, row.due) for row in cases if row.name in played}
    assert len(played) == PLAYED[oracle.name]


def test_every_difference_is_one(cases: list[Asked]) -> None:
    due = {row.name: row.due for row in cases}
    for row in DIFFERENCES:
        assert row.oracle in NAMES
        assert row.verdict != due[row.case]
        assert row.reason.endswith(".")


def test_no_client_signs_in_where_the_certificate_is_bad(mail: RealMail, cases: list[Asked]) -> None:
    mark = mail.mark()
    for oracle in ORACLES:
        for row in cases:
            if row.name == "send-expired":
                oracle.check(row.case)
    counted = mark.counters("expired")
    assert counted.connections >= 3
    assert (counted.auth_ok, counted.auth_failed) == (0, 0)
