# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail that the console sends: with the stored values or a candidate's, in a thread of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any

from cai_lab.console.core import Console
from cai_lab.console.documents import Stored
from cai_lab.console.oauth_client import NoToken, access_token
from cai_lab.fleet import Target
from cai_lab.mail.sender import MailSettings, SendResult, send

FALLBACK_SENDER = "cai-console@lab.test"


def sender_of(values: Mapping[str, Any]) -> str:
    """The address that mail of the console comes from: the email service's user (assumed)."""
    return values["userName"] or FALLBACK_SENDER


async def deliver(
    console: Console, target: Target, service: Stored, recipient: str, subject: str, text: str
) -> SendResult:
    """Send one mail with an email service's values; the result tells the stage of a failure."""
    values = service.values
    if not values["hostName"]:
        return SendResult(False, "configuration", None, "There is no host.")
    token = None
    if values["authenticationType"] == "OAUTH":
        try:
            token = await access_token(console, target, service)
        except NoToken as error:
            return SendResult(False, "authorization", None, str(error))
    message = EmailMessage()
    message["From"] = sender_of(values)
    message["To"] = recipient
    message["Subject"] = subject
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain="lab.test")
    message.set_content(text)
    settings = MailSettings(
        values["hostName"],
        values["port"],
        values["security"],
        values["userName"],
        service.secrets.get("password"),
        token,
    )
    trust = console.pki.client_context()
    return await asyncio.to_thread(send, settings, message, recipient, trust, cut_off=target.owner in console.cut_off)
