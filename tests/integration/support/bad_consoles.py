# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a console, and what stands before it, can do wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from support.failures import Failure, Scene
from support.gateway import Answer, Request, Rule, json_answer

READ = {"method": "GET", "path": "/server/services/email$"}
CLOUD = "Cloud Server"
OLD = {
    "enabled": True,
    "hostName": "old.example.org",
    "port": 2525,
    "security": None,
    "authenticationType": "PASSWORD",
    "userName": "alerts@example.org",
    "password": "Old-pw1",
}
MOVE = {"host": "new.example.org", "password": "Moved-pw1"}


def fault(**rule: Any) -> Callable[[Scene], None]:
    """Plan a fault in the lab."""
    return lambda scene: scene.lab.set_faults(rule)


def rule(answer: Rule) -> Callable[[Scene], None]:
    """Let the gateway answer."""

    def arrange(scene: Scene) -> None:
        scene.through_gateway()
        scene.gateway.rule = answer

    return arrange


def is_email(request: Request, method: str) -> bool:
    """Whether the request is for the email service."""
    return request.method == method and request.path.endswith("/server/services/email")


def page(request: Request) -> Answer | None:
    """A sign-in page of a gateway, with status 200."""
    html = b"<html><body>Please sign in to the network.</body></html>"
    return Answer(200, html, {"Content-Type": "text/html"}) if is_email(request, "GET") else None


def elsewhere(request: Request) -> Answer | None:
    """A redirect to another host."""
    there = {"Location": "http://other.example.org/server/services/email"}
    return Answer(307, b"", there) if is_email(request, "GET") else None


def without_host(request: Request) -> Answer | None:
    """An object that lacks a member that the binding names."""
    if not is_email(request, "GET"):
        return None
    stored = json.loads(request.forward().body)
    del stored["hostName"]
    return json_answer(json.dumps(stored).encode())


def forgetful(request: Request) -> Answer | None:
    """A write that is answered with 200 and not carried out."""
    return json_answer(request.body) if is_email(request, "PUT") else None


def twins(request: Request) -> Answer | None:
    """A second agent of the same name."""
    if "/agent/details" not in request.path:
        return None
    agents = json.loads(request.forward().body)
    twin = {**next(agent for agent in agents if agent["name"] == "agent-a"), "id": "00LAB108000000009999"}
    return json_answer(json.dumps([*agents, twin]).encode())


def cleartext(scene: Scene) -> None:
    """An address on the network without TLS; a proxy would see any request to it."""
    scene.link |= {"console_url": "http://console.example.org", "console_proxy": scene.gateway.console}


def ended(scene: Scene) -> None:
    """A session that its owner ended meanwhile."""
    scene.link["console_session"] = scene.hand.session
    scene.lab.end_sessions()


def untrusted(scene: Scene) -> None:
    """A certificate by an authority that nobody was told to trust."""
    scene.link["console_url"] = scene.tls().addresses["console"]


def case(name: str, code: str, stage: str, *says: str, arrange: Callable[[Scene], None], **more: Any) -> Failure:
    """A failure of a task that would change the Cloud Server's email service."""
    return Failure(
        name, code, stage, says, args=more.pop("args", MOVE), target=more.pop("target", CLOUD), arrange=arrange, **more
    )


BAD_CONSOLES = [
    case("server error", "console_error", "read", "500", arrange=fault(**READ, status=500)),
    case("unknown address", "not_found", "read", "404", arrange=fault(**READ, status=404)),
    case("busy for ever", "rate_limited", "read", "429", arrange=fault(**READ, status=429, retry_after=0, times=None)),
    case("cut answer", "not_json", "read", "not valid JSON", arrange=fault(**READ, truncate=True)),
    case("page of a gateway", "not_json", "read", "text/html", arrange=rule(page)),
    case("error page of a gateway", "console_error", "read", "500", arrange=fault(**READ, status=500, body="html")),
    case("answer that lacks a member", "unexpected_reply", "read", "hostName (host)", arrange=rule(without_host)),
    case("redirect to another host", "redirect_refused", "read", "http://other.example.org", arrange=rule(elsewhere)),
    case(
        "write that is not stored",
        "write_not_confirmed",
        "read_back",
        "host: 'new.example.org', now 'old.example.org'",
        arrange=rule(forgetful),
    ),
    case(
        "no answer in time",
        "console_timeout",
        "sign_in",
        arrange=fault(path="/login$", latency_ms=3000),
        link={"console_timeout": 0.2},
    ),
    case(
        "two agents of one name",
        "target_ambiguous",
        "targets",
        "00LAB108000000009999",
        arrange=rule(twins),
        target="agent-a",
    ),
    case(
        "clear text on a network",
        "cleartext_refused",
        "options",
        "console_url is http://console.example.org",
        arrange=cleartext,
    ),
    case("session that has ended", "session_expired", "read", "401", arrange=ended),
    case("certificate that nobody trusts", "tls_failed", "sign_in", "certificate", arrange=untrusted),
    case(
        "secret for another server",
        "secret_required",
        "plan",
        "host would change",
        arrange=lambda scene: None,
        args={"host": "new.example.org"},
    ),
]
