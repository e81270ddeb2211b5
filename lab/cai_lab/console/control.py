# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's own control interface, ``/_lab/``: for loopback peers, without a session, and not in the log."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from cai_lab.console import authorization
from cai_lab.console.bodies import reply
from cai_lab.console.core import Console
from cai_lab.console.documents import EMAIL
from cai_lab.console.faults import Fault
from cai_lab.console.services import load
from cai_lab.fleet import ORGANISATIONS, SUB, Fleet, Target
from cai_lab.oauth.control import OAuthControl
from cai_lab.switches import NOBODY, SWITCHES

Answer = Callable[[web.Request], Awaitable[Any]]
BULK_MOST = 20_000
OAUTH = (
    ("GET", "events"),
    ("GET", "grants"),
    ("PUT", "settings"),
    ("PUT", "client"),
    ("PUT", "person"),
    ("PUT", "refuse"),
)


class Control:
    """The handlers of the control interface. Mistakes answer 400 with one sentence."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def add_to(self, application: web.Application) -> None:
        """Add the resources."""
        table: dict[tuple[str, str], Answer] = {
            ("GET", "switches"): self._switches,
            ("PUT", "switches"): self._set_switches,
            ("DELETE", "switches"): self._reset_switches,
            ("GET", "clock"): self._clock,
            ("PUT", "clock"): self._set_clock,
            ("GET", "faults"): self._faults,
            ("PUT", "faults"): self._set_faults,
            ("DELETE", "faults"): self._clear_faults,
            ("GET", "mail_path"): self._mail_path,
            ("PUT", "mail_path"): self._set_mail_path,
            ("DELETE", "mail_path"): self._open_mail_paths,
            ("GET", "fleet"): self._fleet,
            ("POST", "fleet"): self._grow,
            ("POST", "deploy"): self._deploy,
            ("GET", "mailbox"): self._mailbox,
            ("DELETE", "mailbox"): self._clear_mailbox,
            ("GET", "custom_calls"): self._custom_calls,
            ("DELETE", "custom_calls"): self._clear_custom_calls,
            ("GET", "operations"): self._operations,
            ("DELETE", "operations"): self._clear_operations,
            ("GET", "sessions"): self._sessions,
            ("DELETE", "sessions"): self._end_sessions,
            ("GET", "state"): self._state,
            ("POST", "secret"): self._secret,
            ("PUT", "authorization"): self._authorization,
        }
        oauth = OAuthControl(self._console.oauth)
        for method, name in OAUTH:
            table[method, f"oauth/{name}"] = _oauth_answer(getattr(oauth, name), reads=method == "GET")
        for (method, name), answer in table.items():
            application.router.add_route(method, f"/_lab/{name}", _guarded(answer))

    async def _switches(self, request: web.Request) -> Any:
        values = self._console.switches.values()
        return {
            name: {"position": values[name], "positions": list(switch.positions), "about": switch.about}
            for name, switch in SWITCHES.items()
        }

    async def _set_switches(self, request: web.Request) -> Any:
        self._console.switches.set(await _object(request))
        return self._console.switches.values()

    async def _reset_switches(self, request: web.Request) -> Any:
        self._console.switches.reset()
        return self._console.switches.values()

    async def _clock(self, request: web.Request) -> Any:
        return {"offset_s": self._console.clock.offset_s, "now": self._console.clock.stamp()}

    async def _set_clock(self, request: web.Request) -> Any:
        offset = (await _object(request)).get("offset_s")
        if isinstance(offset, bool) or not isinstance(offset, int | float):
            raise ValueError("offset_s is a number of seconds")
        self._console.clock.offset_s = float(offset)
        self._console.state.put("clock", NOBODY, "offset_s", float(offset))
        return await self._clock(request)

    async def _faults(self, request: web.Request) -> Any:
        return self._console.faults.listed()

    async def _set_faults(self, request: web.Request) -> Any:
        rules = await _json(request)
        if not isinstance(rules, list):
            raise ValueError("a list of rules is needed")
        self._console.faults.rules = [Fault.parse(rule) for rule in rules]
        return self._console.faults.listed()

    async def _clear_faults(self, request: web.Request) -> Any:
        self._console.faults.rules = []
        return []

    async def _mail_path(self, request: web.Request) -> Any:
        return {"cut": sorted("/".join(owner) for owner in self._console.cut_off)}

    async def _set_mail_path(self, request: web.Request) -> Any:
        wanted = await _object(request)
        target, cut = self._target(wanted), wanted.get("cut")
        if not isinstance(cut, bool):
            raise ValueError("cut is true or false")
        (self._console.cut_off.add if cut else self._console.cut_off.discard)(target.owner)
        return await self._mail_path(request)

    async def _open_mail_paths(self, request: web.Request) -> Any:
        self._console.cut_off.clear()
        return await self._mail_path(request)

    async def _fleet(self, request: web.Request) -> Any:
        fleet = self._console.fleet
        return {"bulk": fleet.bulk, "targets": {org: described(fleet, org) for org in ORGANISATIONS}}

    async def _grow(self, request: web.Request) -> Any:
        number = (await _object(request)).get("add")
        if isinstance(number, bool) or not isinstance(number, int) or not 0 < number <= BULK_MOST:
            raise ValueError(f"add is a number from 1 to {BULK_MOST}")
        self._console.fleet.grow(number)
        self._console.state.put("fleet", NOBODY, "bulk", self._console.fleet.bulk)
        return {"bulk": self._console.fleet.bulk}

    async def _deploy(self, request: web.Request) -> Any:
        wanted = await _object(request)
        target, name, url = self._target(wanted), _text(wanted, "process"), wanted.get("url")
        if url is not None and not _is_loopback(url):
            raise ValueError("url is an http address on loopback")
        self._console.state.put("deployed", target.owner, name, {"url": url})
        return {"target": target.id, "process": name, "url": url}

    async def _mailbox(self, request: web.Request) -> Any:
        return [message.as_dict() for message in self._console.mailbox.messages()]

    async def _clear_mailbox(self, request: web.Request) -> Any:
        self._console.mailbox.clear()
        return []

    async def _custom_calls(self, request: web.Request) -> Any:
        state = self._console.state
        calls = {
            key: call
            for owner in state.owners("custom_call")
            for key, call in state.items("custom_call", owner).items()
        }
        return [call for _, call in sorted(calls.items())]

    async def _clear_custom_calls(self, request: web.Request) -> Any:
        self._console.state.delete_kind("custom_call")
        return []

    async def _operations(self, request: web.Request) -> Any:
        return self._console.operations.find(dict(request.query))

    async def _clear_operations(self, request: web.Request) -> Any:
        self._console.operations.clear()
        return []

    async def _sessions(self, request: web.Request) -> Any:
        return {**self._console.sessions.counts, "open": len(self._console.sessions)}

    async def _end_sessions(self, request: web.Request) -> Any:
        return {"ended": self._console.sessions.end_all()}

    async def _state(self, request: web.Request) -> Any:
        stored: dict[str, Any] = {}
        for kind, org, target, key, value in self._console.state.stored():
            place = stored.setdefault(kind, {}).setdefault(f"{org}/{target}", {})
            place[key] = _veiled(value) if kind == EMAIL.name else value
        return {"hash": self._console.state.hash(), "stored": stored}

    async def _secret(self, request: web.Request) -> Any:
        wanted = await _object(request)
        name = _text(wanted, "name")
        if name not in EMAIL.secrets:
            raise ValueError(f"name is one of {', '.join(EMAIL.secrets)}")
        secret = load(self._console, EMAIL, self._target(wanted)).secrets.get(name)
        return {"set": secret is not None, "equal": secret is not None and secret == wanted.get("value")}

    async def _authorization(self, request: web.Request) -> Any:
        wanted = await _object(request)
        target = self._target(wanted)
        authorization.store(self._console, target, _text(wanted, "status"), wanted.get("authorizedBy"))
        return authorization.read(self._console, target)

    def _target(self, wanted: dict[str, Any]) -> Target:
        org = wanted.get("organisation", SUB.id)
        if org not in ORGANISATIONS:
            raise ValueError(f"organisation is one of {', '.join(ORGANISATIONS)}")
        return self._console.fleet.named(ORGANISATIONS[org], _text(wanted, "target"))


def described(fleet: Fleet, org: str) -> list[dict[str, Any]]:
    """An organisation's targets, for people and tests."""
    return [
        {
            "id": target.id,
            "name": target.name,
            "kind": target.kind,
            "organisation": target.org.id,
            "engine": target.engine,
            "reachable": target.reachable,
        }
        for target in fleet.targets(ORGANISATIONS[org])
    ]


