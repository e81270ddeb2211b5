# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same verdicts with Postfix and Dovecot, where they are installed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from .certificates import Kinds
from .scenarios import play

parts = pytest.importorskip("tests.real_parts.parts", reason="the real mail servers are not part of this checkout")

NOBODY = "http://127.0.0.1:9/introspect"


@pytest.fixture(scope="module")
def mail() -> Iterator[Any]:
    from tests.real_parts.mail import RealMail

    lack = parts.missing()
    if lack:
        pytest.skip(lack.reason())
    # Tokens are offered, and refused: nobody answers where they would be looked up.
    with RealMail(NOBODY) as running:
        yield running


def test_every_scenario_with_real_servers_is_judged_rightly(mail: Any) -> None:
    from .table_real import real_table

    rows = real_table(mail)
    wrong = {row.name: found for row in rows if any(found := play(row, Kinds("", "", {}, {})))}
    assert wrong == {}
    assert len(rows) >= 20
