# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rotation that cannot lose a token: one refresh at a time, a mark before the request, the successor before its use.

For each mailbox there is one file below ``state_dir``. It holds no secret that could be read without a refresh token
that the reader has: a successor is encrypted under a key made from its predecessor, the access token under one made
from the newest. So a caller who still has an older token gets the newest by it, whatever crashed in between.
"""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import hashlib
import json
import os
import typing as t

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._files import locked, replace_file
from ansible_collections.cai.console.plugins.module_utils._handed import name_of
from ansible_collections.cai.console.plugins.plugin_utils._oauth.libraries import Fernet, InvalidToken

VERSION = 1
LINKS_KEPT = 5


def _box(token: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"cai.console box " + token.encode()).digest()))


@dataclasses.dataclass
class Journal:
    """What is known of one mailbox's tokens. Use it inside ``held``."""

    path: str
    content: dict[str, t.Any]

    @property
    def pending(self) -> dict[str, t.Any] | None:
        """The mark that a request was about to be made, of which no end is known."""
        mark: dict[str, t.Any] | None = self.content.get("pending")
        return mark

    def newest(self, token: str) -> str:
        """Return the last successor of a token that can be reached from it, or the token itself."""
        links = {link["of"]: link["next"] for link in self.content["links"]}
        for _step in range(len(links)):
            boxed = links.get(name_of(token))
            if boxed is None:
                break
            with contextlib.suppress(InvalidToken):
                token = _box(token).decrypt(boxed.encode()).decode()
        return token

    def access(self, newest: str) -> dict[str, t.Any] | None:
        """Return the tokens that the last refresh brought, if they belong to this refresh token."""
        boxed = self.content.get("access")
        with contextlib.suppress(InvalidToken, ValueError):
            if boxed:
                found: dict[str, t.Any] = json.loads(_box(newest).decrypt(boxed.encode()))
                return found
        return None

    def begin(self, token: str, now: str) -> None:
        """Put the mark on disk, before the request."""
        self.content["pending"] = {"of": name_of(token), "since": now}
        self._write()

    def abandon(self) -> None:
        """The provider answered and spent nothing: take the mark away."""
        self.content["pending"] = None
        self._write()

    def finish(self, given: str, spent: str, tokens: dict[str, t.Any]) -> None:
        """Put the successor on disk, before the access token is used. ``given`` is what the caller has."""
        newest = tokens.get("refresh_token") or spent
        links = self.content["links"]
        for old in dict.fromkeys((given, spent)):
            if old != newest:
                links = [link for link in links if link["of"] != name_of(old)]
                links.append({"of": name_of(old), "next": _box(old).encrypt(newest.encode()).decode()})
        self.content.update(
            links=links[-LINKS_KEPT:],
            access=_box(newest).encrypt(json.dumps(tokens).encode()).decode(),
            pending=None,
            stored=False,
        )
        self._write()

    def stored(self) -> None:
        """The successor is where it belongs."""
        self.content["stored"] = True
        self._write()

    def forget(self) -> None:
        """Nothing is held any more."""
        self.content = _empty()
        self._write()

    def _write(self) -> None:
        try:
            replace_file(self.path, json.dumps(self.content).encode(), durable=True)
        except OSError as error:
            raise _unusable(self.path, error) from None


@contextlib.contextmanager
def held(state_dir: str, *identity: str) -> t.Iterator[Journal]:
    """Open the journal of what ``identity`` names (client, provider, mailbox or store), for one process at a time."""
    folder = os.path.join(os.path.expanduser(state_dir), "rotation")
    path = os.path.join(folder, hashlib.sha256("\0".join(identity).encode()).hexdigest()[:32] + ".json")
    with contextlib.ExitStack() as lock:
        try:
            os.makedirs(folder, mode=0o700, exist_ok=True)
            lock.enter_context(locked(path))
        except OSError as error:
            raise _unusable(path, error) from None
        yield Journal(path, _read(path))


def _read(path: str) -> dict[str, t.Any]:
    try:
        with open(path, encoding="utf-8") as stream:
            content = json.load(stream)
    except FileNotFoundError:
        return _empty()
    except (OSError, ValueError):
        content = None
    if not isinstance(content, dict) or content.get("version") != VERSION:
        raise ConsoleError("state_dir_unusable", f"{path} cannot be read.", stage="rotation")
    return {**_empty(), **content}


def _empty() -> dict[str, t.Any]:
    return {"version": VERSION, "links": [], "access": None, "pending": None, "stored": True}


def _unusable(path: str, error: OSError) -> ConsoleError:
    return ConsoleError("state_dir_unusable", f"{path}: {error.strerror}.", stage="rotation")
