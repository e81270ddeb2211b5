# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The console as an OAuth client: Authorize Access, the callback, and the tokens that it refreshes when it sends.

Documented for the page are the fields, that a person authorizes, and the 90 days. The redirect URI is documented for
connections; that the Email Service uses it too, and everything else here, is assumed.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import aiohttp

from cai_lab.console import authorization
from cai_lab.console.bodies import ConsoleError, bad_request
from cai_lab.console.core import Console
from cai_lab.console.documents import Stored
from cai_lab.fleet import Target

AGENT = "cai-lab-console"
TIMEOUT = aiohttp.ClientTimeout(total=15)
LINK_LIFE_S = 3600
MARGIN_S = 60
NEEDED = ("authorizationUrl", "tokenUrl", "clientId", "scope")


class NoToken(Exception):
    """The console has no access token for a target, and why."""


def callback_url(console: Console) -> str:
    """The redirect URI of the console."""
    return f"{console.console_url}/oauthcallback"


def start(console: Console, target: Target, service: Stored, user: str) -> dict[str, Any]:
    """Begin an authorization: the link that a person opens. Needs the OAuth fields, saved before."""
    oauth = service.values["oauth"]
    missing = [name for name in NEEDED if not oauth.get(name)]
    if missing or not service.secrets.get("oauth.clientSecret"):
        raise bad_request(f"Save the OAuth settings first; missing: {', '.join(missing or ['clientSecret'])}.")
    state = secrets.token_urlsafe(24)
    pending = {"owner": list(target.owner), "target": target.id, "user": user, "at": console.clock.now()}
    console.state.put(authorization.PENDING, ("", ""), state, pending)
    more = {
        "response_type": "code",
        "client_id": oauth["clientId"],
        "redirect_uri": callback_url(console),
        "scope": oauth["scope"],
        "state": state,
    }
    parts = urlsplit(oauth["authorizationUrl"])
    query = urlencode([*parse_qsl(parts.query), *more.items()])
    return {"authorizationUrl": urlunsplit(parts._replace(query=query)), "expiresIn": LINK_LIFE_S}


def begun(console: Console, query: Mapping[str, str]) -> dict[str, Any] | None:
    """The authorization that a browser comes back for, as it was begun; None where there is none, or it is too old."""
    pending = console.state.get(authorization.PENDING, ("", ""), query.get("state", ""))
    if pending is None or console.clock.now() - pending["at"] > LINK_LIFE_S:
        return None
    return dict(pending)


async def complete(console: Console, query: Mapping[str, str], target_of: Any, service_of: Any) -> str:
    """The browser came back: exchange the code. One sentence for the person; ConsoleError when it is refused."""
    pending = begun(console, query)
    if pending is None:
        raise bad_request("This authorization was not started here, or too long ago.")
    console.state.delete(authorization.PENDING, ("", ""), query["state"])
    if "error" in query:
        raise bad_request(f"The provider says: {query['error']}.")
    target: Target = target_of(pending)
    service: Stored = service_of(target)
    form = {
        "grant_type": "authorization_code",
        "code": query.get("code", ""),
        "redirect_uri": callback_url(console),
        "scope": service.values["oauth"]["scope"],
    }
    answer = await _ask(console, service, form)
    if not answer.get("refresh_token"):
        raise bad_request("The provider gave no refresh token; is offline_access in the scope?")
    authorization.keep(console, target, answer["refresh_token"], pending["user"])
    console.log(target, "Email", f"Access was authorized; started by {pending['user']}.", source="User")
    return f"Access for {target.name} is authorized. You may close this window."


async def access_token(console: Console, target: Target, service: Stored) -> str:
    """An access token for sending, refreshed when it is needed; NoToken says why there is none."""
    cached = console.held.get(target.owner)
    if cached and cached["until"] > console.clock.now() + MARGIN_S:
        return str(cached["token"])
    held = console.state.get(authorization.HELD, target.owner) or {}
    refresh_token = held.get("refresh_token")
    if not refresh_token:
        raise NoToken("Access is not authorized, or the email service was not saved after it.")
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token, "scope": service.values["oauth"]["scope"]}
    try:
        answer = await _ask(console, service, form)
    except ConsoleError as error:
        if "invalid_grant" in error.message:
            authorization.expire(console, target)
        raise NoToken(error.message) from None
    renewed = {**held, "refresh_token": answer.get("refresh_token", refresh_token), "refreshed": console.clock.stamp()}
    console.state.put(authorization.HELD, target.owner, "", renewed)
    until = console.clock.now() + float(answer.get("expires_in", 0))
    console.held[target.owner] = {"token": answer["access_token"], "until": until}
    return str(answer["access_token"])


async def _ask(console: Console, service: Stored, form: dict[str, str]) -> dict[str, Any]:
    """Ask the token endpoint; ConsoleError with the provider's words when it refuses."""
    oauth = service.values["oauth"]
    data = {**form, "client_id": oauth["clientId"], "client_secret": service.secrets.get("oauth.clientSecret", "")}
    connector = aiohttp.TCPConnector(ssl=console.pki.client_context())
    try:
        async with (
            aiohttp.ClientSession(connector=connector, headers={"User-Agent": AGENT}, timeout=TIMEOUT) as http,
            http.post(oauth["tokenUrl"], data=data, allow_redirects=False) as reply,
        ):
            answer = await reply.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise bad_request(f"The token endpoint did not answer as it should: {type(error).__name__}.") from None
    if not isinstance(answer, dict) or reply.status != 200:
        words = answer if isinstance(answer, dict) else {}
        said = f"{words.get('error', reply.status)}: {str(words.get('error_description', ''))[:200]}"
        raise bad_request(f"The token endpoint says {said}")
    return answer
