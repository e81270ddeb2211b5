# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a provider's refusal means: the code of our catalogue, who must act, the provider's words without secrets."""

from __future__ import annotations

import email.utils
import json
import re
import time
import typing as t

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError, HttpFailure

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._transport import Reply

MAX_TEXT = 300
SKEW_S = 120
TOO_MANY = 429
USER, ADMIN, YOU, PROVIDER = "the mailbox's owner", "an administrator of the tenant", "you", "the provider"

# AADSTS code: our code, who must act, what it means. Source: Microsoft's list of AADSTS codes; 7000215, 65001 and
# 700016 are from general knowledge.
AADSTS: dict[int, tuple[str, str, str]] = {
    50034: ("account_disabled", ADMIN, "the account does not exist in this tenant"),
    50057: ("account_disabled", ADMIN, "the account is disabled"),
    50076: ("second_factor_needed", USER, "a second factor is asked for"),
    50079: ("second_factor_needed", USER, "the user must enrol for a second factor"),
    50126: ("token_refused", USER, "wrong user name or password"),
    50158: ("second_factor_needed", USER, "conditional access asks for something more"),
    50173: ("consent_needed", USER, "the grant was revoked, for example by a new password"),
    53003: ("second_factor_needed", ADMIN, "conditional access blocks it"),
    54005: ("code_already_used", YOU, "the code was exchanged before"),
    65001: ("admin_consent_needed", ADMIN, "nobody has consented to the client"),
    65004: ("consent_declined", USER, "the user declined"),
    70000: ("consent_needed", USER, "the grant is not valid"),
    70008: ("consent_needed", USER, "the code or token has expired"),
    70011: ("scope_refused", YOU, "the scope is not valid"),
    501481: ("state_mismatch", YOU, "the PKCE verifier does not fit; another consent_key was used"),
    700016: ("client_unknown", YOU, "the client is not in this tenant"),
    700024: ("client_refused", YOU, "the client's assertion is outside its time; compare the clocks"),
    700027: ("client_refused", YOU, "the certificate is not registered for the client"),
    700082: ("consent_needed", USER, "the refresh token was not used for too long (90 days by default)"),
    700084: ("consent_needed", USER, "the refresh token of a single-page app ends after 24 hours"),
    7000215: ("client_refused", YOU, "the client secret is wrong"),
    7000222: ("client_secret_expired", YOU, "the client secret has expired"),
}
# RFC 6749 and RFC 8628 error words, and Microsoft's own.
WORDS: dict[str, tuple[str, str, str]] = {
    "invalid_grant": ("consent_needed", USER, "the code or refresh token is not valid, expired or revoked"),
    "invalid_client": ("client_refused", YOU, "the client's authentication failed"),
    "invalid_scope": ("scope_refused", YOU, "the scope is not valid or wider than the consent"),
    "invalid_request": ("token_refused", YOU, "the request lacks something or is malformed"),
    "unauthorized_client": ("grant_not_allowed", YOU, "the client may not use this grant"),
    "unsupported_grant_type": ("grant_not_allowed", YOU, "the provider does not offer this grant"),
    "access_denied": ("consent_declined", USER, "it was declined"),
    "authorization_declined": ("consent_declined", USER, "it was declined"),
    "expired_token": ("consent_expired", YOU, "the device code has expired"),
    "bad_verification_code": ("token_refused", YOU, "the device code is not known"),
    "interaction_required": ("second_factor_needed", USER, "a person must sign in"),
    "login_required": ("second_factor_needed", USER, "a person must sign in"),
    "consent_required": ("admin_consent_needed", ADMIN, "nobody has consented to the client"),
    "server_error": ("token_endpoint_busy", PROVIDER, "the provider failed"),
    "temporarily_unavailable": ("token_endpoint_busy", PROVIDER, "the provider is overloaded"),
}


class Refused(HttpFailure):
    """The provider refused; ``word`` is OAuth's own, ``aadsts`` Microsoft's number, where one came."""

    word: str | None = None
    aadsts: int | None = None


