# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab's mail side: a CA, an SMTP submission server with a mailbox, and the console's SMTP client."""

from __future__ import annotations

from .mailbox import Mailbox, Message
from .pki import Leaf, Pki
from .sender import MailSettings, SendResult, send
from .server import Counters, MailServer

__all__ = ["Counters", "Leaf", "MailServer", "MailSettings", "Mailbox", "Message", "Pki", "SendResult", "send"]
