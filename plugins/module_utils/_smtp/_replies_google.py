# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replies of Gmail. The texts are those that Google prints."""

from __future__ import annotations

from ansible_collections.cai.console.plugins.module_utils._smtp._row import MAIL_ADMIN, YOU, Row

_ERRORS = "documented: Google Workspace Admin Help, Gmail SMTP errors and codes"
_PASSWORDS = "documented: Google Account Help, sign in with app passwords"
_XOAUTH2 = "documented: Google, OAuth 2.0 mechanism (XOAUTH2)"
GOOGLE: tuple[Row, ...] = (
    Row(
        534,
        "5.7.9",
        "application-specific password",
        "Google wants an app password, since the account has a second factor.",
        "Make an app password for the account, or use authentication=oauth.",
        YOU,
        False,
        _PASSWORDS,
    ),
    Row(
        534,
        "5.7.14",
        None,
        "Google wants the user to sign in with a browser first.",
        "Sign in once as that user, or use authentication=oauth.",
        YOU,
        False,
        _ERRORS,
    ),
    Row(
        535,
        "5.7.8",
        "Username and Password not accepted",
        "User name or password is wrong; passwords of the account itself have not worked since 2025.",
        "Use an app password or authentication=oauth.",
        YOU,
        False,
        _ERRORS,
    ),
    Row(
        454,
        "4.7.0",
        "Too many login attempts",
        "Too many sign-ins failed; Google blocks more for a time.",
        "Wait, and correct the password before the next try.",
        YOU,
        True,
        _ERRORS,
    ),
    Row(550, "5.4.5", None, "The account has reached its daily limit.", "Wait a day.", YOU, True, _ERRORS),
    Row(550, "5.4.6", None, "The account has reached its daily limit.", "Wait a day.", YOU, True, _ERRORS),
    Row(
        421,
        "4.7.0",
        "unusual rate",
        "Google sees an unusual rate of mail from this address.",
        "Wait, then send more slowly.",
        YOU,
        True,
        _ERRORS,
    ),
    Row(
        421,
        "4.7.28",
        None,
        "Google sees an unusual rate of mail from this address.",
        "Wait, then send more slowly.",
        YOU,
        True,
        _ERRORS,
    ),
    Row(
        550,
        "5.7.26",
        None,
        "The sender's domain passes neither SPF nor DKIM.",
        "Set up SPF or DKIM for the sender's domain.",
        MAIL_ADMIN,
        False,
        _ERRORS,
    ),
    Row(452, "4.2.2", None, "The recipient's mailbox is full.", "Empty the mailbox.", MAIL_ADMIN, True, _ERRORS),
    Row(552, "5.2.2", None, "The recipient's mailbox is full.", "Empty the mailbox.", MAIL_ADMIN, False, _ERRORS),
    Row(
        550,
        "5.2.1",
        None,
        "The recipient's account is switched off, or gets mail too fast.",
        "Check the recipient's account.",
        MAIL_ADMIN,
        False,
        _ERRORS,
    ),
    Row(
        555,
        "5.5.2",
        None,
        "Gmail cannot read an address of the envelope.",
        "Check sender and recipient for characters that do not belong there.",
        YOU,
        False,
        _ERRORS,
    ),
    Row(
        530,
        "5.7.0",
        "Authentication Required",
        "Gmail wants a sign-in before MAIL; none was made.",
        "Give username and password or token.",
        YOU,
        False,
        _ERRORS,
    ),
)
