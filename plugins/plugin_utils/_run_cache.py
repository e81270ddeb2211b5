# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the workers of one run share: for each console and user one session, and what was read of the organisation.

It lies in a file that only the run's own processes can read: the key is in their memory and nowhere else.
"""

from __future__ import annotations

import contextlib
import fcntl
import hmac
import json
import os
import shutil
import signal
import threading
import time
import typing as t

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._files import replace_file
from ansible_collections.cai.console.plugins.module_utils._http import environment_proxies
from ansible_collections.cai.console.plugins.module_utils._session import ANY, NEWER, NOW, SessionRecord

try:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
except ImportError:
    AESGCM = None  # type: ignore[assignment,misc]

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._connection import Connection

Content = dict[str, dict[str, t.Any]]
FORMAT = b"cai.console run cache 1"
GRACE = 5.0
"""Seconds in which a renewed session is not renewed again: a console that refuses everything for a moment."""
PAUSE = 0.2
TEXT, OTHER = "t", "j"
FOR_GOOD = ("sign_in_refused",)
SUPERSEDED = 4


class Vault:
    """A dictionary in an encrypted file below ``folder``, which its parent folder's owner keeps private.

    It is replaced as a whole, so that reading needs no lock. ``key``: 32 bytes.
    """

    def __init__(self, folder: str, key: bytes) -> None:
        self._folder = folder
        self._file = os.path.join(folder, "sessions")
        self._lock = os.path.join(folder, "lock")
        self._index = hmac.digest(key, FORMAT + b" index", "sha256")
        self._box = None if AESGCM is None else AESGCM(hmac.digest(key, FORMAT, "sha256"))
        self._mutex = threading.RLock()
        self._depth = 0
        with contextlib.suppress(FileExistsError, FileNotFoundError):
            os.mkdir(folder, 0o700)
        with contextlib.suppress(FileNotFoundError):
            os.close(os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600))

    def name(self, *words: t.Any) -> str:
        """Return a name for what belongs to these words, which does not give them away."""
        return hmac.new(self._index, json.dumps(words).encode(), "sha256").hexdigest()

    def read(self) -> Content:
        """Return the content."""
        text = self._open(self._file)
        return {} if text is None else t.cast("Content", json.loads(text))

    def write(self, content: Content) -> None:
        """Replace the content. The lock must be held."""
        self._seal(self._file, json.dumps(content))

    def value(self, name: str) -> t.Any:
        """Return a JSON value that lies apart from the content, since it may be large; None where there is none.

        A text is kept as it is: reading it costs next to nothing, whatever its length.
        """
        text = self._open(os.path.join(self._folder, name))
        return None if text is None else text[1:] if text[0] == TEXT else json.loads(text[1:])

    def put(self, name: str, value: t.Any) -> None:
        """Replace a value. The lock must be held."""
        self._seal(
            os.path.join(self._folder, name), TEXT + value if isinstance(value, str) else OTHER + json.dumps(value)
        )

    def _open(self, path: str) -> str | None:
        try:
            with open(path, "rb") as stream:
                sealed = stream.read()
        except FileNotFoundError:
            return None
        return self._cipher().decrypt(sealed[:12], sealed[12:], FORMAT).decode()

    def _seal(self, path: str, text: str) -> None:
        nonce = os.urandom(12)
        replace_file(path, nonce + self._cipher().encrypt(nonce, text.encode(), FORMAT))

    @contextlib.contextmanager
    def locked(self) -> t.Iterator[None]:
        """Hold the lock; it may be taken again by whoever holds it. The kernel drops it when a worker dies."""
        with self._mutex, contextlib.ExitStack() as held:
            if self._depth == 0:
                self._take(held)
            self._depth += 1
            held.callback(self._give)
            yield

    def destroy(self) -> Content:
        """Remove everything and return what it was; from then on no worker can add a session."""
        try:
            return self.read()
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _take(self, held: contextlib.ExitStack) -> None:
        try:
            handle = os.open(self._lock, os.O_RDWR)
        except FileNotFoundError:
            raise _over() from None
        held.callback(os.close, handle)
        fcntl.flock(handle, fcntl.LOCK_EX)
        if os.fstat(handle).st_nlink == 0:
            raise _over()

    def _give(self) -> None:
        self._depth -= 1

    def _cipher(self) -> AESGCM:
        if self._box is None:
            raise ConsoleError(
                "library_missing",
                "The Python library cryptography is not installed.",
                stage="options",
                remedy="Install cryptography (42 or newer) into Ansible's own Python.",
            )
        return self._box


class RunStore:
    """The store of one console and user, over the run's vault; a session store as tasks want it.

    What is written down: the session and those that it replaced, failures, what is remembered of the organisation, and
    how to reach the console, without the password.
    """

    patience = GRACE - 1  # so that a request renews the session once, and not again when the grace is over

    def __init__(
        self,
        vault: Vault,
        connection: Connection,
        environ: t.Mapping[str, str],
        sleep: t.Callable[[float], None] = time.sleep,
    ) -> None:
        self._vault = vault
        self._connection = connection
        self._environ = environ
        self._sleep = sleep
        self._name = vault.name(*_identity(connection, environ))

    def obtain(self, sign_in: t.Callable[[], SessionRecord], refused_id: str | None = None) -> SessionRecord:
        """Return the run's session, by one sign-in where there is none or where it is the one that was refused.

        A session that was renewed seconds ago is returned again, after a pause, and so is one that could not be
        renewed: it may be that the console refuses everything for a moment. A failure is not repeated by the next.
        """
        record = _usable(self._entry(), refused_id)
        if record:
            return record
        with self._vault.locked():
            entry = self._entry()
            record = _usable(entry, refused_id)
            if record:
                return record
            held = entry.get("session")
            if not (_is_young(held) or _has_just_failed(entry)):
                _raise_known(entry, "sign_in")
                with contextlib.suppress(ConsoleError) if held else contextlib.nullcontext(), _undisturbed():
                    return self._renew(sign_in, held)
        self._sleep(PAUSE)
        return _record(held)

    def remember(self, what: str, load: t.Callable[[], t.Any], need: str = ANY) -> t.Any:
        """Return what was read before in this run, by one worker for all that wait for it."""
        asked = time.monotonic()
        place = self._vault.name(self._name, what)
        value = self._vault.value(place) if need == ANY and self._known(what) else None
        if value is not None:
            return value
        with self._vault.locked():
            known = self._known(what)
            again = bool(known and known["again"])
            if known and (need == ANY or known["born"] >= asked or (need == NEWER and again)):
                return self._vault.value(place)
            if need != NOW:
                _raise_known(self._entry(), what)
            value = self._attempt(what, load)
            self._vault.put(place, value)
            fresh = {"born": time.monotonic(), "again": again or need == NEWER}
            self._update(lambda entry: entry["known"].update({what: fresh}))
            return value

    def to_sign_out(self) -> t.Sequence[SessionRecord]:
        """Return nothing: the run signs out, once, at its end."""
        return ()

    def _renew(self, sign_in: t.Callable[[], SessionRecord], held: dict[str, t.Any] | None) -> SessionRecord:
        record = self._attempt("sign_in", sign_in)
        proxies = [self._connection.proxy, *environment_proxies(record.platform_url, self._environ).values()]
        way = self._connection._replace(password=None, proxy=next(filter(None, proxies), None))

        def change(entry: dict[str, t.Any]) -> None:
            if held and list(record.organization_ids) != held["organization_ids"]:
                entry["known"] = {}
            entry["superseded"] = [*entry["superseded"], *([held] if held else [])][-SUPERSEDED:]
            entry["session"] = {**record._asdict(), "born": time.monotonic(), "renewed": bool(held)}
            entry["way"] = way._asdict()

        self._update(change)
        return t.cast("SessionRecord", record)

    def _attempt(self, what: str, work: t.Callable[[], t.Any]) -> t.Any:
        """Return what ``work`` returns. Its failure is remembered: refused credentials for good, since attempts may
        lock the account; anything else for ten times as long as it took, at least a second.
        """
        begun = time.monotonic()
        try:
            return work()
        except ConsoleError as error:
            now = time.monotonic()
            until = None if error.code in FOR_GOOD else now + max(1.0, 10 * (now - begun))
            words = {"code": error.code, "message": error.message, "stage": error.stage, "remedy": error.remedy}
            failed = {"words": words, "at": now, "until": until}
            self._update(lambda entry: entry["failed"].update({what: failed}))
            raise

    def _entry(self) -> dict[str, t.Any]:
        return self._vault.read().get(self._name) or {}

    def _known(self, what: str) -> dict[str, t.Any] | None:
        return t.cast("dict[str, t.Any] | None", self._entry().get("known", {}).get(what))

    def _update(self, change: t.Callable[[dict[str, t.Any]], t.Any]) -> None:
        content = self._vault.read()
        entry = content.setdefault(self._name, {"superseded": [], "known": {}, "failed": {}})
        change(entry)
        self._vault.write(content)


def _identity(connection: Connection, environ: t.Mapping[str, str]) -> list[t.Any]:
    """Return whose session it is, and the way to it: a failure on one way says nothing about another.

    The password is part of it: whoever has a wrong one must not get the session of another. The organisation is not:
    each task compares it with the session's.
    """
    session = connection.session_id
    proxy = connection.proxy or environment_proxies(connection.sign_in_url, environ)
    who = [session] if session else [connection.username, connection.password]
    way = [connection.ca_path, connection.validate_certs, connection.fingerprint, proxy]
    return [connection.sign_in_url, connection.platform_url, who, way]


def _record(held: t.Any) -> SessionRecord:
    return SessionRecord(held["id"], held["platform_url"], tuple(held["organization_ids"]))


def _usable(entry: t.Mapping[str, t.Any], refused_id: str | None) -> SessionRecord | None:
    held = entry.get("session")
    return _record(held) if held and held["id"] != refused_id else None


def _is_young(held: t.Any) -> bool:
    return bool(held and held["renewed"] and time.monotonic() - held["born"] < GRACE)


def _has_just_failed(entry: t.Mapping[str, t.Any]) -> bool:
    failed = entry.get("failed", {}).get("sign_in")
    return bool(entry.get("session") and failed and time.monotonic() - failed["at"] < GRACE / 2)


def _raise_known(entry: t.Mapping[str, t.Any], what: str) -> None:
    failed = entry.get("failed", {}).get(what)
    if failed and (failed["until"] is None or time.monotonic() < failed["until"]):
        words = {**failed["words"], "message": f"{failed['words']['message']} The run did not try again for this task."}
        code, message = words.pop("code"), words.pop("message")
        raise ConsoleError(code, message, **words)


@contextlib.contextmanager
def _undisturbed() -> t.Iterator[None]:
    """Hold signals back (the task's time limit too) until a new session is written down: else nobody could end it."""
    held_back = {signal.SIGALRM, signal.SIGHUP, signal.SIGINT, signal.SIGTERM}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, held_back)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _over() -> ConsoleError:
    return ConsoleError("session_expired", "The run has ended, and its session with it.", stage="sign_in")
