# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SASL over SMTP: PLAIN, LOGIN, XOAUTH2 and OAUTHBEARER. One attempt, never a second."""

from __future__ import annotations

import base64
import binascii
import json
import typing as t

from ansible_collections.cai.console.plugins.module_utils._smtp._mask import in_base64, longest_first, without
from ansible_collections.cai.console.plugins.module_utils._smtp._model import Reply, StageFault, readable

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._smtp._model import Settings

# RFC 5321, 4.5.3.1.4: a command line, its CRLF included. RFC 4954, 4 forbids an initial response beyond it.
COMMAND_OCTETS = 512
BY_KIND = {"password": ("PLAIN", "LOGIN"), "oauth": ("XOAUTH2", "OAUTHBEARER")}
KIND_OF = {name: kind for kind, names in BY_KIND.items() for name in names}


class Speaker(t.Protocol):
    """Sends one line and returns the reply."""

    def command(self, words: str) -> Reply:
        """Send the words and wait for the reply."""


class Outcome(t.NamedTuple):
    """How AUTH ended: the last reply, and what the server said of a refused token (decoded JSON), if it did."""

    reply: Reply
    challenge: dict[str, t.Any] | None


def choose(settings: Settings, offered: t.Sequence[str]) -> str:
    """Return the mechanism to use; a StageFault ``smtp_auth_not_offered`` when none fits."""
    usable = BY_KIND[settings.authentication]
    wanted = (settings.mechanism,) if settings.mechanism else usable
    found = next((name for name in wanted if name in offered), None)
    if found:
        return found
    shown = ", ".join(offered) or "nothing"
    raise StageFault("smtp_auth_not_offered", f"Usable would be {' or '.join(wanted)}; the server offers {shown}.")


def responses(mechanism: str, settings: Settings) -> list[bytes]:
    """Return what the client says, one entry for each challenge."""
    user, secret = (settings.username or "").encode(), (settings.secret or "").encode()
    if mechanism == "PLAIN":
        return [b"\0" + user + b"\0" + secret]
    if mechanism == "LOGIN":
        return [user, secret]
    bearer = b"auth=Bearer " + secret + b"\x01\x01"
    if mechanism == "XOAUTH2":
        return [b"user=" + user + b"\x01" + bearer]
    name = user.replace(b"=", b"=3D").replace(b",", b"=2C")
    return [b"n,a=%s,\x01host=%s\x01port=%d\x01" % (name, settings.host.encode(), settings.port) + bearer]


def forms(settings: Settings) -> list[str]:
    """Return every text in which the secret goes to the server. A server can send it back, in a refusal too."""
    secret = settings.secret
    if not secret:
        return []
    sent = [responses(mechanism, settings)[-1] for mechanism in BY_KIND.get(settings.authentication, ())]
    blobs = [base64.b64encode(text).decode() for text in sent]
    return longest_first([secret, in_base64(secret), *blobs])


def authenticate(speaker: Speaker, mechanism: str, settings: Settings) -> Outcome:
    """Do it once. The reply is 235, or a refusal."""
    todo = [base64.b64encode(text).decode() for text in responses(mechanism, settings)]
    first = f"AUTH {mechanism} {todo[0]}"
    # LOGIN was never specified with an initial response; the others take one where the line stays short enough.
    if mechanism != "LOGIN" and len(first) + 2 <= COMMAND_OCTETS:
        todo.pop(0)
        reply = speaker.command(first)
    else:
        reply = speaker.command(f"AUTH {mechanism}")
    while reply.code == 334 and todo:
        reply = speaker.command(todo.pop(0))
    challenge = None
    if reply.code == 334:
        challenge = decode(reply.text, forms(settings))
        reply = speaker.command(_acknowledgement(mechanism))
    if reply.code == 334:
        reply = speaker.command("*")
    return Outcome(reply, challenge)


def _acknowledgement(mechanism: str) -> str:
    """What ends an exchange in which the server has told why: XOAUTH2 wants an empty line, OAUTHBEARER one 0x01
    (RFC 7628, 3.2.3). A mechanism that has nothing left to say cancels (RFC 4954, 4).
    """
    return {"XOAUTH2": "", "OAUTHBEARER": "AQ=="}.get(mechanism, "*")


def decode(text: str, hidden: t.Sequence[str] = ()) -> dict[str, t.Any]:
    """Return the JSON in a 334 challenge, without what is ``hidden``; where it is none, ``{"text": what it says}``."""
    try:
        raw = base64.b64decode(text.strip(), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return {"text": readable(without(text, hidden))}
    raw = without(raw, hidden)
    try:
        found = json.loads(raw)
    except ValueError:
        return {"text": readable(raw)}
    if not isinstance(found, dict):
        return {"text": readable(raw)}
    return {readable(str(name), 60): readable(str(value), 200) for name, value in found.items()}
