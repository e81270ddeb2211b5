# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A person at the page without a browser: forms are read from the HTML, and sent back as a browser would."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from cai_lab.control_client import LabControl
from cai_lab.visitor import Visitor


@pytest.fixture
def guests(lab: LabControl) -> Iterator[Callable[[], Visitor]]:
    """Makes visitors that have not signed in."""
    made: list[Visitor] = []

    def one() -> Visitor:
        made.append(Visitor(lab))
        return made[-1]

    yield one
    for visitor in made:
        visitor.http.close()


@pytest.fixture
def visitor(guests: Callable[[], Visitor]) -> Visitor:
    """The administrator of the sub-organisation, signed in."""
    person = guests()
    person.sign_in()
    return person
