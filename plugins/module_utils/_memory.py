# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remembers, without knowing them, the secrets that were last written: keyed fingerprints in a folder of their own.

A fingerprint is an HMAC over console, target, service, option and secret, with the console's modification stamp beside
it. Without the key it tells nothing about the secret. One file per service of a target, written at once or not at all,
under a lock: what another job has written since it was read stays.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import hmac
import json
import os
import secrets
import typing as t

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._files import create_file, locked, read_file, replace_file

VERSION = 1
KEY_FILE = "key"


class Place(t.NamedTuple):
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
        self._seen: dict[Place, Entry] = {}
        self.warnings: list[str] = []

    def again(self) -> Memory:
        """Return one that has the same folder, keys and warnings, and has read nothing: for the next target."""
        made = Memory(self._folder, None)
        made._key, made._known, made.warnings = self._key, self._known, list(self.warnings)
        return made

    def recall(self, place: Place) -> Entry:
        """Return what is remembered; a torn file is set aside, and said."""
        if self._folder is None:
            return Entry()
        path, entry = self._path(place), Entry()
        try:
            entry = _read(path)
        except _Torn:
            with self._changing(path):
                entry = self._whole(path)
        except OSError as error:
            self._warn_unusable(error)
        self._seen[place] = entry
        return entry

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
        """Replace what this memory knew of a place by ``entry``; what another job has changed since, and ``entry`` does
        not, stays. Where that is impossible, it is said, and the work goes on.
        """
        if self._folder is None:
            return
        path, seen = self._path(place), self._seen.get(place, Entry())
        with self._changing(path):
            merged = _merged(self._whole(path), seen, entry)
            content = {"version": VERSION, **place._asdict(), **dataclasses.asdict(merged)}
            replace_file(path, json.dumps(content, indent=1).encode(), durable=True)
            self._seen[place] = entry

    def is_new(self) -> bool:
        """Whether nothing was ever kept here, and nothing was handed in that can be compared without the key there."""
        return not (self._known and self._key) and not (self._folder and os.path.isdir(self._folder))

    def _path(self, place: Place) -> str:
        name = hashlib.sha256("\0".join(place.words()).encode()).hexdigest()[:32]
        return os.path.join(self._folder or "", f"{name}.json")

    def _existing_key(self) -> bytes | None:
        if self._key is None and self._folder is not None:
            with contextlib.suppress(OSError):
                self._key = _key_in(self._folder)
        return self._key

    def _new_key(self) -> bytes | None:
        if self._folder is None:
            return None
        try:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            create_file(os.path.join(self._folder, KEY_FILE), secrets.token_hex(32).encode())
        except FileExistsError:
            pass
        except OSError as error:
            self._warn_unusable(error)
        return self._existing_key()

    @contextlib.contextmanager
    def _changing(self, path: str) -> t.Iterator[None]:
        """Hold the lock of a file; what makes that, or the work below it, impossible is said."""
        try:
            os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
            with locked(path):
                yield
        except OSError as error:
            self._warn_unusable(error)

    def _whole(self, path: str) -> Entry:
        """Return what is in a file whose lock is held. A torn one is set aside."""
        try:
            return _read(path)
        except _Torn:
            os.replace(path, f"{path}.torn")
            self.warnings.append(f"{path} could not be read and was set aside as {os.path.basename(path)}.torn.")
            return Entry()

    def _warn_unusable(self, error: OSError) -> None:
        self.warnings.append(f"state_dir {self._folder} cannot be used, so nothing is remembered: {error.strerror}.")
        self._folder = None


class _Torn(Exception):
    """A file holds no entry."""


@functools.lru_cache(maxsize=1)
def _key_in(folder: str) -> bytes:
    """Return the folder's key; an OSError where it has none. One task may need it for thousands of targets."""
    with open(os.path.join(folder, KEY_FILE), "rb") as stream:
        key = stream.read()
    if not key:
        raise OSError(f"{KEY_FILE} is empty")
    return key


def _read(path: str) -> Entry:
    """Return what is in a file, which may not be there. Raises _Torn, OSError, ``state_too_new``."""
    try:
        content = json.loads(read_file(path).decode())
        if content["version"] > VERSION:
            raise ConsoleError("state_too_new", f"{path} has the version {content['version']}.", stage="options")
        fingerprints = {str(name): str(value) for name, value in content["fingerprints"].items()}
        tested = content.get("tested")
        return Entry(fingerprints, tested if tested in (True, False) else None)
    except (FileNotFoundError, NotADirectoryError):
        return Entry()
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _Torn from None


def _merged(now: Entry, seen: Entry, wanted: Entry) -> Entry:
    """Return what is in a file ``now``, changed as somebody wants it who has ``seen`` it as it was before."""
    moved = {
        name: wanted.fingerprints.get(name)
        for name in {**seen.fingerprints, **wanted.fingerprints}
        if seen.fingerprints.get(name) != wanted.fingerprints.get(name)
    }
    fingerprints = {name: kept for name, kept in {**now.fingerprints, **moved}.items() if kept is not None}
    # A mark that a test is due is never lost: at worst, one more test is made.
    moves = wanted.tested is False or wanted.tested != seen.tested
    return Entry(fingerprints, wanted.tested if moves else now.tested)


def _mac(key: bytes, words: t.Sequence[str]) -> str:
    message = "".join(f"{len(word.encode())}:{word}" for word in words)
    return hmac.digest(key, message.encode(), "sha256").hex()


@functools.lru_cache(maxsize=1)
def _key_id(key: bytes) -> str:
    """Tell another key from another secret. It is a MAC too, so it does not give the key away."""
    return _mac(key, ["which key"])[:16]


def _fingerprint(key: bytes, words: t.Sequence[str], stamp: str | None) -> str:
    """Return ``1$KEY$MAC$STAMP``."""
    return "$".join(["1", _key_id(key), _mac(key, words), stamp or ""])


def _compare(kept: str, key: bytes, words: t.Sequence[str], stamp: str | None) -> str:
    fresh = _fingerprint(key, words, stamp)
    old, new = kept.split("$"), fresh.split("$")
    if len(old) != len(new) or old[:2] != new[:2] or old[3] != new[3]:
        return "unknown"
    return "same" if hmac.compare_digest(old[2], new[2]) else "changed"
