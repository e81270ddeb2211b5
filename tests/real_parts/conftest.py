# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One bed for all tests of this folder; after each test it is as it was."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# The browser of the suite of that name.
sys.path.append(str(Path(__file__).resolve().parents[1] / "browser"))

from . import forms, parts  # noqa: E402
from .bed import Bed
from .leftovers import leftovers
from .mail import RealMail
from .processes import free_ports
from .provider import RealProvider


@pytest.fixture(scope="session")
def bed() -> Iterator[Bed]:
    lack = parts.missing()
    if lack:
        pytest.skip(lack.reason())
    with Bed() as made:
        yield made
    assert leftovers(made.mail.folder, made.provider.folder) == []


@pytest.fixture
def provider(bed: Bed) -> Iterator[RealProvider]:
    yield bed.provider
    bed.provider.reset()


@pytest.fixture
def mail(bed: Bed) -> Iterator[RealMail]:
    yield bed.mail
    bed.mail.reset()


@pytest.fixture(scope="session")
def tokens(bed: Bed) -> dict[str, Any]:
    """Tokens of alice, for tests that neither spend nor revoke them."""
    return forms.user_tokens(bed.provider)


@pytest.fixture
def mail_without_provider(bed: Bed) -> Iterator[RealMail]:
    """A mail system whose provider is not there (nobody listens on the port that it asks)."""
    (port,) = free_ports(1)
    with RealMail(f"https://dovecot:dovecot-secret@localhost:{port}/introspect", bed.pki) as mail:
        yield mail
    assert leftovers(mail.folder) == []