def refusal(reply: Reply, *, stage: str, secrets: t.Iterable[str], now: float | None = None) -> Refused:
    """Return the error for an answer that brings no token. The body may be JSON, a page, or empty."""
    body = _object(reply.body)
    word = str(body["error"]) if isinstance(body.get("error"), str) else None
    number = aadsts_of(body)
    code, who, meaning = _known(word, number, reply.status) if word else _without_word(reply)
    name = f"AADSTS{number}" if number else word or f"status {reply.status}"
    wait = reply.headers.get("retry-after")
    later = f" Try again after {clean(wait, ())}{' s' if wait.isdigit() else ''}." if wait else ""
    words = _quoted(body.get("error_description"), secrets)
    message = f"The provider refuses ({name}): {meaning}. Who must act: {who}.{later}{words}{_skew(reply, now)}"
    error = Refused(code, message, stage=stage, status=reply.status, retry_after=wait)
    error.word, error.aadsts = word, number
    error.details = {"provider_error": {"error": word, "aadsts": number, "status": reply.status, "who_must_act": who}}
    return error


def refused_in_browser(query: t.Mapping[str, str]) -> ConsoleError:
    """Return the error for a redirect that brings ``error`` instead of a code."""
    description = query.get("error_description", "")
    code, who, meaning = _known(query["error"], _number(description))
    shown, words = clean(query["error"], ()), _quoted(description, ())
    return ConsoleError(
        code, f"The provider refuses ({shown}): {meaning}. Who must act: {who}.{words}", stage="consent"
    )


def _known(word: str, number: int | None, status: int | None = None) -> tuple[str, str, str]:
    """Return code, who must act and meaning by Microsoft's number, or else by OAuth's word."""
    found = AADSTS.get(number or 0) or WORDS.get(word) or ("token_refused", YOU, "an error of its own")
    if status == TOO_MANY and found[0] == "token_refused" and number is None:
        return ("token_endpoint_busy", *found[1:])
    return found


def _without_word(reply: Reply) -> tuple[str, str, str]:
    """The same for an answer that is not OAuth's: by its status."""
    if reply.status == TOO_MANY or reply.status >= 500:
        return "token_endpoint_busy", PROVIDER, "it is overloaded or failing"
    kind = reply.headers.get("content-type", "").split(";")[0] or "no content type"
    return "token_endpoint_error", YOU, f"the answer has {len(reply.body)} bytes of {kind}"


def _quoted(text: t.Any, secrets: t.Iterable[str]) -> str:
    said = clean(str(text or ""), secrets)
    return f' It says: "{said}"' if said else ""


def aadsts_of(body: t.Mapping[str, t.Any]) -> int | None:
    """Return Microsoft's number: the first that we know, from the list of codes or from the text."""
    codes = body.get("error_codes")
    numbers = [code for code in codes if isinstance(code, int)] if isinstance(codes, list) else []
    return next((code for code in numbers if code in AADSTS), None) or _number(str(body.get("error_description") or ""))


def _number(text: str) -> int | None:
    found = re.match(r"AADSTS(\d+)", text)
    return int(found.group(1)) if found else None


def clean(text: str, secrets: t.Iterable[str]) -> str:
    """Return a provider's words: one line, bounded, without what was sent."""
    text = "".join(c if c.isprintable() else " " for c in text)
    for secret in secrets:
        if len(secret) > 3:
            text = text.replace(secret, "********")
    return re.sub(r"\s+(Trace ID|Correlation ID|Timestamp):.*", "", text)[:MAX_TEXT].strip()


def _object(body: bytes) -> dict[str, t.Any]:
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _skew(reply: Reply, now: float | None) -> str:
    """Say by how much the clocks differ, if they do; a wrong clock makes good codes and assertions look expired."""
    try:
        theirs = email.utils.parsedate_to_datetime(reply.headers.get("date", "")).timestamp()
    except (TypeError, ValueError):
        return ""
    off = (time.time() if now is None else now) - theirs
    if abs(off) < SKEW_S:
        return ""
    return f" This machine's clock is {abs(off):.0f} s {'ahead of' if off > 0 else 'behind'} the provider's."
