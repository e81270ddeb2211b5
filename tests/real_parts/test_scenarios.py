# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdicts of tests/smtp, with Postfix and Dovecot in place of the scripted servers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from smtp.certificates import Kinds
from smtp.scenarios import play
from smtp.table_real import real_table

from . import parts
from .mail import RealMail

NOBODY = "http://127.0.0.1:9/introspect"


@pytest.fixture(scope="module")
def mail() -> Iterator[RealMail]:
    lack = parts.missing()
    if lack:
        pytest.skip(lack.reason())
    # Tokens are offered, and refused: nobody answers where they would be looked up.
    with RealMail(NOBODY) as running:
        yield running


def test_every_scenario_with_real_servers_is_judged_rightly(mail: RealMail) -> None:
    rows = real_table(mail)
    wrong = {row.name: found for row in rows if any(found := play(row, Kinds("", {}, {})))}
    assert wrong == {}
    assert len(rows) >= 20
