# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stages of a probe, in their order, each once. Whatever refuses, loses or garbles ends it with a StageFault."""

from __future__ import annotations

import re
import socket
import ssl
import typing as t

from ansible_collections.cai.console.plugins.module_utils._smtp import _connect, _message, _sasl, _tls, _token
from ansible_collections.cai.console.plugins.module_utils._smtp._model import (
    Reply,
    Settings,
    StageFault,
    readable,
    stages_of,
)
from ansible_collections.cai.console.plugins.module_utils._smtp._session import Dialogue

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._smtp._clock import Budget
    from ansible_collections.cai.console.plugins.module_utils._smtp._rows import Rows

# Cisco's inspection writes X over what it removes; others replace the word.
_GARBLED = re.compile(r"^(X{4,}[A-Z]?|STARTTL[^S]\w*|[X]+TLS)\b", re.IGNORECASE)
# What may differ before and after STARTTLS (RFC 3207, 4.2): STARTTLS goes, and AUTH comes or grows.
_MAY_CHANGE = {"starttls", "auth", "requiretls"}


class Exchange:
    """One connection to a mail server, driven stage by stage. ``facts`` collects what was learnt."""

    def __init__(self, settings: Settings, budget: Budget, rows: Rows, probe: str) -> None:
        self._settings = settings
        self._budget = budget
        self._rows = rows
        self._probe = probe
        self._dialogue: Dialogue | None = None
        self._pending: StageFault | None = None
        self._mechanism = ""
        self.winner: t.Any = None
        self.handshake_failed = False
        self.trips = 0
        self._before: dict[str, str] = {}
        self._offers: dict[str, str] = {}
        self.facts: dict[str, t.Any] = {"addresses": {}, "tls": None, "capabilities": None, "capabilities_tls": None}

    def steps(self) -> list[tuple[str, t.Callable[[], None]]]:
        """Return the stages that this probe's security needs, in the order in which they happen."""
        steps: dict[str, t.Callable[[], None]] = {
            "dns": self._dns,
            "connect": self._connect,
            "banner": self._banner,
            "ehlo": self._ehlo,
            "starttls": self._starttls,
            "certificate": self._certificate_at_once if self._settings.security == "ssl" else self._certificate,
            "ehlo_tls": self._ehlo_tls,
            "auth_offer": self._auth_offer,
            "auth": self._auth,
            "mail": self._mail,
            "rcpt": self._rcpt,
            "data": self._data,
            "queued": self._queued,
        }
        return [(stage, steps[stage]) for stage in stages_of(self._settings.security) if stage in steps]

    def close(self) -> None:
        """End the session, with QUIT where the protocol allows it."""
        if self._dialogue is not None:
            self._dialogue.leave()
            self.trips = self._dialogue.round_trips

    @property
    def _line(self) -> Dialogue:
        if self._dialogue is None:
            raise RuntimeError("a stage needs a connection")
        return self._dialogue

    def _dns(self) -> None:
        found = _connect.resolve(self._settings.host, self._settings.port, self._budget)
        self._addresses = found
        shown = {name: [address[0] for address in addresses] for name, addresses in found.items()}
        self.facts["addresses"] = {name: {"found": names} for name, names in shown.items()}
        self._rows.note("dns", ", ".join(name for names in shown.values() for name in names))

    def _connect(self) -> None:
        race = _connect.Race(self._addresses)
        try:
            sock = race.run(self._budget)
        finally:
            for name, row in race.report.items():
                self.facts["addresses"][name].update(row)
        self.winner = (sock.family, sock.getpeername())
        for name, row in race.report.items():
            if row["status"] in ("failed", "slow"):
                self._rows.find("connect", f"{name}_{row['status']}", f"{row['address']}: {row['detail']}.")
        self._rows.note("connect", f"{self.winner[1][0]} port {self.winner[1][1]}")
        self._dialogue = Dialogue(sock, self._budget, self._settings.ehlo_name)

    def _banner(self) -> None:
        self._accept("banner", self._line.greeting(), "smtp_banner_refused")

    def _ehlo(self) -> None:
        reply, self._before = self._line.introduce()
        self._accept("ehlo", reply, "smtp_ehlo_refused")
        self._offers = self._before
        self.facts["capabilities"] = _shown(self._before)
        if self._settings.security != "ssl" and _mechanisms(self._before):
            self._rows.find(
                "ehlo", "auth_in_clear", "The server takes a sign-in without TLS; anybody on the way could read it."
            )

    def _starttls(self) -> None:
        if "starttls" not in self._before:
            self._explain_missing()
        reply = self._line.command("STARTTLS")
        self._accept("starttls", reply, "smtp_starttls_refused")
        self._line.may_quit = False
        injected = self._line.unread()
        if injected:
            raise StageFault(
                "smtp_plaintext_injected",
                f"Plain text came after the answer to STARTTLS, before TLS: {readable(injected, 120)!r}.",
            )
        try:
            self._shake()
        except _tls.NotTls as fault:
            self.handshake_failed = False
            raise StageFault(
                "smtp_plaintext_injected", f"After STARTTLS was accepted came plain text. {fault.detail}"
            ) from None
        except StageFault as fault:
            if fault.error_code != "smtp_certificate_refused":
                raise
            self._pending = fault

    def _explain_missing(self) -> None:
        """STARTTLS is not offered. A server that takes it all the same was made to look as if it did not."""
        if any(_GARBLED.match(word) for word in self._before):
            raise StageFault(
                "smtp_starttls_stripped", "A word in the server's list of extensions was written over on the way."
            )
        reply = self._line.command("STARTTLS")
        if reply.code == 220:
            self._line.may_quit = False
            raise StageFault(
                "smtp_starttls_stripped", "STARTTLS is not in the list that came here, and yet the server takes it."
            )
        raise StageFault("smtp_starttls_missing", f"The server does not offer STARTTLS (asked all the same: {reply}).")

    def _shake(self) -> None:
        line = self._line
        line.may_quit = False
        self.handshake_failed = True
        sock, line.sock = t.cast(socket.socket, line.sock), None
        shaken = _tls.shake(sock, _tls.context(self._settings.tls), self._settings.host, self._budget)
        self.handshake_failed = False
        line.sock = shaken.sock
        line.may_quit = self._settings.security == "tls"
        self.facts["tls"] = shaken.facts

    def _certificate(self) -> None:
        if self._pending is not None:
            raise self._pending
        for name, detail in _tls.judge(self.facts["tls"], self._settings.tls):
            self._rows.find("certificate", name, detail)
        leaf = (self.facts["tls"]["chain"] or [{}])[0]
        self._rows.note("certificate", f"{self.facts['tls']['version']}, valid until {leaf.get('not_after')}")

    def _certificate_at_once(self) -> None:
        self._shake()
        self._certificate()

    def _ehlo_tls(self) -> None:
        reply, self._offers = self._line.introduce()
        self._accept("ehlo_tls", reply, "smtp_ehlo_refused")
        self.facts["capabilities_tls"] = _shown(self._offers)
        lost = sorted(set(self._before) - set(self._offers) - _MAY_CHANGE)
        gained = sorted(set(self._offers) - set(self._before) - _MAY_CHANGE)
        weaker = set(_mechanisms(self._before)) - set(_mechanisms(self._offers))
        said = [f"{what}: {', '.join(words)}" for what, words in (("gone", lost), ("new", gained)) if words] + (
            [f"mechanisms gone: {', '.join(sorted(weaker))}"] if weaker else []
        )
        if said:
            self._rows.find(
                "ehlo_tls", "ehlo_changed", f"The server offers other things under TLS ({'; '.join(said)})."
            )

    def _auth_offer(self) -> None:
        settings = self._settings
        if settings.authentication == "none":
            self._rows.skip("auth_offer", "No sign-in was asked for.")
            return
        if not isinstance(self._line.sock, ssl.SSLSocket):
            raise StageFault("smtp_auth_in_clear", f"The connection is not encrypted (security={settings.security}).")
        offered = _mechanisms(self._offers)
        self._mechanism = _sasl.choose(settings, offered)
        self._rows.note("auth_offer", f"{', '.join(offered)}; used: {self._mechanism}")
        self.facts["mechanism"] = self._mechanism
        if settings.authentication == "oauth":
            for said in _token.explain(settings.secret or "", settings.token_info, settings.username or ""):
                self._rows.find("auth_offer", "token", said)

    def _auth(self) -> None:
        if self._settings.authentication == "none":
            self._rows.skip("auth", "No sign-in was asked for.")
            return
        self._line.hide(_sasl.forms(self._settings))
        outcome = _sasl.authenticate(self._line, self._mechanism, self._settings)
        self.facts["auth_challenge"] = outcome.challenge
        reply = outcome.reply
        if reply.code == 235:
            self._rows.said("auth", reply)
            return
        said = [str(reply)]
        if outcome.challenge:
            said.append("the server says of the token: " + ", ".join(f"{k}={v}" for k, v in outcome.challenge.items()))
        if self._settings.authentication == "oauth":
            said += _token.explain(
                self._settings.secret or "", self._settings.token_info, self._settings.username or ""
            )
        refused = 500 <= reply.code < 600
        code = "smtp_auth_refused" if refused else "smtp_auth_interrupted"
        raise StageFault(code, "; ".join(said), reply=reply if reply.code >= 400 else None)

    def _mail(self) -> None:
        settings, message = self._settings, self._compose()
        options = []
        if "size" in self._offers:
            options.append(f"SIZE={len(message)}")
        if settings.smtputf8:
            if "smtputf8" not in self._offers:
                raise StageFault("smtp_smtputf8_missing", "The server does not offer SMTPUTF8.")
            options += ["BODY=8BITMIME", "SMTPUTF8"]
        reply = self._line.mail_from(t.cast(str, settings.sender), options)
        self._accept("mail", reply, "smtp_sender_refused")

    def _compose(self) -> bytes:
        settings = self._settings
        self._content = _message.compose(
            self._probe, t.cast(str, settings.sender), t.cast(str, settings.recipient), settings.message_size
        )
        return self._content

    def _rcpt(self) -> None:
        reports = "dsn" in self._offers and self._settings.arrival is not None
        self.facts["reports_asked"] = reports
        options = ["NOTIFY=FAILURE,DELAY"] if reports else []
        reply = self._line.rcpt_to(t.cast(str, self._settings.recipient), options)
        self._accept("rcpt", reply, "smtp_recipient_refused")

    def _data(self) -> None:
        reply = self._line.command("DATA")
        if reply.code == 354:
            self._rows.said("data", reply)
            return
        raise StageFault("smtp_data_refused", str(reply), reply=reply if reply.code >= 400 else None)

    def _queued(self) -> None:
        line = self._line
        line.content(self._content)
        try:
            reply = line.outcome()
        except StageFault as fault:
            raise StageFault(
                "smtp_outcome_unknown",
                f"{fault.detail} That was after the dot that ends the message: the server may have it, or not.",
            ) from None
        self._accept("queued", reply, "smtp_message_refused")

    def _accept(self, stage: str, reply: Reply, error_code: str) -> None:
        if 200 <= reply.code < 300:
            self._rows.said(stage, reply)
            return
        raise StageFault(error_code, str(reply), reply=reply if reply.code >= 400 else None)


def _mechanisms(offers: t.Mapping[str, str]) -> list[str]:
    return list(dict.fromkeys(offers.get("auth", "").upper().split()))


def _shown(offers: t.Mapping[str, str]) -> dict[str, str]:
    return {readable(name, 60): readable(value, 200) for name, value in offers.items()}
