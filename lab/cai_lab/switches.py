# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The switches: one for each thing that no public source tells of the console, with its positions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cai_lab.state import State

NOBODY = ("", "")


@dataclass(frozen=True)
class Switch:
    """One unknown: what it is about, and the positions (the first is the default)."""

    about: str
    positions: tuple[str, ...]


SWITCHES: Mapping[str, Switch] = {
    "secret_on_read": Switch("How a stored secret looks when it is read", ("omitted", "null", "masked", "encrypted")),
    "port_type": Switch("Type of the port in answers; 'string' also accepts text on write", ("number", "string")),
    "security_words": Switch("Words for the security of the mail connection", ("upper", "lower", "none_word")),
    "write_answer": Switch("Answer to a write: 200 with object, 200 empty, 204", ("object", "empty", "no_content")),
    "concurrency": Switch("ETag with If-Match and 412, or nothing", ("etag", "none")),
    "partial_write": Switch("What a PUT does to members that it leaves out", ("replace", "merge")),
    "omitted_secret": Switch("What a PUT does to a secret that it leaves out", ("kept", "cleared")),
    "bad_credentials": Switch("Status of a refused sign-in", ("401", "400")),
    "test_values": Switch("Which values the console's test takes", ("stored_or_candidate", "stored", "candidate")),
    "test_answer": Switch("The test answers at once, or with a job to poll", ("now", "job")),
    "test_recipient": Switch("The recipient of the test", ("optional", "required", "ignored")),
    "alert_without_email": Switch("Alert by mail without an email service", ("accepted", "400", "409", "422")),
    "custom_service_not_deployed": Switch("Custom service that is not deployed there", ("refused", "accepted")),
    "username_under_oauth": Switch("The user name when the authentication is OAuth", ("kept", "dropped")),
    "session_kind": Switch("Idle sessions, or JWT sessions with a fixed expiry", ("idle", "jwt")),
    "oauth_change": Switch("What changed OAuth settings do to the authorization", ("keeps", "drops")),
    "authorization_start": Switch("Whether the console hands out a link for Authorize Access", ("link", "none")),
    "authorization_tokens": Switch("Whether the console takes tokens that somebody else got", ("refused", "taken")),
    "authorization_effect": Switch("When a completed authorization is used", ("at_once", "when_saved")),
    "refresh_rotation": Switch("What a used refresh token is worth", ("keeps_old", "revokes_old")),
    "offline_access": Switch("Whether offline_access brings a refresh token", ("granted", "withheld")),
    "granted_scope": Switch("The scope that the OAuth server grants", ("as_asked", "wider", "narrower")),
    "authorization_iss": Switch("The issuer in the answer to the browser", ("sent", "omitted", "another")),
    "device_interval": Switch("Whether the device flow tells its interval", ("sent", "omitted")),
    "unreadable_document": Switch("A configuration that the engine cannot read, by SOAP", ("ignored", "fault")),
    "log_delay_s": Switch("Seconds until an entry of the server log can be seen", ("0", "45")),
    "error_body": Switch("Body of an error of restadmin and rt", ("v3", "v2", "html", "empty")),
}


class Switches:
    """The positions in force; stored, so that a restart keeps them."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._values = {name: switch.positions[0] for name, switch in SWITCHES.items()}
        self._values.update(state.items("switch", NOBODY))

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def values(self) -> dict[str, str]:
        """Every switch with its position."""
        return dict(self._values)

    def set(self, changes: Mapping[str, object]) -> None:
        """Move switches; ValueError, with nothing moved, for an unknown switch or position."""
        for name, position in changes.items():
            if name not in SWITCHES:
                raise ValueError(f"there is no switch {name!r}")
            if position not in SWITCHES[name].positions:
                raise ValueError(f"{name} has the positions {', '.join(SWITCHES[name].positions)}, not {position!r}")
        with self._state.transaction():
            for name, position in changes.items():
                self._state.put("switch", NOBODY, name, position)
                self._values[name] = str(position)

    def reset(self) -> None:
        """Every switch back to its default."""
        self.set({name: switch.positions[0] for name, switch in SWITCHES.items()})
