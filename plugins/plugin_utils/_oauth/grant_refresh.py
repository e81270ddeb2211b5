# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Grant ``refresh_token``: spend a refresh token that we hold, and store its successor before anything else."""

from __future__ import annotations

import typing as t

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError, LostReply
from ansible_collections.cai.console.plugins.module_utils._handed import name_of
from ansible_collections.cai.console.plugins.plugin_utils._oauth import rotation, tokens
from ansible_collections.cai.console.plugins.plugin_utils._oauth.explain import Refused
from ansible_collections.cai.console.plugins.plugin_utils._oauth.libraries import WebApplicationClient

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.plugin_utils._oauth.exchange import Work

SPENDS = True


def run(work: Work) -> dict[str, t.Any]:
    """Return the task's result. One process at a time does this for a mailbox; others then find what it got."""
    with rotation.held(work.params["state_dir"], *work.identity()) as journal:
        given = _given(work)
        newest = journal.newest(given)
        _check_holder(work, journal, given, newest)
        fresh = _fresh(work, journal.access(newest))
        if fresh is None and work.check_mode:
            return {"changed": True, "refreshed": False, "would_spend": True}
        got = fresh or _spend(work, journal, given, newest)
        # The refresh token is good whatever the access token is, so it is kept where it belongs before that is judged.
        if not journal.content["stored"]:
            _store(work, journal, got)
        tokens.judge(tokens.Tokens(**got), work.scope, work.params["user"])
        return {**got, "changed": fresh is None, "refreshed": fresh is None}


def _given(work: Work) -> str:
    token = work.params["refresh_token"] or work.store.load()
    if not token:
        raise ConsoleError(
            "consent_needed",
            f"There is no refresh token ({work.store.name} has none).",
            stage="options",
            remedy="Give refresh_token, or get one by a consent (grant authorization_code or device_code).",
        )
    return str(token)


def _check_holder(work: Work, journal: rotation.Journal, *held: str) -> None:
    """Refuse a token that a console has, and forget it."""
    try:
        work.handed.check(*held)
    except ConsoleError as error:
        if error.code == "token_handed_over" and not work.check_mode:
            work.store.clear()
            journal.forget()
        raise


def _fresh(work: Work, found: dict[str, t.Any] | None) -> dict[str, t.Any] | None:
    """Return the tokens of an earlier refresh, if the access token lives long enough still."""
    if found is None or work.params["force_refresh"] or not found.get("expires_at"):
        return None
    asked = set(work.scope)
    if found.get("asked") != sorted(asked):
        return None
    alive = tokens.seconds(found["expires_at"]) - work.now() >= work.params["min_validity"]
    return {name: value for name, value in found.items() if name != "asked"} if alive else None


def _spend(work: Work, journal: rotation.Journal, given: str, newest: str) -> dict[str, t.Any]:
    earlier = journal.pending
    journal.begin(newest, tokens.stamp(work.now()))
    try:
        answer = work.exchange().refresh(WebApplicationClient(work.client.client_id), newest)
    except LostReply:
        # The provider may have spent it: the mark stays, and the next run says so if the token is refused then.
        raise
    except Refused as error:
        if error.code == "consent_needed":
            journal.abandon()
            raise _over(error, earlier, newest, work) from None
        if error.status < 500:
            journal.abandon()
        raise
    except ConsoleError:
        journal.abandon()
        raise
    got = tokens.read(answer, work.scope, work.now())
    known = journal.access(newest) or {}
    result = {**got.as_result(), "mailbox": got.mailbox or known.get("mailbox")}
    journal.finish(given, newest, {**result, "asked": sorted(work.scope)})
    return result


def _over(error: Refused, earlier: dict[str, t.Any] | None, spent: str, work: Work) -> ConsoleError:
    """The token is refused. Say why, as far as it can be known, and give the link for a new consent where we can."""
    said = error.message
    if earlier and earlier["of"] == name_of(spent):
        said = (
            f"A refresh that began at {earlier['since']} was cut off before its answer was stored, and the provider, "
            f"which revokes a token at its first use, counts this as reuse. {said}"
        )
    elif error.aadsts in (None, 50173, 70000):
        said = f"{said} If another program used this token too, the provider may have detected a reuse."
    details = {**error.details, "consent_needed": True, **work.consent_link()}
    return ConsoleError("consent_needed", said, stage="refresh", details=details)


def _store(work: Work, journal: rotation.Journal, got: t.Mapping[str, t.Any]) -> None:
    if got.get("refresh_token"):
        work.store.save(got)
    journal.stored()
