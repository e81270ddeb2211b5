# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The OAuth server's part of the control interface, ``/_lab/oauth/``."""

from __future__ import annotations

from typing import Any

from cai_lab.oauth.ledger import listed
from cai_lab.oauth.server import OAuthServer


class OAuthControl:
    """What tests may do to the server; ValueError for a mistake."""

    def __init__(self, server: OAuthServer) -> None:
        self._server = server

    def events(self, wanted: Any) -> Any:
        """The server's own log."""
        return self._server.ledger.events()

    def grants(self, wanted: Any) -> Any:
        """The consents."""
        return listed(self._server.ledger)

    def settings(self, wanted: Any) -> Any:
        """Change settings, and see them."""
        self._server.ledger.set_settings(wanted or {})
        return self._server.ledger.settings()

    def client(self, wanted: Any) -> Any:
        """Change a client's secrets or certificate."""
        changes = {name: value for name, value in wanted.items() if name != "client_id"}
        self._server.ledger.register(str(wanted.get("client_id")), changes)
        return {}

    def person(self, wanted: Any) -> Any:
        """Disable an account, or revoke what it consented to."""
        disabled, revoke = bool(wanted.get("disabled")), bool(wanted.get("revoke"))
        self._server.ledger.change_person(str(wanted.get("name")), disabled=disabled, revoke=revoke)
        return {}

    def refuse(self, wanted: Any) -> Any:
        """Let the next token requests be refused with an AADSTS code."""
        self._server.force(int(wanted.get("aadsts") or 0), int(wanted.get("times", 1)))
        return {}
