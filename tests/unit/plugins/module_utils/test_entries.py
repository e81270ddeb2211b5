# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Of a document's entries, only what can be no secret is shown."""

from __future__ import annotations

import pytest
from ansible_collections.cai.console.plugins.module_utils._entries import HIDDEN, MASKED, shown


@pytest.mark.parametrize(
    "value",
    [
        "",
        "true",
        "NO",
        "2525",
        "smtp.example.org",
        "127.0.0.1",
        "org.example.WorkManager",
        "urn:ae:none",
    ],
)
def test_what_helps_to_find_a_place_is_shown(value):
    assert shown("entry[@name='Any']/@value", value) == value


@pytest.mark.parametrize(
    "value",
    [
        "hunter2",
        "correct horse",
        "123456",
        "encrypted:9f86d081884c7d65",
        "dGhpcyBpcyBhIHNlY3JldA==",
        "a@b",
        "Host.Example.Org",
        "smtp.example.org\nx",
        "9f86d081884c7d659a2feaa0c55ad015.a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl",
    ],
)
def test_any_other_value_is_a_text(value):
    assert shown("entry[@name='Any']/@value", value) == HIDDEN


@pytest.mark.parametrize(
    "value, kind",
    [
        ("ops@example.org", "(an address of mail)"),
        ("https://login.example.org/authorize", "(a URL)"),
        ("https://user:word@login.example.org/?code=1", "(a URL)"),
    ],
)
def test_of_some_values_the_kind_is_told(value, kind):
    assert shown("entry[@name='Any']/@value", value) == kind


@pytest.mark.parametrize("name", ["Password", "smtp.pwd", "SharedSecret", "ApiKey", "accessToken", "Pin", "keystore"])
def test_a_place_that_sounds_like_a_secret_hides_even_a_number(name):
    assert shown(f"entry[@name='{name}']/entry[@name='x']/@value", "2525") == MASKED
    assert shown(f"a/{name}", "") == ""
