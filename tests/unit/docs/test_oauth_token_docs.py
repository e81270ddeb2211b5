# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation of the action without a module, and its spec, say the same; sanity does not compare them."""

from __future__ import annotations

import pytest
import yaml
from ansible_collections.cai.console.plugins.module_utils._connection import CONNECTION_SPEC
from ansible_collections.cai.console.plugins.modules import oauth_token
from ansible_collections.cai.console.plugins.plugin_utils._oauth.exchange import SPEC

OPTIONS = yaml.safe_load(oauth_token.DOCUMENTATION)["options"]


def test_the_same_options() -> None:
    assert OPTIONS.keys() == SPEC.keys()


@pytest.mark.parametrize("name", SPEC)
def test_an_option_says_the_same(name: str) -> None:
    spec, said = SPEC[name], OPTIONS[name]
    for key in ("type", "elements", "choices", "default", "required"):
        assert said.get(key) == spec.get(key), key
    if "fallback" in spec:
        assert f"E({spec['fallback'][1][0]})" in str(said["description"])


def test_secrets_are_masked() -> None:
    secret = {"client_secret", "private_key", "private_key_passphrase", "consent_key", "redirect_response", "code"}
    assert {name for name, option in SPEC.items() if option.get("no_log")} == {*secret, "refresh_token"}


def test_no_option_is_named_like_one_of_the_connection() -> None:
    assert SPEC.keys() & CONNECTION_SPEC.keys() == set()
