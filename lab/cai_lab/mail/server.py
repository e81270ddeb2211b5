# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab's SMTP submission server: STARTTLS on one port, TLS from the start on another, mail ends in a Mailbox."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiosmtpd.smtp import MISSING, SMTP, AuthResult, Envelope, LoginPassword, Session

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence

    from .mailbox import Mailbox
    from .pki import Leaf, Pki

_log = logging.getLogger(__name__)
# At each sign-in aiosmtpd warns of a deprecated attribute that only its own code sets.
logging.getLogger("mail.log").setLevel(logging.ERROR)

HOSTNAME = "mail.lab.test"
REFUSED_RECIPIENT = "refused@lab.test"


@dataclass
class Counters:
    """What a server has seen since it was started."""

    connections: int = 0
    refused_sign_ins: int = 0


class MailServer:
    """SMTP with PLAIN and LOGIN for the ``accounts`` (user to password).

    ``host`` is one address. Port 0 takes a free one; after ``start`` the attributes hold the real ones. ``leaf`` is
    presented instead of a certificate for ``names``. Mail for ``refused_recipients`` is refused, so that a client's
    handling of it can be tried; any other recipient is accepted and nothing is ever passed on.
    ``opens`` says whether an access token opens a user's mailbox; with it XOAUTH2 and OAUTHBEARER are offered too.
    """

    def __init__(
        self,
        *,
        host: str,
        starttls_port: int,
        tls_port: int,
        accounts: Mapping[str, str],
        mailbox: Mailbox,
        pki: Pki,
        names: Sequence[str] = ("localhost", "127.0.0.1"),
        leaf: Leaf | None = None,
        refused_recipients: Collection[str] = (REFUSED_RECIPIENT,),
        opens: Callable[[str, str], bool] | None = None,
    ) -> None:
        self.host = host
        self.starttls_port = starttls_port
        self.tls_port = tls_port
        self.counters = Counters()
        self._handler = (
            _Handler(accounts, mailbox, self.counters, refused_recipients)
            if opens is None
            else _TokenHandler(accounts, mailbox, self.counters, refused_recipients, opens)
        )
        self._context = pki.server_context(leaf or pki.leaf(*names))
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._listeners: list[asyncio.Server] = []
        self._open: set[asyncio.BaseTransport] = set()

    def start(self) -> None:
        """Listen, in a thread of its own. Raises OSError when a port is in use."""
        if self._loop is not None:
            raise RuntimeError("the mail server is already running")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="cai-lab-mail", daemon=True)
        self._thread.start()
        try:
            self._call(self._listen())
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop listening, drop the open connections and end the thread. Does nothing when it is not running."""
        if self._loop is None or self._thread is None:
            return
        self._call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._loop = self._thread = None

    def _call(self, work: Coroutine[Any, Any, None]) -> None:
        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _listen(self) -> None:
        self.starttls_port = await self._listen_on(self.starttls_port, None)
        self.tls_port = await self._listen_on(self.tls_port, self._context)

    async def _listen_on(self, port: int, tls: ssl.SSLContext | None) -> int:
        loop = asyncio.get_running_loop()
        listener = await loop.create_server(lambda: self._protocol(tls is not None), self.host, port, ssl=tls)
        self._listeners.append(listener)
        return int(listener.sockets[0].getsockname()[1])

    def _protocol(self, implicit_tls: bool) -> SMTP:
        self.counters.connections += 1
        return _Protocol(self._handler, self._open, None if implicit_tls else self._context)

    async def _close(self) -> None:
        for listener in self._listeners:
            listener.close()
        # Since Python 3.12 a listener waits for its open connections, and a client may keep one open for ever.
        for transport in list(self._open):
            if isinstance(transport, asyncio.WriteTransport):
                transport.abort()
        self._listeners.clear()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.get_running_loop().shutdown_default_executor()


class _Protocol(SMTP):
    """One connection: with a context it offers STARTTLS and takes AUTH only after it; else it is under TLS already."""

    # AUTH lines carry long secrets (tokens of some thousand characters); the defaults are 1001 and 512.
    line_length_limit = 20_000

    def __init__(
        self, handler: _Handler, open_transports: set[asyncio.BaseTransport], starttls: ssl.SSLContext | None
    ) -> None:
        super().__init__(
            handler,
            hostname=HOSTNAME,
            ident="ESMTP cai.console lab",
            enable_SMTPUTF8=True,
            tls_context=starttls,
            auth_required=True,
            authenticator=handler.sign_in,
            loop=asyncio.get_running_loop(),
        )
        self.command_size_limits["AUTH"] = self.line_length_limit
        # aiosmtpd knows of TLS only by STARTTLS; as an argument this would warn of an open AUTH, which this is not.
        self._auth_require_tls = starttls is not None
        self._open_transports = open_transports
        self._first_transport: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called again after STARTTLS, with the transport on top of the first one."""
        if self._first_transport is None:
            self._first_transport = transport
            self._open_transports.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self._first_transport is not None:
            self._open_transports.discard(self._first_transport)
        super().connection_lost(error)


