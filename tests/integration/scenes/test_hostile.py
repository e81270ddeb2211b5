# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A console that means harm costs bounded memory and time, and ends in an error that says what is wrong.

Each task runs in a process of its own, whose peak is compared with that of a task at a good console.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from support import client, dialects
from support.gateway import Answer, Gateway, Request, json_answer
from support.places import COLLECTIONS, HERE, ROOT

MIB = 1024 * 1024
ABOVE_NORMAL = 64 * MIB
TIME_LIMIT = 300
# Polls are counted; between them nothing is waited for here. VmHWM begins anew with a process, ru_maxrss does not.
TASK = """
import json, pathlib, sys
from ansible_collections.cai.console.plugins.module_utils import _wire
from support import client
_wire.POLL_SECONDS = 0.0
given = json.loads(sys.stdin.read())
result = client.run("server_properties", given["link"], **given["wishes"])
lines = pathlib.Path("/proc/self/status").read_text().splitlines()
peak = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
print(json.dumps({"peak": peak, "error": result.get("error"), "msg": result.get("msg")}))
"""
Rule = Callable[[Request], Answer | None]


@dataclass(frozen=True)
class Harm:
    """What a console does, in which dialect; ``code`` and ``says``: what a task for ``target`` must end with."""

    dialect: str
    rule: Rule
    code: str
    says: str
    target: str = client.CLOUD


