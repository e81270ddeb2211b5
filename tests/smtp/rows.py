# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rows of the table share: settings, servers and checks."""

from __future__ import annotations

from typing import Any

from .scenarios import Report, Serve, scripted
from .script import TOKEN, Action, Script, Session

LONG_TOKEN = "t" * 4000
OAUTH = {"authentication": "oauth", "secret": TOKEN}
NO_AUTH = {"authentication": "none", "username": None, "secret": None}
WRONG = {"secret": "wrong-Secret-1"}
PLAIN_ONLY = ("SIZE 1048576", "AUTH PLAIN")
CLEAR_AUTH = ("SIZE 1048576", "STARTTLS", "AUTH PLAIN LOGIN")


def at(point: str, action: Action, **more: Any) -> Serve:
    return scripted(Script(at={point: action}, **more))


def brief(stage: str) -> dict[str, Any]:
    return {"stage_budget": {stage: 0.6}}


def verbs(*wanted: str) -> Any:
    def also(_report: Report, sessions: list[Session]) -> str | None:
        # A server may not have noticed a client that leaves at once.
        seen = sessions[0].verbs() if sessions else []
        return None if seen == list(wanted) else f"the server saw {seen}"

    return also


def untouched(_report: Report, sessions: list[Session]) -> str | None:
    return f"the server saw {sessions}" if sessions else None


def waited_for_334(_report: Report, sessions: list[Session]) -> str | None:
    auth = next(line for line, _tls in sessions[0].lines if line.startswith("AUTH"))
    return None if auth == "AUTH XOAUTH2" else f"the AUTH line has {len(auth)} octets"


def decoded(_report: Report, _sessions: list[Session]) -> str | None:
    return None if (_report["auth_challenge"] or {}).get("status") else "the server's reason was not decoded"


def answered(line: str) -> Any:
    def also(_report: Report, sessions: list[Session]) -> str | None:
        lines = [text for text, _tls in sessions[0].lines]
        return None if line in lines else f"the refusal was not answered by {line!r}: {lines}"

    return also


def chain_shown(report: Report, _sessions: list[Session]) -> str | None:
    return None if report["tls"] and report["tls"]["chain"][0]["subject"] else "the refused certificate is not shown"


def chain_of(length: int) -> Any:
    """The chain has so many certificates, leaf first, whether or not it was accepted."""

    def also(report: Report, _sessions: list[Session]) -> str | None:
        names = [(row["subject"], row["issuer"]) for row in (report["tls"] or {}).get("chain", [])]
        linked = all(earlier[1] == later[0] for earlier, later in zip(names, names[1:], strict=False))
        return None if len(names) == length and linked else f"the chain is told as {names}"

    return also


def named(word: str) -> Any:
    return lambda report, _sessions: None if word in report["detail"] else f"{word} is not named"


def removed(report: Report, _sessions: list[Session]) -> str | None:
    return None if report["arrival"]["removed"] == 1 else f"{report['arrival']['removed']} messages were removed"
