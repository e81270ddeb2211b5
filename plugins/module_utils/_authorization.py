# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The console's own OAuth authorization of its Email Service: how long it lasts, who is needed, and what counts as new.

That a refresh token ends after 90 days, and that the service must be saved after a new authorization, is documented.
When exactly it ends is not told by any console, so every date here is an estimate.
"""

from __future__ import annotations

import datetime
import time
import typing as t

from ansible_collections.cai.console.plugins.module_utils._console import TestOutcome
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._handed import HandedOver
from ansible_collections.cai.console.plugins.module_utils._moment import moment

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._binding import Stored
    from ansible_collections.cai.console.plugins.module_utils._console import Console

SERVICE = "email_service"
POLL_SECONDS = 2.0
Result = t.Dict[str, t.Any]


class Terms(t.NamedTuple):
    """What a task asks for: ``lifetime_days`` of an authorization, when it is due, as of which time, and the rest."""

    lifetime_days: int
    renew_before_days: int
    as_of: datetime.datetime
    before: str | None = None
    wait: float = 0.0
    test: bool = True
    recipient: str | None = None
    refresh_token: str | None = None
    state_dir: str = ""


def described(facts: t.Mapping[str, t.Any], terms: Terms) -> Result:
    """Return the authorization's status with the estimate. What cannot be read is ``unknown``, never a date."""
    status = facts.get("authorization.status")
    last = facts.get("authorization.last_completed")
    completed = moment(last)
    known: Result = {
        "status": status if status else "unknown",
        "authorized_by": facts.get("authorization.authorized_by"),
        "last_completed": last,
        "expires_estimate": "unknown",
        "days_left": None,
    }
    if completed is not None and status != "not_authorized":
        ends = completed + datetime.timedelta(days=terms.lifetime_days)
        known["expires_estimate"] = ends.strftime("%Y-%m-%dT%H:%M:%SZ")
        known["days_left"] = (ends - terms.as_of).days
    return known


def as_read(facts: t.Mapping[str, t.Any]) -> dict[str, Result]:
    """Return ``{"authorization": ...}`` with the usual terms, or nothing where the binding does not read it."""
    if "authorization.status" not in facts:
        return {}
    now = datetime.datetime.now(datetime.timezone.utc)
    return {"authorization": described(facts, Terms(90, 30, now))}


def is_due(found: t.Mapping[str, t.Any], terms: Terms) -> bool:
    """Whether a person should authorize: it is not authorized, or nearly over, or nothing is known."""
    return bool(
        found["status"] != "authorized" or found["days_left"] is None or found["days_left"] <= terms.renew_before_days
    )


def show(console: Console, terms: Terms) -> Result:
    """Read the status."""
    found = described(console.read(SERVICE).facts, terms)
    return {"changed": False, "authorization": found, "due": is_due(found, terms)}


def renew(console: Console, terms: Terms) -> Result:
    """Where it is due: hand a token over, or start Authorize Access and return the link for a person."""
    stored = console.read(SERVICE)
    found = described(stored.facts, terms)
    if not is_due(found, terms):
        return {"changed": False, "authorization": found, "due": False}
    if terms.refresh_token:
        return _hand_over(console, stored, found, terms)
    if console.read_only:
        return {"changed": False, "authorization": found, "due": True, "would_start": True}
    bound = console.operation("start_authorization")
    answer = console.operate("start_authorization")
    link = answer.get(bound["link_at"]) if isinstance(answer, dict) else None
    if not isinstance(link, str):
        message = f"The answer to start_authorization has no {bound['link_at']}."
        raise ConsoleError("unexpected_reply", message, stage="authorize")
    lifetime = answer.get(bound.get("lifetime_at"))
    return {
        "changed": False,
        "authorization": found,
        "due": True,
        "authorization_url": link,
        "link_lifetime": lifetime if isinstance(lifetime, int) else None,
    }


def confirm(console: Console, terms: Terms) -> Result:
    """Accept a new authorization: last completed has moved, the service is saved again where needed, a test passed."""
    stored = _moved(console, terms)
    found = described(stored.facts, terms)
    result: Result = {"changed": False, "authorization": found, "due": is_due(found, terms), "saved_again": False}
    if console.read_only:
        return result
    result.update(_save_again(console, stored))
    if terms.test:
        result["test_result"] = _test(console, terms)._asdict()
    return {**result, "changed": result["saved_again"]}


def forget(console: Console, terms: Terms) -> Result:
    """Let the console forget the authorization and its tokens."""
    found = described(console.read(SERVICE).facts, terms)
    if found["status"] == "not_authorized":
        return {"changed": False, "authorization": found}
    if not console.read_only:
        console.operate("forget_authorization")
        found = described(console.read(SERVICE).facts, terms)
    return {"changed": True, "authorization": found}


def _moved(console: Console, terms: Terms) -> Stored:
    """Wait until last completed is another than before; the stamp alone counts, not the status."""
    deadline = time.monotonic() + terms.wait
    while True:
        stored = console.read(SERVICE)
        last = stored.facts.get("authorization.last_completed")
        if last and last != terms.before and stored.facts.get("authorization.status") == "authorized":
            return stored
        if time.monotonic() >= deadline:
            raise ConsoleError(
                "authorization_not_completed",
                f"The authorization was last completed {last or 'never'}, which is not new.",
                stage="authorize",
            )
        console.pause(POLL_SECONDS)


def _save_again(console: Console, stored: Stored) -> Result:
    bound = console.service(SERVICE)
    if not bound.get("save_after_authorization"):
        return {"saved_again": False}
    if bound.get("omitted_secret") != "kept":
        said = "This console may drop secrets that a save leaves out: save the Email Service with its client_secret."
        return {"saved_again": False, "warnings": [said]}
    console.write(SERVICE, stored, stored.settings, {})
    after = console.read(SERVICE)
    if after.facts.get("authorization.status") != "authorized":
        raise ConsoleError("authorization_not_completed", "Saving dropped the authorization.", stage="authorize")
    return {"saved_again": True}


def _test(console: Console, terms: Terms) -> TestOutcome:
    outcome = console.test(SERVICE, None, {}, {}, terms.recipient)
    if not outcome.ok:
        where = f" at the stage {outcome.stage}" if outcome.stage else ""
        message = f"The authorization is new, but the console's test failed{where}: {outcome.message}"
        raise ConsoleError("test_failed", message, stage="test", details={"test_result": outcome._asdict()})
    return outcome


def _hand_over(console: Console, stored: Stored, found: Result, terms: Terms) -> Result:
    bound = console.operation("hand_over_tokens")
    token, handed = t.cast(str, terms.refresh_token), HandedOver(terms.state_dir)
    holder = f"{console.target.name} at {console.name}"
    handed.check(token, to=holder)
    if console.read_only:
        return {"changed": True, "authorization": found, "due": True}
    with handed.handing(token, holder):
        console.operate("hand_over_tokens", {bound["refresh_token_at"]: token}, secrets=[token])
    after = terms._replace(before=stored.facts.get("authorization.last_completed"))
    return {**confirm(console, after), "changed": True}
