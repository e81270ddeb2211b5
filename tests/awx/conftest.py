# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shipped data, loaded once."""

from __future__ import annotations

import pytest

from .content import Content, load


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Content:
    """The data of extensions/awx; tests that change it take a copy."""
    return load(tmp_path_factory.mktemp("awx"))
