# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remembers, without knowing them, the secrets that were last written: keyed fingerprints in a folder of their own.

A fingerprint is an HMAC over console, target, service, option and secret, with the console's modification stamp beside
it. Without the key it tells nothing about the secret. One file per service of a target, written at once or not at all.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import hmac
import json
import os
import secrets
import tempfile
import typing as t

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError

VERSION = 1
KEY_FILE = "key"


@dataclasses.dataclass(frozen=True)
class Place:
    """Which service of which target at which console."""

    console: str
    target: str
    service: str

    def words(self) -> tuple[str, str, str]:
        """Return the three as they go into a fingerprint."""
        return self.console, self.target, self.service


@dataclasses.dataclass(frozen=True)
class Entry:
    """What is remembered of a place: option to fingerprint, and ``tested``.

    That is False from before a save until its test passed, and None where no test was asked for.
    """

    fingerprints: dict[str, str] = dataclasses.field(default_factory=dict)
    tested: bool | None = None


class Memory:
    """The entries below ``folder`` (None: nothing is kept), made with ``key`` or else with one that lies beside them.

    ``known``: fingerprints that the caller kept, for the one service at hand. ``warnings``: what a person should know.
    """

    def __init__(self, folder: str | None, key: str | None, known: t.Mapping[str, str] | None = None) -> None:
        self._folder = folder
        self._key = key.encode() if key else None
        self._known = {str(name): str(kept) for name, kept in (known or {}).items()}
        self.warnings: list[str] = []

    def recall(self, place: Place) -> Entry:
        """Return what is remembered; a torn file is set aside, and said."""
        path = self._path(place)
        try:
            with open(path, encoding="utf-8") as stream:
                content = json.load(stream)
            return _read(content, path)
        except (FileNotFoundError, NotADirectoryError):
            return Entry()
        except (ValueError, KeyError, TypeError, AttributeError):
            os.replace(path, f"{path}.torn")
            self.warnings.append(f"{path} could not be read and was set aside as {os.path.basename(path)}.torn.")
            return Entry()
        except OSError as error:
            self._warn_unusable(error)
            return Entry()

    def kept(self, entry: Entry) -> dict[str, str]:
        """Return the fingerprints that are at hand: those of the entry, and those that the caller kept."""
        return {**self._known, **entry.fingerprints}

    def carried(self, entry: Entry, before: str | None, now: str | None) -> dict[str, str]:
        """Return the kept fingerprints that were good until our own save moved the stamp from ``before`` to ``now``."""
        rows = {name: kept.rpartition("$") for name, kept in self.kept(entry).items()}
        return {name: f"{rest}${now or ''}" for name, (rest, _dollar, stamp) in rows.items() if stamp == (before or "")}

    def compare(self, place: Place, entry: Entry, given: t.Mapping[str, str], stamp: str | None) -> dict[str, str]:
        """Return for each given secret whether it is the ``same`` as last written, ``changed``, or ``unknown``."""
        key, at_hand = self._existing_key(), self.kept(entry)
        found = {}
        for name, value in given.items():
            kept = at_hand.get(name)
            found[name] = _compare(kept, key, (*place.words(), name, value), stamp) if kept and key else "unknown"
        return found

    def fingerprints(self, place: Place, given: t.Mapping[str, str], stamp: str | None) -> dict[str, str]:
        """Return the fingerprints of secrets that the console holds now."""
        key = self._existing_key() or self._new_key()
        return (
            {name: _fingerprint(key, (*place.words(), name, value), stamp) for name, value in given.items()}
            if key
            else {}
        )

    def keep(self, place: Place, entry: Entry) -> None:
        """Replace what is remembered of a place. Where that is impossible, it is said, and the work goes on."""
        if self._folder is None:
            return
        content = {"version": VERSION, **dataclasses.asdict(place), **dataclasses.asdict(entry)}
        try:
            write_whole(self._path(place), json.dumps(content, indent=1))
        except OSError as error:
            self._warn_unusable(error)

    def is_new(self) -> bool:
        """Whether nothing was ever kept here, and nothing was handed in that can be compared without the key there."""
        return not (self._known and self._key) and not (self._folder and os.path.isdir(self._folder))

    def _path(self, place: Place) -> str:
        name = hashlib.sha256("\0".join(place.words()).encode()).hexdigest()[:32]
        return os.path.join(self._folder or "", f"{name}.json")

    def _existing_key(self) -> bytes | None:
        if self._key is None and self._folder is not None:
            with contextlib.suppress(OSError), open(os.path.join(self._folder, KEY_FILE), "rb") as stream:
                self._key = stream.read() or None
        return self._key

    def _new_key(self) -> bytes | None:
        if self._folder is None:
            return None
        try:
            write_whole(os.path.join(self._folder, KEY_FILE), secrets.token_hex(32), only_new=True)
        except FileExistsError:
            pass
        except OSError as error:
            self._warn_unusable(error)
        return self._existing_key()

    def _warn_unusable(self, error: OSError) -> None:
        self.warnings.append(f"state_dir {self._folder} cannot be used, so nothing is remembered: {error.strerror}.")
        self._folder = None


def _read(content: t.Any, path: str) -> Entry:
    if content["version"] > VERSION:
        raise ConsoleError("state_too_new", f"{path} has the version {content['version']}.", stage="options")
    fingerprints = {str(name): str(value) for name, value in content["fingerprints"].items()}
    tested = content.get("tested")
    return Entry(fingerprints, tested if tested in (True, False) else None)


def write_whole(path: str, text: str, *, only_new: bool = False) -> None:
    """Write a file of mode 0600 in a folder of mode 0700: whole, or not at all."""
    folder = os.path.dirname(path)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=folder, prefix=".new-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        if only_new:
            os.link(aside, path)
        else:
            os.replace(aside, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(aside)


def _mac(key: bytes, words: t.Sequence[str]) -> str:
    message = "".join(f"{len(word.encode())}:{word}" for word in words)
    return hmac.new(key, message.encode(), hashlib.sha256).hexdigest()


def _fingerprint(key: bytes, words: t.Sequence[str], stamp: str | None) -> str:
    """Return ``1$KEY$MAC$STAMP``. KEY tells another key from another secret, and is a MAC too."""
    return "$".join(["1", _mac(key, ["which key"])[:16], _mac(key, words), stamp or ""])


def _compare(kept: str, key: bytes, words: t.Sequence[str], stamp: str | None) -> str:
    fresh = _fingerprint(key, words, stamp)
    old, new = kept.split("$"), fresh.split("$")
    if len(old) != len(new) or old[:2] != new[:2] or old[3] != new[3]:
        return "unknown"
    return "same" if hmac.compare_digest(old[2], new[2]) else "changed"
