# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Other people's clients and the probe judge the same cases. Where a client's verdict is not the probe's, the list of
differences says why, or the test fails.
"""

from __future__ import annotations

import pytest

from .bed import Bed
from .mail import RealMail
from .oracles import DIFFERENCES, ORACLES, Asked, Oracle, Ours, Verdict, asked

NAMES = [oracle.name for oracle in ORACLES]
#: How many of the cases each client can play; a client that plays none would agree with everything.
PLAYED = {"msmtp": 24, "curl": 31, "swaks": 23, "openssl": 10}


@pytest.fixture(scope="module")
def cases(bed: Bed) -> list[Asked]:
    return list(asked(bed))


@pytest.fixture(scope="module")
def ours(bed: Bed, cases: list[Asked]) -> dict[str, Verdict]:
    """What the probe says of each case."""
    found = played(Ours(), bed.mail, cases)
    bed.mail.reset()
    return found


def played(oracle: Oracle, mail: RealMail, cases: list[Asked]) -> dict[str, Verdict]:
    """Let a client play; what it cannot play is left out."""
    found = {}
    for row in cases:
        # Whom one client made known is no stranger to the next.
        mail.greylist.forget()
        found[row.name] = oracle.check(row.case)
    return {name: verdict for name, verdict in found.items() if verdict is not None}


def test_the_probe_judges_every_case_as_is_due(cases: list[Asked], ours: dict[str, Verdict]) -> None:
    assert ours == {row.name: row.due for row in cases}


@pytest.mark.parametrize("oracle", ORACLES, ids=NAMES)
def test_a_client_judges_as_the_probe_does(
    mail: RealMail, cases: list[Asked], ours: dict[str, Verdict], oracle: Oracle
) -> None:
    known = {row.case: row.verdict for row in DIFFERENCES if row.oracle == oracle.name}
    theirs = played(oracle, mail, cases)
    assert theirs == {name: known.get(name, ours[name]) for name in theirs}
    assert len(theirs) == PLAYED[oracle.name]


def test_every_difference_is_one(ours: dict[str, Verdict]) -> None:
    for row in DIFFERENCES:
        assert row.oracle in NAMES
        assert row.verdict != ours[row.case]
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
