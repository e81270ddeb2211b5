# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Times in ISO 8601, on every Python."""

from __future__ import annotations

import datetime

import pytest
from ansible_collections.cai.console.plugins.module_utils._moment import moment

NOON = datetime.datetime(2026, 1, 31, 12, tzinfo=datetime.timezone.utc)


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("2026-01-31T12:00:00Z", 0),
        ("2026-01-31T12:00:00", 0),
        ("2026-01-31T13:00:00+01:00", 0),
        ("2026-01-31T12:00:00.5Z", 500),
        ("2026-01-31T13:00:00.25+01:00", 250),
        ("2026-01-31T12:00:00.125000999Z", 125),
    ],
)
def test_a_time_is_read_whatever_its_zone_and_fraction(text, milliseconds):
    assert moment(text) == NOON + datetime.timedelta(milliseconds=milliseconds)


@pytest.mark.parametrize("text", [None, "", "noon", "2026-13-01T12:00:00Z"])
def test_what_is_no_time_is_none(text):
    assert moment(text) is None
