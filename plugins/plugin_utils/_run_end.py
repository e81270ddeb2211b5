# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a run, however it comes: its workers are ended, its sessions signed out, its files removed.

Only SIGKILL cannot be met. It leaves a file that nobody can read, and a session that ends by itself.
"""

from __future__ import annotations

import atexit
import contextlib
import hmac
import multiprocessing
import os
import signal
import sys
import time
import typing as t

# Ansible's own handler, which removes the folder, has to be registered first, so that it runs last.
from ansible_collections.cai.console.plugins.module_utils._connection import Connection
from ansible_collections.cai.console.plugins.module_utils._console import open_transport
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._session import SessionRecord, sign_out
from ansible_collections.cai.console.plugins.plugin_utils._run_cache import Vault
from ansible_collections.cai.console.plugins.plugin_utils._run_folder import run_folder

if t.TYPE_CHECKING:
    from types import FrameType

    from ansible_collections.cai.console.plugins.plugin_utils._run_cache import Content

PATIENCE = 2.0
"""Seconds to wait for the end of the workers."""
DRAIN = 30.0
"""The same where a worker brings several targets to their end."""
IN_FLIGHT = "cai.console.in-flight."
"""Beginning of the name of the file, in the run's folder, of such a worker. What it has to say at its end is in it."""
LIMIT = 5.0
"""Seconds to wait for a worker that is signing in, and for all sign-outs together."""


class _Late(BaseException):
    """The time is up. No Exception, so that nothing on the way takes it for one."""


def begin() -> Vault:
    """Return the run's vault, below the run's private folder, and see to its end.

    The key comes from what ``multiprocessing`` gives a process and its forks: so even a worker that is the first to
    load this shares it. Such a worker does not see to the end.
    """
    key = hmac.digest(bytes(multiprocessing.current_process().authkey), b"cai.console", "sha256")
    vault = Vault(os.path.join(run_folder(), "cai.console"), key)
    if multiprocessing.parent_process() is None:
        _ends.append(RunEnd(vault))
        _ends[-1].watch()
    return vault


def rearm() -> None:
    """Be called at a signal again. Ansible takes the signals over when the first play begins, which is after it has
    loaded the inventory, and before it loads an action.
    """
    if multiprocessing.parent_process() is None:
        for end in _ends:
            end.arm()


class RunEnd:
    """Sees to the end of the process that made it, and of none of its forks."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._pid = os.getpid()
        self._over = False
        self._handlers: dict[int, t.Any] = {}

    def watch(self) -> None:
        """From now on be called at the end, by whichever way it comes."""
        atexit.register(self.finish)
        self.arm()

    def arm(self) -> None:
        """Take each signal that somebody else has, and hand it on to them afterwards."""
        with contextlib.suppress(ValueError):  # not the main thread: a program that uses Ansible as a library
            for number, take in _TAKERS.items():
                if signal.getsignal(number) is not self._handlers.get(number, self):
                    take(self, number)
                    self._handlers[number] = signal.getsignal(number)

    def finish(self) -> None:
        """End the workers and sign out, once. Bounded in time, so Ctrl-C does not cut it short; the exit code is
        untouched.
        """
        if self._over or os.getpid() != self._pid:
            return
        self._over = True
        with contextlib.suppress(BaseException):
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGALRM, _be_late)
            workers = multiprocessing.active_children()
            for worker in workers:
                worker.terminate()
            with contextlib.ExitStack() as held:
                with contextlib.suppress(ConsoleError), _bounded(LIMIT):
                    held.enter_context(self._vault.locked())
                patience = DRAIN if _drains(workers) else PATIENCE
                content = self._vault.destroy()
            with _bounded(patience):
                _await(workers)
            _tell(workers)
            for worker in multiprocessing.active_children():
                worker.kill()
            _sign_out(content)
        signal.setitimer(signal.ITIMER_REAL, 0)

    def on_signal(self, number: signal.Signals) -> None:
        """End the run in an orderly way at a signal, then let the signal do its work."""
        previous = signal.getsignal(number)
        if previous == signal.SIG_IGN:  # nohup
            return

        def handler(caught: int, frame: FrameType | None) -> None:
            self.finish()
            signal.signal(caught, signal.SIG_DFL if previous is None else previous)
            os.kill(os.getpid(), caught)

        signal.signal(number, handler)

    def on_interrupt(self, number: signal.Signals) -> None:
        """Let a second Ctrl-C be one too: newer versions of Ansible restore the system's default at the first, and
        the second would end the process on the spot.
        """
        previous = signal.getsignal(number)
        if not callable(previous):
            return

        def handler(caught: int, frame: FrameType | None) -> None:
            try:
                previous(caught, frame)
            finally:
                signal.signal(caught, signal.default_int_handler)

        signal.signal(number, handler)


_ends: list[RunEnd] = []
_TAKERS: dict[signal.Signals, t.Callable[[RunEnd, signal.Signals], None]] = {
    signal.SIGTERM: RunEnd.on_signal,
    signal.SIGHUP: RunEnd.on_signal,
    signal.SIGINT: RunEnd.on_interrupt,
}


def _be_late(caught: int, frame: FrameType | None) -> None:
    raise _Late


@contextlib.contextmanager
def _bounded(seconds: float) -> t.Iterator[None]:
    """Leave the block after some seconds. Python refuses new threads and processes at its end; a timer works."""
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except _Late:
        pass
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _drains(workers: t.Sequence[multiprocessing.process.BaseProcess]) -> bool:
    """Whether one of the workers is in the middle of several targets."""
    return any(os.path.exists(note_of(worker.pid)) for worker in workers)


def note_of(pid: int | None) -> str:
    """Return the path of a worker's note."""
    return os.path.join(run_folder(), f"{IN_FLIGHT}{pid}")


def _tell(workers: t.Sequence[multiprocessing.process.BaseProcess]) -> None:
    """Print what workers had to say at their end. Ansible itself does not listen to them any more."""
    for worker in workers:
        with contextlib.suppress(OSError):
            with open(note_of(worker.pid), encoding="utf-8") as stream:
                print(stream.read(), file=sys.stderr, end="", flush=True)
            os.unlink(note_of(worker.pid))


def _await(workers: t.Sequence[multiprocessing.process.BaseProcess]) -> None:
    """Let the workers end, with what they started."""
    for worker in workers:
        worker.join()


def _sign_out(content: Content) -> None:
    """Sign out every session of the run. Each gets its share of the time: a console that does not answer does not keep
    the others from it.
    """
    deadline = time.monotonic() + LIMIT
    sessions = [
        (entry["way"], held)
        for entry in content.values()
        for held in (*entry["superseded"], entry.get("session"))
        if held
    ]
    for number, (way, held) in enumerate(sessions):
        share = max((deadline - time.monotonic()) / (len(sessions) - number), 0.1)
        with contextlib.suppress(Exception), _bounded(share):
            transport = open_transport(Connection(**way)._replace(timeout=share), {})
            sign_out(transport, SessionRecord(held["id"], held["platform_url"]))
