# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""State and PKCE: what was signed is read back, and nothing else is."""

from __future__ import annotations

import dataclasses
import json

import pytest
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.plugin_utils._oauth import state
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from hypothesis import given
from hypothesis import strategies as st

KEY, OTHER = "k" * 40, "o" * 40
CLAIM = state.Claim("agent-a", "client", "https://id.test/token", 1000)
ASKED = {"target": "agent-a", "client_id": "client", "provider": "https://id.test/token", "now": 999.0}


@given(st.text(max_size=30), st.text(max_size=30))
def test_what_was_signed_is_read_back(target: str, client: str) -> None:
    claim = dataclasses.replace(CLAIM, target=target, client_id=client)
    assert state.verify(state.sign(claim, KEY), KEY) == claim


@given(st.integers(min_value=0), st.characters(codec="ascii"))
def test_no_changed_character_is_accepted(place: int, new: str) -> None:
    signed = state.sign(CLAIM, KEY)
    place %= len(signed)
    changed = signed[:place] + new + signed[place + 1 :]
    try:
        found = state.verify(changed, KEY)
    except ConsoleError as error:
        assert error.code == "state_invalid"
    else:
        # The last character of a base64 text has bits that do not count.
        assert found == CLAIM


@pytest.mark.parametrize("text", ["", ".", "a.b", "WzFd.x", "ü.ü", "x" * 10_000])
def test_rubbish_is_refused(text: str) -> None:
    with pytest.raises(ConsoleError) as refused:
        state.verify(text, KEY)
    assert refused.value.code == "state_invalid"


def test_another_key_is_refused() -> None:
    with pytest.raises(ConsoleError) as refused:
        state.verify(state.sign(CLAIM, KEY), OTHER)
    assert refused.value.code == "state_invalid"


def test_an_older_form_is_refused() -> None:
    text = state.encoded(json.dumps([0, "agent-a", "client", "p", 1000, "n"]).encode())
    with pytest.raises(ConsoleError):
        state.verify(f"{text}.{state.encoded(state._mac(KEY, b'state', text))}", KEY)


@pytest.mark.parametrize(
    ("change", "code", "names"),
    [
        ({"target": "agent-b"}, "state_mismatch", ["agent-a", "agent-b"]),
        ({"client_id": "other"}, "state_mismatch", ["client", "other"]),
        ({"provider": "https://evil.test/token"}, "state_mismatch", ["evil.test"]),
        ({"now": 1001.0}, "consent_expired", []),
    ],
)
def test_a_claim_of_somebody_else_or_too_old(change: dict[str, object], code: str, names: list[str]) -> None:
    with pytest.raises(ConsoleError) as refused:
        state.check(CLAIM, **{**ASKED, **change})  # type: ignore[arg-type]
    assert refused.value.code == code
    assert all(name in refused.value.message for name in names)


def test_the_right_claim_passes() -> None:
    state.check(CLAIM, **ASKED)  # type: ignore[arg-type]


def test_the_verifier_comes_from_key_and_state_only() -> None:
    one, two = state.sign(CLAIM, KEY), state.sign(dataclasses.replace(CLAIM, nonce="n"), KEY)
    assert state.verifier(one, KEY) == state.verifier(one, KEY)
    assert len({state.verifier(one, KEY), state.verifier(two, KEY), state.verifier(one, OTHER)}) == 3
    assert 43 <= len(state.verifier(one, KEY)) <= 128
    assert state.challenge(state.verifier(one, KEY)) == create_s256_code_challenge(state.verifier(one, KEY))


def test_two_states_of_one_claim_differ() -> None:
    assert state.Claim("a", "b", "c", 1).nonce != state.Claim("a", "b", "c", 1).nonce


@pytest.mark.parametrize("key", [None, "", "short"])
def test_a_guessable_key_is_refused(key: str | None) -> None:
    with pytest.raises(ConsoleError, match="consent_key"):
        state.check_key(key)
