# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Learns the console's test of its mail: what it sends, and how its answer says how it went. The sheet has it fail
once, with markers; whoever puts the settings back lets it go well, without any.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.cai.console.plugins.plugin_utils._learn import carriers, leaves, match
from ansible_collections.cai.console.plugins.plugin_utils._learn.har import Exchange
from ansible_collections.cai.console.plugins.plugin_utils._learn.operations import asked, success_of
from ansible_collections.cai.console.plugins.plugin_utils._learn.sheet import Step
from ansible_collections.cai.console.plugins.plugin_utils._learn.traffic import Saved, Sent, Traffic

WORD = re.compile(r"[A-Za-z][A-Za-z_-]{0,19}")
SENTENCE = re.compile(r"([A-Za-z][A-Za-z ]{2,59})(?=[.,:;!]|$)")
MESSAGES = ("message", "text", "detail", "description", "reason")
MISSING = "no test was recorded"
SILENT = "its answer does not say in one place how it went"
Found = dict[str, t.Any]


def test_of(saved: Saved, write: Found, traffic: Traffic, step: Step, tokens: t.Collection[str]) -> Found:
    """Return the operation that tests the Email Service with what is on the screen, or why it is open. ``write`` is the
    one that saves, ``step`` the last of the sheet, and the fields named in ``tokens`` are the session's.
    """
    if not saved.writes or "open" in write:
        return {"open": "what the save sends is not known"}
    found = [_learned(sent, saved, write, traffic, tokens) for sent in _tests(saved, write, traffic, step)]
    told = [operation for operation in found if "open" not in operation]
    if len({(operation["method"], operation["path"], repr(operation["fixed"])) for operation in told}) > 1:
        return {"open": "several requests look like the test"}
    return told[0] if told else found[0] if found else {"open": MISSING}


def _tests(saved: Saved, write: Found, traffic: Traffic, step: Step) -> list[Sent]:
    """Return the requests that carry the last save's markers, and are no save."""
    last, after = saved.writes[-1][1], saved.writes[-2][1].number if len(saved.writes) > 1 else -1
    return [
        (item, body)
        for item, body in traffic.sent
        if item.number > after
        and item.origin == last.origin
        and match.marks(step, body.leaves) > 1
        and not _saves(item, body, last, write)
    ]


def _saves(item: Exchange, body: leaves.Body, save: Exchange, write: Found) -> bool:
    fixed = write.get("fixed", {})
    alike = all(body.leaves.get(place) == value for place, value in fixed.items())
    return (item.method, item.path) == (save.method, save.path) and alike


def _learned(sent: Sent, saved: Saved, write: Found, traffic: Traffic, tokens: t.Collection[str]) -> Found:
    item, body = sent
    at = _shift(body, saved, write)
    if at is None or (at and body.kind != "json"):
        return {"open": "the test carries the settings in another shape than the save"}
    fixed = {place: value for place, value in _beside(body, saved, write, at).items() if place not in tokens}
    if unknown := [place for place, value in fixed.items() if carriers.may_be_secret(value)]:
        return {"open": f"what {', '.join(unknown)} holds looks like a token, and no page shows it"}
    later = [other for other, there in traffic.sent if _repeats(other, there, item, fixed)]
    outcome = _outcome(item, later, traffic)
    if "open" in outcome:
        return outcome
    shape: Found = {"body": body.kind, "writes": write["writes"], "tests": "candidate", "fixed": fixed}
    return {**asked(item), **shape, **({"candidate_at": at} if at else {}), **outcome}


def _shift(body: leaves.Body, saved: Saved, write: Found) -> str | None:
    """Return where the settings stand in the test's body; None where they do not stand as in the save's."""
    step, _item, save = saved.writes[-1]
    there, here = _host(body, step), _host(save, step)
    inner = here[len(write["at"]) + 1 :] if write.get("at") else here
    return there[: len(there) - len(inner)].rstrip(".") if inner and there.endswith(inner) else None


def _host(body: leaves.Body, step: Step) -> str:
    return next((place for place, value in body.leaves.items() if match.says("host", value, step["host"])), "")


