# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Revoke a token (RFC 7009) and forget it."""

from __future__ import annotations

import typing as t

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.plugin_utils._oauth import rotation
from ansible_collections.cai.console.plugins.plugin_utils._oauth.explain import refusal
from ansible_collections.cai.console.plugins.plugin_utils._oauth.libraries import WebApplicationClient
from ansible_collections.cai.console.plugins.plugin_utils._oauth.wire import TokenSession, as_reply

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.plugin_utils._oauth.exchange import Work


def run(work: Work) -> dict[str, t.Any]:
    """Revoke the refresh token that we hold; where we hold none, there is nothing to do."""
    with rotation.held(work.params["state_dir"], *work.identity()) as journal:
        given = work.params["refresh_token"] or work.store.load()
        if not given:
            return {"changed": False, "revoked": False}
        if not work.provider.revocation_url:
            raise ConsoleError(
                "invalid_option",
                "revocation_url is not known.",
                stage="options",
                remedy="Set revocation_url or discovery_url. The preset microsoft knows no such address: there, let an "
                "administrator revoke the user's sessions, or the consent of the client.",
            )
        if work.check_mode:
            return {"changed": True, "revoked": False, "would_spend": True}
        token = journal.newest(str(given))
        proof = work.client.proof(work.provider.need("token_url"))
        session = TokenSession(work.transport, "revoke", client=WebApplicationClient(work.client.client_id))
        fields = {"token": token, "token_type_hint": "refresh_token", **proof.fields}
        response = session.request("POST", work.provider.revocation_url, data=fields, auth=proof.auth)
        if response.status_code != 200:
            raise refusal(as_reply(response), stage="revoke", secrets=[*work.client.secrets(), token])
        work.store.clear()
        journal.forget()
        return {"changed": True, "revoked": True}
