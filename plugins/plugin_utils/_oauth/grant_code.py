# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Grant ``authorization_code`` with PKCE: a person's consent in two steps, or in one at a terminal."""

from __future__ import annotations

import typing as t
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.plugin_utils._oauth import explain, listener, provider, state, tokens
from ansible_collections.cai.console.plugins.plugin_utils._oauth.libraries import WebApplicationClient

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.plugin_utils._oauth.exchange import Work

SPENDS = True


def run(work: Work) -> dict[str, t.Any]:
    """Return the task's result for ``step``."""
    return STEPS[work.params["step"] or "begin"](work)


def link(work: Work, redirect_uri: str, key: str) -> dict[str, t.Any]:
    """Return the link for the person, and its state. Nothing in it is secret."""
    params = work.params
    lifetime = int(params["consent_lifetime"])
    parts = urlsplit(work.provider.need("authorization_url"))
    given = parse_qsl(parts.query)
    claim = state.Claim(work.target(), work.client.client_id, where(work), int(work.now()) + lifetime)
    signed = state.sign(claim, key)
    query = {
        "response_type": "code",
        "client_id": work.client.client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(work.provider.scope),
        "state": signed,
        "code_challenge": state.challenge(state.verifier(signed, key)),
        "code_challenge_method": "S256",
        **{name: value for name, value in work.provider.extra.items() if name not in dict(given)},
        **({"login_hint": params["user"]} if params["user"] else {}),
    }
    kept = [item for item in given if item[0] not in query]
    url = urlunsplit(parts._replace(query=urlencode([*kept, *query.items()])))
    return {"authorization_url": url, "state": signed, "link_expires_at": tokens.stamp(claim.expires)}


def where(work: Work) -> str:
    """Return how the state names the provider: the address that the code will be sent to."""
    return work.provider.need("token_url")


def _begin(work: Work) -> dict[str, t.Any]:
    redirect_uri = _redirect_uri(work)
    return {
        "changed": False,
        "target": work.target(),
        **link(work, redirect_uri, state.check_key(work.params["consent_key"])),
    }


def _complete(work: Work) -> dict[str, t.Any]:
    key, redirect_uri = state.check_key(work.params["consent_key"]), _redirect_uri(work)
    query = _pasted(work, redirect_uri)
    _check(work, query, key)
    if work.check_mode:
        return {"changed": True, "would_spend": True}
    return _exchanged(work, query, key, redirect_uri)


def _interactive(work: Work) -> dict[str, t.Any]:
    if work.check_mode:
        return {"changed": True, "would_spend": True}
    key = work.params["consent_key"] or state.encoded(work.random(32))
    with listener.Listener(work.params["redirect_uri"], work.params["listen_port"]) as waiting:
        begun = link(work, waiting.redirect_uri, key)
        work.say(f"To authorize {work.params['user'] or work.target()}: open {begun['authorization_url']}")
        if work.params["open_browser"]:
            listener.open_browser(begun["authorization_url"])
        query = waiting.wait(begun["state"], work.params["wait"])
        _check(work, query, key)
        return _exchanged(work, query, key, waiting.redirect_uri)


def _redirect_uri(work: Work) -> str:
    uri = work.params["redirect_uri"]
    if not uri:
        raise ConsoleError(
            "invalid_option",
            "redirect_uri is not set.",
            stage="options",
            remedy="Set redirect_uri to one that is registered for the client at the provider.",
        )
    provider.check_https("redirect_uri", uri)
    return str(uri)


def _pasted(work: Work, redirect_uri: str) -> dict[str, str]:
    """Return the query of the URL that was pasted, or code and state as they were given."""
    params = work.params
    if params["redirect_response"]:
        came, expected = urlsplit(params["redirect_response"].strip()), urlsplit(redirect_uri)
        if (came.scheme, came.netloc, came.path or "/") != (expected.scheme, expected.netloc, expected.path or "/"):
            message = f"It begins with {came.scheme}://{came.netloc}{came.path}, redirect_uri is {redirect_uri}."
            raise ConsoleError("redirect_mismatch", message, stage="consent")
        return dict(parse_qsl(came.query))
    if params["code"] and params["consent_state"]:
        return {"code": params["code"], "state": params["consent_state"]}
    raise ConsoleError(
        "invalid_option",
        "step=complete needs redirect_response, or code and consent_state.",
        stage="options",
        remedy="Paste the whole URL that the browser ended at as redirect_response.",
    )


def _check(work: Work, query: t.Mapping[str, str], key: str) -> None:
    """Everything that can be known before the code is spent."""
    claim = state.verify(query.get("state", ""), key)
    state.check(claim, target=work.target(), client_id=work.client.client_id, provider=where(work), now=work.now())
    if work.params["redirect_response"] or "iss" in query:
        provider.check_issuer(work.provider, query.get("iss"))
    if "error" in query:
        raise explain.refused_in_browser(query)
    if not query.get("code"):
        raise ConsoleError("state_invalid", "The URL has no code.", stage="consent")


def _exchanged(work: Work, query: t.Mapping[str, str], key: str, redirect_uri: str) -> dict[str, t.Any]:
    code, verifier = query["code"], state.verifier(query["state"], key)
    try:
        answer = work.exchange().fetch(
            WebApplicationClient(work.client.client_id),
            "complete",
            secrets=[code, verifier],
            redirect_uri=redirect_uri,
            code=code,
            code_verifier=verifier,
        )
    except explain.Refused as error:
        if error.word == "invalid_grant" and error.code == "consent_needed":
            raise ConsoleError(
                "code_already_used",
                f"The code was used before, or is too old (some minutes). {error.message}",
                stage="complete",
                details=error.details,
            ) from None
        raise
    return work.consented(tokens.read(answer, work.provider.scope, work.now()))


STEPS: t.Mapping[str, t.Callable[[Work], dict[str, t.Any]]] = {
    "begin": _begin,
    "complete": _complete,
    "interactive": _interactive,
}