def _beside(body: leaves.Body, saved: Saved, write: Found, at: str) -> leaves.Leaves:
    """Return what the test's body holds beside the settings."""
    settings = {place for _step, _item, save in saved.writes for place in save.leaves} - set(write.get("fixed", ()))
    rows = [step.items() for step, _item, _body in saved.writes]
    typed = {str(value) for items in rows for option, value in items if option not in match.WORDS}
    return {
        place: value
        for place, value in body.leaves.items()
        if value is not None and not isinstance(value, tuple) and str(value) not in typed
        if not (place.startswith(f"{at}.") if at else place in settings)
    }


def _repeats(item: Exchange, body: leaves.Body, test: Exchange, fixed: Found) -> bool:
    alike = all(body.leaves.get(place) == value for place, value in fixed.items())
    return item.number > test.number and (item.origin, item.method, item.path) == _place(test) and alike


def _place(item: Exchange) -> tuple[str, str, str]:
    return item.origin, item.method, item.path


def _outcome(failed: Exchange, later: t.Sequence[Exchange], traffic: Traffic) -> Found:
    """Return how the answer says how it went, from one that did not go well and, where there is one, one that did."""
    if "html" in failed.got_type:
        return _of_pages(failed, later)
    bad = _answer(failed, traffic)
    goods = [good for item in later if (good := _answer(item, traffic)).kind == bad.kind]
    for good in goods:
        flags = [place for place, value in bad.leaves.items() if value is False and good.leaves.get(place) is True]
        if len(flags) == 1:
            return _said(bad, {"ok": flags[0]}, [failed])
        if words := _words(bad.leaves, good.leaves):
            place, word = words
            return _said(bad, {"ok": place, "words": [word]}, [failed])
    flags = [place for place, value in bad.leaves.items() if isinstance(value, bool)]
    if len(flags) == 1 and bad.leaves[flags[0]] is False:
        return _said(bad, {"ok": flags[0]}, [failed])
    return {"open": SILENT if goods or bad.kind == "none" else f"{SILENT}: none that went well was recorded"}


def _answer(item: Exchange, traffic: Traffic) -> leaves.Body:
    return next(iter(traffic.got(item)), leaves.NOTHING)


def _said(answer: leaves.Body, outcome: Found, items: t.Sequence[Exchange]) -> Found:
    texts = [place for place, value in answer.leaves.items() if isinstance(value, str) and _last(place) in MESSAGES]
    told = {**outcome, **({"message": texts[0]} if texts else {})}
    return {"reply": answer.kind, "outcome": told, **success_of(items)}


def _last(place: str) -> str:
    return re.split(r"[./@]", place)[-1]


def _words(bad: leaves.Leaves, good: leaves.Leaves) -> tuple[str, str] | None:
    """Return the one place that holds one word after a failure and another after a success, with the latter."""
    found = [
        (place, there)
        for place, here in bad.items()
        if isinstance(here, str) and isinstance(there := good.get(place), str) and here != there
        if WORD.fullmatch(here) and WORD.fullmatch(there)
    ]
    return found[0] if len(found) == 1 else None


def _of_pages(failed: Exchange, later: t.Sequence[Exchange]) -> Found:
    """Return where a page says it, and the words with which it begins to say that it went well."""
    bad = leaves.page_of(failed.got).said
    for item in later:
        good = leaves.page_of(item.got).said
        found = {
            place: one[1]
            for place, text in good.items()
            if (one := SENTENCE.match(text)) and (other := SENTENCE.match(bad.get(place, ""))) and one[1] != other[1]
        }
        if len(set(found.values())) == 1:
            place = min(found, key=lambda name: (not name.startswith("#"), name))
            word = found[place]
            why = f"an answer that says {word!r} at {place} is taken for a test that went well"
            return {"reply": "html", "outcome": {"ok": place, "words": [word], "message": place}, "guessed": why}
    return {"open": SILENT if later else f"{SILENT}: none that went well was recorded"}
