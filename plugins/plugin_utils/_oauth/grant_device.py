# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Grant ``device_code`` (RFC 8628): show a code, and ask until somebody has entered it."""

from __future__ import annotations

import typing as t

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.plugin_utils._oauth import tokens
from ansible_collections.cai.console.plugins.plugin_utils._oauth.explain import Refused, refusal
from ansible_collections.cai.console.plugins.plugin_utils._oauth.libraries import DeviceClient
from ansible_collections.cai.console.plugins.plugin_utils._oauth.wire import JSON_FORM, TokenSession, as_reply

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.plugin_utils._oauth.exchange import Work

SPENDS = True
USUAL_INTERVAL = 5.0
SLOWER_BY = 5.0


def run(work: Work) -> dict[str, t.Any]:
    """Return the task's result; the code to enter is shown on the screen, which in a job runner is the job's output."""
    if work.check_mode:
        return {"changed": True, "would_spend": True}
    begun = _begin(work)
    place = begun.get("verification_uri") or begun.get("verification_url")
    work.say(
        f"To authorize {work.params['user'] or work.client.client_id}: open {place} and enter {begun['user_code']}"
    )
    got = _await(work, begun)
    return work.consented(got)


def _begin(work: Work) -> dict[str, t.Any]:
    proof = work.client.proof(work.provider.need("token_url"))
    client = DeviceClient(work.client.client_id)
    session = TokenSession(work.transport, "device", client=client)
    fields = {"client_id": work.client.client_id, "scope": " ".join(work.provider.scope), **proof.fields}
    response = session.request(
        "POST", work.provider.need("device_url"), data=fields, headers=JSON_FORM, auth=proof.auth
    )
    try:
        begun = response.json() if response.status_code == 200 else None
    except ValueError:
        begun = None
    if not isinstance(begun, dict) or not begun.get("device_code") or not begun.get("user_code"):
        raise refusal(as_reply(response), stage="device", secrets=work.client.secrets())
    return begun


def _await(work: Work, begun: t.Mapping[str, t.Any]) -> tokens.Tokens:
    """Ask, never faster than the provider wants, until there is an answer or the time is over."""
    interval = _number(begun.get("interval"), USUAL_INTERVAL) or USUAL_INTERVAL
    deadline = work.now() + min(_number(begun.get("expires_in"), 900.0), work.params["wait"])
    code = str(begun["device_code"])
    while work.now() + interval <= deadline:
        work.transport.pause(interval)
        try:
            answer = work.exchange().fetch(
                DeviceClient(work.client.client_id), "device", secrets=[code], device_code=code
            )
            return tokens.read(answer, work.provider.scope, work.now())
        except Refused as error:
            if error.word == "slow_down" or error.code == "token_endpoint_busy":
                interval += SLOWER_BY
            elif error.word != "authorization_pending":
                raise
        except ConsoleError as error:
            # RFC 8628 section 3.5: a connection that times out is no answer; ask again, less often.
            if error.code != "token_endpoint_timeout":
                raise
            interval *= 2
    raise ConsoleError("consent_expired", "Nobody entered the code in time.", stage="device")


def _number(value: t.Any, otherwise: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
        return otherwise
    return float(value)