def run(link: dict[str, Any], target: str = client.CLOUD) -> dict[str, Any]:
    """Set a property in a process of its own: its peak memory in bytes, its error and message."""
    given = {"link": link, "wishes": {"suspend_on_uncaught_fault": True, "target": target}}
    path = os.pathsep.join(str(place) for place in (COLLECTIONS, ROOT / "lab", HERE))
    ended = subprocess.run(
        [sys.executable, "-c", TASK],
        input=json.dumps(given),
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=TIME_LIMIT,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return dict(json.loads(ended.stdout))


def at(place: str, answer: Callable[[], Answer], method: str = "") -> Rule:
    """Answer so where a path holds ``place``; the lab answers the rest."""
    return lambda request: answer() if place in request.path and method in request.method else None


def text(body: bytes, kind: str, **headers: str) -> Callable[[], Answer]:
    """An answer with a body."""
    return lambda: Answer(200, body, {"Content-Type": kind, **headers})


def json_text(body: bytes) -> Callable[[], Answer]:
    """An answer that says that it is JSON."""
    return text(body, "application/json")


def xml(body: bytes) -> Callable[[], Answer]:
    """An answer that says that it is XML."""
    return text(body, "application/xml")


def html(body: bytes) -> Callable[[], Answer]:
    """A page."""
    return text(body, "text/html")


def endless() -> Answer:
    """Zeroes for ever."""
    return Answer(200, b"0" * 65536, {"Content-Type": "application/json"}, endless=True)


def job() -> Answer:
    """A job that runs, and says much."""
    return json_answer(json.dumps({"job": "x", "phase": "RUNNING", "log": "x" * 500000}).encode())


def see(place: str) -> Callable[[], Answer]:
    """See another page."""
    return lambda: Answer(303, b"", {"Location": place})


BILLION = b'<!DOCTYPE s [<!ENTITY a "%s">%s]><s>&i;</s>' % (
    b"a" * 1000,
    b"".join(b'<!ENTITY %c "%s">' % (name, b"&%c;" % (name - 1) * 10) for name in range(ord("b"), ord("j"))),
)
NESTED, TREE, FORM = "/dialects/nested/api", "/dialects/tree/settings", "/dialects/form/"
BOMB = gzip.compress(b"0" * (256 * MIB), 9)
HARM = {
    "a body without end": Harm("nested", at(NESTED, endless), "unexpected_reply", "more than"),
    "a sign-in without end": Harm("nested", at("/login", endless), "unexpected_reply", "more than"),
    "agents without end": Harm("nested", at("/agent", endless), "unexpected_reply", "more than", "agent-a"),
    "a body that unpacks to 256 MiB": Harm(
        "nested", at(NESTED, text(BOMB, "application/json", **{"Content-Encoding": "gzip"})), "unexpected_reply", "more"
    ),
    "deep JSON": Harm("patch", at("/properties", json_text(b'{"a":' * 100000)), "not_json", "is not valid JSON"),
    "wide JSON": Harm(
        "patch", at("/properties", json_text(b"[" + b"[[]]," * 400000 + b"0]")), "unexpected_reply", "values"
    ),
    "as wide as is allowed": Harm(
        "patch", at("/properties", json_text(b"[" + b'{"":0},' * 99000 + b"0]")), "unexpected_reply", "is not an object"
    ),
    "wide JSON about targets": Harm(
        "nested",
        at("/agent", json_text(b"[" + b"[[]]," * 3000000 + b"0]")),
        "unexpected_reply",
        "values",
        "agent-a",
    ),
    "a long list of wide characters": Harm(
        "patch",
        at("/properties", json_text('["😀{}"]'.format("a" * (15 * MIB)).encode())),
        "unexpected_reply",
        "more than",
    ),
    "entities that grow": Harm("tree", at(TREE, xml(BILLION)), "unexpected_reply", "document type"),
    "a large entity, used often": Harm(
        "tree",
        at(TREE, xml(b'<!DOCTYPE s [<!ENTITY a "%s">]><s>%s</s>' % (b"a" * 100000, b"&a;" * 10000))),
        "unexpected_reply",
        "document type",
    ),
    "an entity from elsewhere": Harm(
        "tree",
        at(TREE, xml(b'<!DOCTYPE s [<!ENTITY a SYSTEM "file:///etc/passwd">]><s>&a;</s>')),
        "unexpected_reply",
        "document type",
    ),
    "deep XML": Harm("tree", at(TREE, xml(b"<a>" * 600000)), "unexpected_reply", "nested too deeply"),
    "wide XML": Harm("tree", at(TREE, xml(b"<s>" + b"<a/>" * 500000 + b"</s>")), "unexpected_reply", "too many"),
    "attributes without end": Harm(
        "tree",
        at(TREE, xml(b"<s %s/>" % b" ".join(b'a%d=""' % number for number in range(150000)))),
        "unexpected_reply",
        "has no",
    ),
    "a page of forms": Harm("form", at(FORM, html(b"<form>" * 340000)), "unexpected_reply", "elements"),
    "a page of fields": Harm(
        "form", at(FORM, html(b'<form id="properties">' + b"<input name=a>" * 140000)), "unexpected_reply", "elements"
    ),
    "a page of classes": Harm(
        "form",
        at(FORM, html(b"".join(b"<b class=c%d>x" % number for number in range(120000)))),
        "unexpected_reply",
        "elements",
    ),
    "a redirect elsewhere": Harm(
        "nested", at("/login", see("http://elsewhere.example.org/")), "redirect_refused", "elsewhere.example.org"
    ),
    "a redirect without end": Harm(
        "tree", at(TREE, see("/dialects/tree/settings?node=cloud")), "redirect_refused", "again and again"
    ),
    "a save that redirects elsewhere": Harm(
        "form", at(FORM, see("http://elsewhere.example.org/"), "POST"), "redirect_refused", "elsewhere.example.org"
    ),
    "a token that is a header": Harm(
        "tree",
        at("/tree/page", html(b'<meta name="csrf-token" content="a&#13;&#10;X-Y: b">')),
        "unexpected_reply",
        "characters that none has",
    ),
    "a session that is a header": Harm(
        "tree",
        at(
            "/login",
            json_text(
                b'{"userInfo": {"sessionId": "a\\r\\nX-Y: b", "orgId": "0"}, '
                b'"products": [{"name": "x", "baseApiUrl": "http://127.0.0.1:1/saas"}]}'
            ),
        ),
        "unexpected_reply",
        "characters that none has",
    ),
    "a job that leads elsewhere": Harm(
        "patch",
        at("/properties", lambda: Answer(202, b'{"job": "../../../x\\r\\nX-Y: b", "phase": "RUNNING"}'), "PATCH"),
        "not_found",
        "the job",
    ),
    "a job without end": Harm("patch", at("/jobs/", job), "console_timeout", "did not end in time"),
}


@pytest.fixture(scope="module")
def normal() -> dict[str, int]:
    """The peak of a task at a good console, by dialect; filled on the way."""
    return {}


@pytest.mark.parametrize("harm", HARM.values(), ids=HARM)
def test_it_is_bounded_and_said(harm: Harm, link: dict[str, Any], gateway: Gateway, normal: dict[str, int]) -> None:
    through = {**link, "console_binding": dialects.text_of(harm.dialect), "console_proxy": gateway.console}
    if harm.dialect not in normal:
        normal[harm.dialect] = run(through)["peak"]
    client.done("server_properties", link, target=harm.target, suspend_on_uncaught_fault=False)
    gateway.rule = harm.rule
    ended = run(through, harm.target)
    assert (ended["error"] or {}).get("code") == harm.code, ended
    assert harm.says in ended["msg"]
    assert ended["peak"] - normal[harm.dialect] <= ABOVE_NORMAL