class _Handler:
    """Decides on sign-ins, senders and recipients, and delivers."""

    def __init__(
        self, accounts: Mapping[str, str], mailbox: Mailbox, counters: Counters, refused_recipients: Collection[str]
    ) -> None:
        self._accounts = accounts
        self._mailbox = mailbox
        self._counters = counters
        self._refused_recipients = refused_recipients

    def sign_in(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: LoginPassword
    ) -> AuthResult:
        """Compare with the accounts; aiosmtpd answers 535 5.7.8 to a refusal."""
        expected = self._accounts.get(data.login.decode("utf-8", "replace"))
        accepted = expected is not None and expected.encode() == data.password
        if not accepted:
            self._counters.refused_sign_ins += 1
        return AuthResult(success=accepted, handled=False, auth_data=data)

    async def handle_MAIL(
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept a sender only as the account that signed in."""
        account = _account(session)
        if address.lower() != account.lower():
            return f"553 5.7.1 <{address}>: Sender address rejected: not owned by user {account}"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Ok"

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept all recipients but those that are there to be refused."""
        if address.lower() in self._refused_recipients:
            return f"550 5.1.1 <{address}>: Recipient address rejected: User unknown"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Deliver; the reply names the message's id."""
        transport = server.transport
        content = envelope.content
        assert transport is not None and isinstance(content, bytes)
        address, port = transport.get_extra_info("sockname")[:2]
        key = await asyncio.to_thread(
            self._mailbox.deliver,
            content,
            sender=envelope.mail_from or "",
            recipients=[str(recipient) for recipient in envelope.rcpt_tos],
            received_by=f"{address}:{port}",
            tls=transport.get_extra_info("ssl_object") is not None,
            auth_user=_account(session),
        )
        return f"250 2.0.0 Ok: queued as {key}"

    async def handle_exception(self, error: Exception) -> str:
        """A client that refuses the certificate ends up here too: no reason for a traceback on the screen."""
        _log.debug("SMTP session failed", exc_info=error)
        return f"451 4.3.0 Error in processing: {type(error).__name__}"


class _TokenHandler(_Handler):
    """Takes access tokens too (XOAUTH2, and OAUTHBEARER of RFC 7628); aiosmtpd finds the mechanisms by their names."""

    def __init__(
        self,
        accounts: Mapping[str, str],
        mailbox: Mailbox,
        counters: Counters,
        refused_recipients: Collection[str],
        opens: Callable[[str, str], bool],
    ) -> None:
        super().__init__(accounts, mailbox, counters, refused_recipients)
        self._opens = opens

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:
        """``user=`` address, then ``auth=Bearer`` token, separated by 0x01."""
        blob = await _blob(server, args)
        if blob is None:
            return AuthResult(success=False, handled=True)
        fields = _fields(blob.split("\x01"))
        error = {"status": "401", "schemes": "bearer", "scope": "https://outlook.office.com/SMTP.Send"}
        return await self._judge(server, fields.get("user", ""), fields, error)

    async def auth_OAUTHBEARER(self, server: SMTP, args: list[str]) -> AuthResult:
        """The GS2 header with the address, then the fields."""
        blob = await _blob(server, args)
        if blob is None:
            return AuthResult(success=False, handled=True)
        header, *rest = blob.split("\x01")
        user = next((part[2:] for part in header.split(",") if part.startswith("a=")), "")
        return await self._judge(server, user, _fields(rest), {"status": "invalid_token"})

    async def _judge(self, server: SMTP, user: str, fields: dict[str, str], error: dict[str, str]) -> AuthResult:
        token = fields.get("auth", "").removeprefix("Bearer ")
        if self._opens(user, token):
            return AuthResult(success=True, auth_data=LoginPassword(user.encode(), b""))
        self._counters.refused_sign_ins += 1
        # The reason comes as a challenge; the client answers it with an empty line or 0x01, and then it is refused.
        if await server.challenge_auth(json.dumps(error)) is MISSING:
            return AuthResult(success=False, handled=True)
        return AuthResult(success=False, handled=False, message="535 5.7.3 Authentication unsuccessful")


async def _blob(server: SMTP, args: list[str]) -> str | None:
    """The client's response, from the command or asked for; None when it was no base64 or was taken back."""
    if len(args) != 2:
        asked = await server.challenge_auth("")
        return asked.decode("utf-8", "replace") if isinstance(asked, bytes) else None
    try:
        return base64.b64decode(args[1], validate=True).decode("utf-8", "replace")
    except ValueError:
        await server.push("501 5.5.2 Cannot decode base64")
        return None


def _fields(parts: list[str]) -> dict[str, str]:
    return dict(part.split("=", 1) for part in parts if "=" in part)


def _account(session: Session) -> str:
    data = session.auth_data
    assert isinstance(data, LoginPassword)
    return data.login.decode("utf-8", "replace")
