# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A provider's refusal becomes a code, who must act, and words without secrets, whatever the body is."""

from __future__ import annotations

import json
from email.utils import formatdate

import pytest
from ansible_collections.cai.console.plugins.module_utils._errors import FAULTS
from ansible_collections.cai.console.plugins.module_utils._transport import Reply
from ansible_collections.cai.console.plugins.plugin_utils._oauth import explain

IN_THE_REFERENCE = (700082, 70008, 700084, 50173, 50076, 50158, 70000, 7000222, 7000215, 65001, 700016)


def reply(status: int, body: object = b"", **headers: str) -> Reply:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status, {name.replace("_", "-"): text for name, text in headers.items()}, data)


def explained(answer: Reply, *secrets: str, now: float | None = None) -> explain.Refused:
    return explain.refusal(answer, stage="refresh", secrets=secrets, now=now)


@pytest.mark.parametrize("number", IN_THE_REFERENCE)
def test_each_code_of_the_reference_is_explained(number: int) -> None:
    text = f"AADSTS{number}: Something happened. Trace ID: abc Correlation ID: def"
    for body in (
        {"error": "invalid_grant", "error_description": text, "error_codes": [number]},
        {"error": "invalid_grant", "error_description": text},
    ):
        error = explained(reply(400, body))
        assert error.code == explain.AADSTS[number][0]
        assert f"AADSTS{number}" in error.message
        assert explain.AADSTS[number][1] in error.message
        assert "Trace ID" not in error.message


def test_every_code_is_in_the_catalogue() -> None:
    used = {row[0] for row in (*explain.AADSTS.values(), *explain.WORDS.values())}
    assert used <= FAULTS.keys()


@pytest.mark.parametrize("word", explain.WORDS)
def test_each_word_of_the_standards(word: str) -> None:
    error = explained(reply(400, {"error": word}))
    assert (error.code, error.word) == (explain.WORDS[word][0], word)


@pytest.mark.parametrize(
    ("answer", "code", "retryable"),
    [
        (reply(429, b"<html>busy</html>", content_type="text/html", retry_after="17"), "token_endpoint_busy", True),
        (reply(503, b"upstream"), "token_endpoint_busy", True),
        (reply(500, b""), "token_endpoint_busy", True),
        (reply(400, b""), "token_endpoint_error", False),
        (reply(200, b"<html>"), "token_endpoint_error", False),
        (reply(200, {"token": "x"}), "token_endpoint_error", False),
        (reply(400, ["x"]), "token_endpoint_error", False),
        (reply(400, {"error": {"code": 1}}), "token_endpoint_error", False),
        (reply(400, {"error": "own_error"}), "token_refused", False),
        (reply(429, {"error": "own_error"}), "token_endpoint_busy", True),
    ],
)
def test_any_other_body(answer: Reply, code: str, retryable: bool) -> None:
    error = explained(answer)
    assert (error.code, error.retryable) == (code, retryable)


@pytest.mark.parametrize(
    ("wait", "said"), [("17", "after 17 s."), ("Fri, 27 Nov 2026 20:00:00 GMT", "after Fri, 27 Nov 2026 20:00:00 GMT.")]
)
def test_retry_after_is_told(wait: str, said: str) -> None:
    error = explained(reply(429, b"busy", retry_after=wait))
    assert error.retry_after == wait
    assert f"Try again {said}" in error.message


def test_no_secret_comes_back() -> None:
    body = {"error": "invalid_grant", "error_description": "the token SECRET-TOKEN\nof SECRET-CLIENT is bad"}
    error = explained(reply(400, body), "SECRET-TOKEN", "SECRET-CLIENT")
    assert "SECRET" not in str(error.as_result())
    assert "the token ******** of ******** is bad" in error.message


@pytest.mark.parametrize(("off", "said"), [(600, "ahead of"), (-600, "behind"), (30, None)])
def test_a_wrong_clock_is_told(off: int, said: str | None) -> None:
    now = 1_800_000_000.0
    answer = reply(400, {"error": "invalid_client"}, date=formatdate(now, usegmt=True))
    message = explained(answer, now=now + off).message
    assert (said in message) if said else ("clock" not in message)


def test_a_refusal_in_the_browser() -> None:
    error = explain.refused_in_browser({"error": "access_denied", "error_description": "AADSTS65004: User declined"})
    assert error.code == "consent_declined"
