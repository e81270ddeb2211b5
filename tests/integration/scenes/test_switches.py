# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What nobody knows of the console: the client does the same work in every position of every two switches of the lab.

The binding is what differs: it says how the console speaks in these positions. Where a position makes something
impossible, the client says so, and nothing is written.
"""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cai.console.plugins.module_utils._bindings import BINDINGS
from cai_lab.browserless import Person
from cai_lab.control_client import LabControl
from cai_lab.switches import SWITCHES
from support import client
from support.bindings import binding_for
from support.hand import Hand
from support.labs import SENDER, Watch, mail_password
from support.pairs import Row, all_pairs, pairs_of, pairwise

TARGET, HANDLER = "agent-a", "AlertHandler"
SOMEBODY = "somebody@lab.test"
# The OAuth server's own; the console is its client there, not we. tests/oauth has them in all positions.
OF_THE_PROVIDER = {"refresh_rotation", "offline_access", "granted_scope", "authorization_iss", "device_interval"}
OF_THE_CONSOLE = {name: switch.positions for name, switch in SWITCHES.items() if name not in OF_THE_PROVIDER}
REACH = {"reach": ("through the cloud", "direct")}
ROWS = pairwise({**OF_THE_CONSOLE, **REACH})

UNKNOWNS: dict[str, dict[str, set[str]]] = {
    "secret on read": {"secret_on_read": {"omitted", "null", "masked", "encrypted"}},
    "user name kept under OAuth": {"username_under_oauth": {"kept", "dropped"}},
    "port type": {"port_type": {"number", "string"}},
    "security words": {"security_words": {"upper", "lower", "none_word"}},
    "write answer": {"write_answer": {"object", "empty", "no_content"}},
    "concurrency": {"concurrency": {"etag", "none"}},
    "partial write": {"partial_write": {"replace", "merge"}},
    "test": {"test_values": {"stored", "candidate"}, "test_answer": {"now", "job"}},
    "test recipient": {"test_recipient": {"required", "optional", "ignored"}},
    "alert by mail without email service": {"alert_without_email": {"400", "409", "422", "accepted"}},
    "custom service not deployed there": {"custom_service_not_deployed": {"refused", "accepted"}},
    "authorization": {"authorization_start": {"none", "link"}, "oauth_change": {"keeps", "drops"}},
    "agent reach": {"reach": {"direct", "through the cloud"}},
    "refused sign-in": {"bad_credentials": {"400", "401"}},
    "error bodies": {"error_body": {"v2", "v3", "html", "empty"}},
    "ending a process": {"terminate": {"allowed", "refused"}},
    "sessions": {"session_kind": {"idle", "jwt"}},
}
"""By unknown: the switches for it, and the positions that it must have. That an agent is out of reach is a target."""


def test_every_unknown_is_a_switch() -> None:
    found = {**OF_THE_CONSOLE, **REACH}
    for unknown, switches in UNKNOWNS.items():
        for name, positions in switches.items():
            assert positions <= set(found[name]), unknown
    assert set(SWITCHES) >= OF_THE_PROVIDER


def test_every_two_positions_meet() -> None:
    met = set().union(*map(pairs_of, ROWS))
    assert all_pairs({**OF_THE_CONSOLE, **REACH}) <= met
    assert all(set(row) == {*OF_THE_CONSOLE, *REACH} for row in ROWS)


class Walk:
    """The client's work on one agent, from nothing to an authorized service, in one row of positions."""

    def __init__(self, lab: LabControl, link: dict[str, Any], row: Row) -> None:
        self.lab, self.row = lab, row
        direct = {"console_allowed_agent_hosts": ["127.0.0.1"]} if row["reach"] == "direct" else {}
        self.link = {**link, **direct, "console_binding": "switched"}
        self.watch = Watch(lab)
        self.kept = row["omitted_secret"] == "kept"
        # Which of the two ways of testing this console has.
        self.test = {"stored": "after", "candidate": "before", "stored_or_candidate": "both"}[row["test_values"]]

    def run(self, module: str, **wishes: Any) -> dict[str, Any]:
        """Run a module; a failure is a result like any other."""
        self.watch.restart()
        return client.run(module, self.link, target=TARGET, **wishes)

    def done(self, module: str, **wishes: Any) -> dict[str, Any]:
        """Run a module that must not fail."""
        result = self.run(module, **wishes)
        assert not result.get("failed"), result["msg"]
        return result

    def twice(self, module: str, **wishes: Any) -> dict[str, Any]:
        """Run a module that changes something, and once more, when it has nothing to do; the first result."""
        first = self.done(module, **wishes)
        assert first["changed"] is True
        assert self.done(module, **wishes)["changed"] is False
        assert self.watch.writes() == []
        return first

    def refused(self, module: str, code: str, **wishes: Any) -> None:
        """Run a module that must fail with a code, and leave everything as it was."""
        result = self.run(module, **wishes)
        assert result["error"]["code"] == code, result["msg"]
        assert self.watch.unchanged()

    def sign_in(self) -> None:
        """A refused sign-in is one, whatever its status."""
        wrong = {**self.link, "console_password": "wrong"}
        result = client.run("email_service_info", wrong, target=TARGET)
        assert result["error"]["code"] == "sign_in_refused"

    def mail(self) -> None:
        """Password, TLS, and the console's test."""
        wishes = {**self._server(), "authentication": "password", "password": mail_password(self.lab)}
        self.lab.clear_mailbox()
        if self.row["test_recipient"] == "required":
            result = self.run("email_service", **{**wishes, "host": "127.0.0.1"}, test=self.test)
            left = "saved" if self.test == "after" else "unchanged"
            assert (result["error"]["code"], result["state_left"]) == ("test_failed", left)
            assert self.lab.mailbox() == []
        result = self.twice("email_service", **wishes, test=self.test, test_recipient=SOMEBODY)
        assert result["tested"] is True
        assert result["concurrency"] == ("guaranteed" if self.row["concurrency"] == "etag" else "best_effort")
        mails = self.lab.mailbox()
        assert len(mails) == (2 if self.test == "both" else 1)
        to = SENDER if self.row["test_recipient"] == "ignored" else SOMEBODY
        assert {address for mail in mails for address in mail["recipients"]} == {to}
        for name, value in self._server().items():
            assert result["email_service"][name] == value

    def secret(self) -> None:
        """A change without the password: the console keeps it, or the client asks for it first."""
        if not self.kept:
            self.refused("email_service", "secret_required", enabled=False)
        secret = {} if self.kept else {"password": mail_password(self.lab)}
        self.done("email_service", enabled=False, **secret)
        assert self.lab.secret(TARGET, "password", mail_password(self.lab))["equal"]

    def security(self) -> None:
        """Each word for the security of the connection."""
        secret = {"password": mail_password(self.lab)}
        for word in ("ssl", "none", "tls"):
            result = self.twice("email_service", security=word, **secret)
            assert result["email_service"]["security"] == word

    def alerts(self) -> None:
        """By mail while the Email Service is off, and by a service that is not deployed there, then by one that is."""
        by_mail = {"enabled": True, "action": "send_email", "email": SOMEBODY}
        if self.row["alert_without_email"] == "accepted":
            self.twice("alert_service", **by_mail)
        else:
            self.refused("alert_service", "write_refused", **by_mail)
        custom = {"enabled": True, "action": "custom_service"}
        if self.row["custom_service_not_deployed"] == "accepted":
            self.twice("alert_service", service="Nowhere", **custom)
        else:
            self.refused("alert_service", "write_refused", service="Nowhere", **custom)
        assert self.twice("alert_service", service=HANDLER, **custom)["alert_service"]["service"] == HANDLER
        self.twice("server_properties", suspend_on_uncaught_fault=True)

    def oauth(self) -> None:
        """OAuth instead of the password. A user name is asked for only where the console keeps one."""
        named = {"username": SENDER} if self.row["username_under_oauth"] == "kept" else {}
        server = {**self._server(), "username": None, **named}
        result = self.twice("email_service", **server, authentication="oauth", oauth=self._oauth())
        assert any("let go of username" in warning for warning in result["warnings"]) is not bool(named)
        assert result["email_service"]["username"] == (SENDER if named else None)
        assert not self.lab.secret(TARGET, "password", mail_password(self.lab))["set"]
        assert self._status() == "not_authorized"
        if not named:
            # Who asks for what this console does not keep is told so.
            said = self.run("email_service", username=SENDER, oauth=self._oauth())
            assert said["error"]["code"] == "write_not_confirmed"
            assert "username" in said["msg"]

    def authorization(self) -> str:
        """By tokens handed over, by the link, or by a person at the page. Return what a change leaves of it."""
        if self.row["authorization_tokens"] == "taken":
            given = self.done("email_service_authorization", state="link", refresh_token="Made-up-rt1", test=False)
            assert given["authorization"]["status"] == "authorized"
            self.done("email_service_authorization", state="absent")
        else:
            self.refused("email_service_authorization", "not_found", state="link", refresh_token="Made-up-rt1")
        if self.row["authorization_start"] == "link":
            self._by_link()
        else:
            self.refused("email_service_authorization", "not_found", state="link")
            self.lab.authorize(TARGET)
        assert self._status() == "authorized"
        changed = {**self._oauth(), "scope": ["https://outlook.office.com/SMTP.Send", "offline_access", "more"]}
        self.done("email_service", oauth=changed)
        return self._status()

    def _by_link(self) -> None:
        link = self.done("email_service_authorization", state="link")["authorization_url"]
        Person(SENDER, mail_password(self.lab), self.lab.addresses["ca"]).open(link, self.lab.addresses["console"])
        # What waits for a save is sent with only where the client can save without the secret.
        works = self.row["username_under_oauth"] == "kept" and self.row["test_values"] != "candidate"
        test = works and (self.kept or self.row["authorization_effect"] == "at_once")
        confirmed = self.done("email_service_authorization", state="confirmed", test=test, test_recipient=SOMEBODY)
        assert confirmed["saved_again"] is self.kept
        assert bool(confirmed.get("warnings")) is not self.kept
        assert not test or confirmed["test_result"]["ok"] is True

    def _status(self) -> str:
        return str(self.done("email_service_info")["email_service"]["authorization"]["status"])

    def _server(self) -> dict[str, Any]:
        port = self.lab.addresses["smtp"]["starttls_port"]
        return {"enabled": True, "host": "localhost", "port": port, "security": "tls", "username": SENDER}

    def _oauth(self) -> dict[str, Any]:
        urls = self.lab.addresses["oauth"]
        return {
            "authorization_url": urls["authorization_url"],
            "token_url": urls["token_url"],
            "client_id": "console-client",
            "client_secret": "console-client-Secret-1",
            "scope": ["https://outlook.office.com/SMTP.Send", "offline_access"],
        }


@pytest.mark.parametrize("row", ROWS, ids=[f"row-{number}" for number in range(len(ROWS))])
def test_the_client_works_in_every_position(
    row: Row, lab: LabControl, hand: Hand, link: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    hand.call("PUT", TARGET, "/server/services/email", {"password": None, "oauth": {"clientSecret": None}})
    hand.call("PUT", TARGET, "/server/services/alert", {})
    hand.call("PUT", TARGET, "/server/properties", {})
    hand.call("DELETE", TARGET, "/server/services/email/authorization")
    lab.set_switches(**{name: position for name, position in row.items() if name in SWITCHES})
    monkeypatch.setitem(BINDINGS, "switched", binding_for(row))
    walk = Walk(lab, link, row)
    walk.sign_in()
    walk.mail()
    walk.secret()
    walk.security()
    walk.alerts()
    walk.oauth()
    assert walk.authorization() == ("authorized" if row["oauth_change"] == "keeps" else "not_authorized")
