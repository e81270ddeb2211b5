# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of a probe: its settings, its stages, what the server said, and the fault that ends it."""

from __future__ import annotations

import dataclasses
import re
import typing as t

STAGES = (
    "dns",
    "connect",
    "banner",
    "ehlo",
    "starttls",
    "certificate",
    "ehlo_tls",
    "auth_offer",
    "auth",
    "mail",
    "rcpt",
    "data",
    "queued",
    "delivered",
)
# Seconds. AUTH is long because Exchange answers a refused sign-in late, and RCPT because of address lookups.
STAGE_SECONDS: dict[str, float] = {
    "dns": 10.0,
    "connect": 10.0,
    "banner": 30.0,
    "ehlo": 15.0,
    "starttls": 15.0,
    "certificate": 15.0,
    "ehlo_tls": 15.0,
    "auth_offer": 5.0,
    "auth": 45.0,
    "mail": 20.0,
    "rcpt": 45.0,
    "data": 20.0,
    "queued": 60.0,
}
_SEND = STAGES[STAGES.index("auth_offer") :]
_ORDER = {
    "tls": STAGES,
    "ssl": ("dns", "connect", "certificate", "banner", "ehlo", *_SEND),
    "none": ("dns", "connect", "banner", "ehlo", *_SEND),
}
_ENHANCED = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})(?=\s|$)")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
TEXT_LIMIT = 500


def readable(raw: bytes | str, limit: int = TEXT_LIMIT) -> str:
    """Return a server's text fit for a screen: one encoding, no control characters, bounded."""
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw
    text = _CONTROL.sub("", text).replace("\n", " / ").strip()
    return text if len(text) <= limit else text[: limit - 1] + "\N{HORIZONTAL ELLIPSIS}"


def stages_of(security: str) -> tuple[str, ...]:
    """Return the stages that a session with this security has, in the order in which they happen."""
    return _ORDER[security]


class Reply(t.NamedTuple):
    """An SMTP reply: ``code``, and ``text``, its lines without their codes, joined by line feeds."""

    code: int
    text: str

    @property
    def enhanced(self) -> str | None:
        """The enhanced status code (RFC 3463) of the first line, if it has one."""
        found = _ENHANCED.match(self.text)
        return found.group(1) if found else None

    def __str__(self) -> str:
        return f"{self.code} {readable(self.text)}".rstrip()


class StageFault(Exception):
    """Ends a probe. ``error_code`` is a key of the catalogue of errors; ``reply`` is the one that refused, if any.

    ``stage``: where, if not in the stage that is being done. ``retryable`` and ``who`` replace what follows from the
    error code. ``remedy`` replaces the catalogue's. ``refused_sign_in``: a mailbox refused a sign-in.
    """

    def __init__(
        self,
        error_code: str,
        detail: str,
        *,
        reply: Reply | None = None,
        stage: str | None = None,
        retryable: bool | None = None,
        who: str | None = None,
        remedy: str | None = None,
    ) -> None:
        super().__init__(detail)
        self.error_code = error_code
        self.detail = detail
        self.reply = reply
        self.stage = stage
        self.retryable = retryable
        self.who = who
        self.remedy = remedy
        self.refused_sign_in = False


@dataclasses.dataclass(frozen=True)
class Imap:
    """A mailbox by IMAP. ``security`` is ``ssl`` or ``tls``; exactly one of password and token is given."""

    host: str
    port: int
    security: str
    username: str
    password: str | None = dataclasses.field(default=None, repr=False)
    token: str | None = dataclasses.field(default=None, repr=False)
    folders: tuple[str, ...] = ()
    ca_pem: str | None = None


@dataclasses.dataclass(frozen=True)
class Arrival:
    """Where to look for the message: exactly one of ``imap`` and ``maildir``. ``wait`` and ``poll`` in seconds."""

    imap: Imap | None = None
    maildir: str | None = None
    wait: float = 60.0
    poll: float = 1.0


@dataclasses.dataclass(frozen=True)
class TlsTerms:
    """What a server's TLS must be.

    ``ca_pem``: text of the CA certificates that are trusted instead of the system's. ``fingerprint``: SHA-256 of the
    server's certificate, 64 hexadecimal digits, in place of any CA. ``floor``: lowest TLS version. Days are of
    the certificate's remaining life; under ``fail_days`` it is refused.
    """

    ca_pem: str | None = None
    fingerprint: str | None = None
    floor: str = "1.2"
    min_key_bits: int = 2048
    warn_days: float = 21.0
    fail_days: float = 0.0


@dataclasses.dataclass(frozen=True)
class Settings:
    """One probe. ``security``: ``none``, ``tls`` (STARTTLS) or ``ssl``. ``authentication``: ``none``, ``password`` or
    ``oauth``; ``secret`` is the password or the access token. ``mechanism``: a SASL name, or None for the best.
    """

    host: str
    port: int
    security: str = "tls"
    authentication: str = "none"
    username: str | None = None
    secret: str | None = dataclasses.field(default=None, repr=False)
    mechanism: str | None = None
    token_info: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    sender: str | None = None
    recipient: str | None = None
    smtputf8: bool = False
    message_size: int = 0
    tls: TlsTerms = dataclasses.field(default_factory=TlsTerms)
    budget: float = 120.0
    stage_budget: t.Mapping[str, float] = dataclasses.field(default_factory=dict)
    stop_after: str = "queued"
    ehlo_name: str = "cai-console.invalid"
    arrival: Arrival | None = None

    def seconds(self, stage: str) -> float:
        """Return the budget of a stage in seconds."""
        return float(self.stage_budget.get(stage, STAGE_SECONDS[stage]))