def _oauth_answer(act: Callable[[Any], Any], *, reads: bool) -> Answer:
    async def answer(request: web.Request) -> Any:
        return act(None if reads else await _object(request))

    return answer


def _guarded(answer: Answer) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handler(request: web.Request) -> web.StreamResponse:
        if not _loopback_peer(request.remote):
            return reply({"error": "The control interface is for loopback only."}, 403)
        try:
            return reply(await answer(request))
        except (ValueError, LookupError) as error:
            return reply({"error": str(error.args[0])}, 400)

    return handler


def _loopback_peer(peer: str | None) -> bool:
    return peer is not None and ipaddress.ip_address(peer.partition("%")[0]).is_loopback


def _is_loopback(url: object) -> bool:
    if not isinstance(url, str) or urlsplit(url).scheme not in ("http", "https"):
        return False
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def _json(request: web.Request) -> Any:
    try:
        return json.loads(await request.read())
    except ValueError:
        raise ValueError("the body is not JSON") from None


async def _object(request: web.Request) -> dict[str, Any]:
    value = await _json(request)
    if not isinstance(value, dict):
        raise ValueError("the body is not an object")
    return value


def _text(wanted: dict[str, Any], name: str) -> str:
    value = wanted.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} is missing")
    return value


def _veiled(stored: dict[str, Any]) -> dict[str, Any]:
    return {**stored, "secrets": dict.fromkeys(stored["secrets"], "set")}
