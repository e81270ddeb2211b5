# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a service is read and saved: the request, which answer means yes, and the job that one promises."""

from __future__ import annotations

import typing as t
from urllib.parse import urljoin, urlsplit

from ansible_collections.cai.console.plugins.plugin_utils._learn import carriers, leaves
from ansible_collections.cai.console.plugins.plugin_utils._learn.har import Exchange
from ansible_collections.cai.console.plugins.plugin_utils._learn.service import Learned
from ansible_collections.cai.console.plugins.plugin_utils._learn.traffic import Saved, Traffic

REDIRECTS = (301, 302, 303, 307, 308)
VERDICTS = ("status", "result", "success", "outcome", "state")
Found = dict[str, t.Any]


def read_of(found: Learned, saved: Saved, shared: Found) -> Found:
    """Return the operation that reads a service, with ``shared``, which every operation has; or why it is open."""
    if "open" in found.read or not saved.reads:
        return _unrecorded(found.read, saved)
    item = saved.reads[0][1]
    made = {**asked(item), **found.read, **shared}
    if item.sent:
        made["fixed"] = dict(leaves.sent(item.sent, item.sent_type).leaves)
        made.update(success_of([row[1] for row in saved.reads]))
    return made


def write_of(found: Learned, saved: Saved, shared: Found, tokens: t.Collection[str], traffic: Traffic) -> Found:
    """Return the operation that saves a service, with ``shared``, which every operation has; or why it is open. The
    fields named in ``tokens`` are the session's.
    """
    if "open" in found.write or not saved.writes:
        return _unrecorded(found.write, saved)
    item = saved.writes[0][1]
    fixed = {name: value for name, value in found.write["fixed"].items() if name not in tokens}
    if unknown := [name for name, value in fixed.items() if carriers.may_be_secret(value)]:
        return {"open": f"what {', '.join(unknown)} holds looks like a token, and no page shows it"}
    made = {**asked(item), **found.write, **shared, "fixed": fixed}
    made.update(success_of([row[1] for row in saved.writes]))
    made.update(job_of(item, traffic))
    return made


def _unrecorded(parts: Found, saved: Saved) -> Found:
    return {"open": parts.get("open", saved.problem or "not recorded")}


def asked(item: Exchange) -> Found:
    """Return what a request asks, as an operation has it."""
    return {"method": item.method, "path": item.path, **({"query": dict(item.query)} if item.query else {})}


def success_of(items: t.Sequence[Exchange]) -> Found:
    """Return what the answers of a successful operation have in common."""
    statuses = sorted({item.status for item in items})
    if not all(status in REDIRECTS for status in statuses):
        return _said_of_success(items)
    places = {urlsplit(urljoin(item.origin + item.path, item.reply_headers.get("location", ""))).path for item in items}
    if len(places) == 1:
        return {"success": {"status": statuses, "redirect": places.pop()}}
    return {"open": "where a save leads differs"}


def _said_of_success(items: t.Sequence[Exchange]) -> Found:
    """Return the word by which every answer says that it went well, where there is one."""
    bodies = [body for item in items for body in leaves.got(item.got, item.got_type)[:1]]
    for name in VERDICTS if len(bodies) == len(items) and bodies else ():
        words = {body.leaves.get(name) for body in bodies}
        if len(words) == 1 and isinstance(word := words.pop(), str) and word.isalpha():
            return {"success": {"at": name, "words": [word]}} if word.upper() in ("OK", "SUCCESS", "DONE") else {}
    return {}


def job_of(write: Exchange, traffic: Traffic) -> Found:
    """Return the job that a 202 promises: its id stands in a later path, and its state changes."""
    if write.status != 202:
        return {}
    first = next(iter(traffic.got(write)), leaves.NOTHING).leaves
    for place, number in first.items():
        polls = [
            item
            for item in traffic.exchanges
            if item.number > write.number and isinstance(number, str) and number and number in item.path.split("/")
        ]
        if not polls:
            continue
        last = next(iter(traffic.got(polls[-1])), leaves.NOTHING).leaves
        moved = [
            name for name, value in last.items() if name in first and first[name] != value and isinstance(value, str)
        ]
        if len(moved) == 1:
            path = "/".join("{job}" if part == number else part for part in polls[0].path.split("/"))
            return {"job": {"id": place, "path": path, "state": moved[0], "done": [last[moved[0]]]}}
    return {"open": "a save is answered by a job whose end was not recorded"}
