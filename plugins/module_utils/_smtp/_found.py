# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a mailbox gives: messages that are new since the probe began, whatever kind of mailbox it is."""

from __future__ import annotations

import typing as t

from ansible_collections.cai.console.plugins.module_utils._smtp._model import StageFault

# Enough for the headers and for a delivery report; no large message is fetched whole.
FETCH_OCTETS = 65536
JUNK_NAMES = ("junk", "spam", "junk email", "junk e-mail", "[gmail]/spam", "bulk mail")


class Found(t.NamedTuple):
    """A message: its folder, its key there, and its first octets. ``junk``: the folder is for unwanted mail."""

    folder: str
    key: str
    raw: bytes
    junk: bool


class Box(t.Protocol):
    """A mailbox that is watched. ``open`` remembers what is there; ``fresh`` returns what came since."""

    def open(self) -> None:
        """Remember what is there."""

    def fresh(self) -> list[Found]:
        """Return what came since."""

    def remove(self, found: Found) -> bool:
        """Delete that message; whether it was still there."""

    def close(self) -> None:
        """Let go of the mailbox."""


def is_junk(folder: str) -> bool:
    """Whether a folder's name is one of those that mail programs give to unwanted mail."""
    return folder.lower().replace("inbox.", "").replace("inbox/", "") in JUNK_NAMES


def unreadable(said: str, *, refused: bool = False) -> StageFault:
    """Return the fault for a mailbox that cannot be read; ``refused``: it refused the sign-in."""
    fault = StageFault("smtp_mailbox_unreadable", said, stage="delivered", retryable=False)
    fault.refused_sign_in = refused
    return fault
