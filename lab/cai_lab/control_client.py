# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``LabControl``: start a lab as a process of its own, and steer it. Synchronous, standard library only."""

from __future__ import annotations

import json
import os
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

PACKAGES = Path(__file__).resolve().parent.parent


class LabError(RuntimeError):
    """The lab did not start, or refused what it was asked."""


class LabControl:
    """A running lab. ``addresses`` is what its ready file holds: console, pod, agents, smtp, users, targets, ...

    Use :meth:`start`, or :meth:`attach` for a lab that runs already. As a context manager it stops at the end.
    """

    def __init__(self, addresses: dict[str, Any], process: subprocess.Popen[bytes] | None = None) -> None:
        self.addresses = addresses
        self._process = process
        handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({})]
        if addresses["console"].startswith("https:"):
            handlers.append(urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=addresses["ca"])))
        self._opener = urllib.request.build_opener(*handlers)

    @classmethod
    def start(cls, state: Path | str, *options: str, python: str = sys.executable, timeout: float = 30.0) -> LabControl:
        """Start a lab on free ports (unless ``--port`` is among the options) and wait until it is ready.

        Its output goes to ``lab.log`` in the state folder. LabError, with the log's end, when it does not start.
        """
        folder = Path(state)
        folder.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(_search_path())}
        with tempfile.TemporaryDirectory(prefix="cai-lab-") as place, (folder / "lab.log").open("ab") as log:
            ready = Path(place) / "ready.json"
            command = [python, "-m", "cai_lab", "--state", str(folder), "--ready-file", str(ready), *options]
            if "--port" not in options:
                command.append("--free-ports")
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, start_new_session=True
            )
            try:
                return cls(_wait(process, ready, folder / "lab.log", timeout), process)
            except BaseException:
                _end(process)
                raise

    @classmethod
    def attach(cls, ready_file: Path | str) -> LabControl:
        """Steer a lab that somebody else runs; it is not stopped here."""
        return cls(json.loads(Path(ready_file).read_text(encoding="utf-8")))

    @property
    def pid(self) -> int:
        """The lab's process id."""
        return int(self.addresses["pid"])

    def stop(self) -> None:
        """Stop a lab that was started here, and wait for its end."""
        if self._process is not None:
            _end(self._process)

    def kill(self) -> None:
        """End a lab that was started here as ``kill -9`` does."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def target(self, name: str) -> dict[str, Any]:
        """A seeded target of the sub-organisation by its name: id, name, kind, organisation, engine, reachable."""
        for target in self.addresses["targets"]:
            if target["name"] == name:
                return dict(target)
        raise LookupError(name)

    def switches(self) -> dict[str, dict[str, Any]]:
        """Every switch: position, positions, about."""
        return dict(self._ask("GET", "switches"))

    def set_switches(self, **positions: str) -> dict[str, str]:
        """Move switches; all positions afterwards."""
        return dict(self._ask("PUT", "switches", positions))

    def reset_switches(self) -> None:
        """All switches to their defaults."""
        self._ask("DELETE", "switches")

    def set_clock(self, offset_s: float) -> None:
        """Move the lab's clock by an offset from the real time."""
        self._ask("PUT", "clock", {"offset_s": offset_s})

    def set_faults(self, *rules: dict[str, Any]) -> None:
        """Replace the planned faults; without rules, none are left."""
        self._ask("PUT", "faults", list(rules))

    def faults(self) -> list[dict[str, Any]]:
        """The planned faults, each with how often it still hits (``left``)."""
        return list(self._ask("GET", "faults"))

    def cut_mail_path(self, target: str, **more: str) -> None:
        """Let no mail server be reached from a target (name or id), as behind a firewall."""
        self._ask("PUT", "mail_path", {"target": target, "cut": True, **more})

    def open_mail_paths(self) -> None:
        """Let every target reach mail servers again."""
        self._ask("DELETE", "mail_path")

    def targets(self, organisation: str = "00LAB1") -> list[dict[str, Any]]:
        """The targets that an organisation sees, bulk agents included."""
        return list(self._ask("GET", "fleet")["targets"][organisation])

    def add_agents(self, number: int) -> int:
        """Add bulk agents; how many there are afterwards."""
        return int(self._ask("POST", "fleet", {"add": number})["bulk"])

    def deploy(self, target: str, process: str, url: str | None = None, **more: str) -> None:
        """Deploy a process on a target (name or id); its calls are POSTed to a loopback URL, if given."""
        self._ask("POST", "deploy", {"target": target, "process": process, "url": url, **more})

    def mailbox(self) -> list[dict[str, Any]]:
        """All delivered mail."""
        return list(self._ask("GET", "mailbox"))

    def clear_mailbox(self) -> None:
        """Throw all mail away."""
        self._ask("DELETE", "mailbox")

    def custom_calls(self) -> list[dict[str, Any]]:
        """The calls that deployed processes got."""
        return list(self._ask("GET", "custom_calls"))

    def clear_custom_calls(self) -> None:
        """Forget these calls."""
        self._ask("DELETE", "custom_calls")

    def operations(self, **filters: Any) -> list[dict[str, Any]]:
        """The log of operations; filters: since=n, operation=, target=, user=, mutates=True, status=, ..."""
        wanted = {name: str(value).lower() if isinstance(value, bool) else value for name, value in filters.items()}
        return list(self._ask("GET", "operations?" + urllib.parse.urlencode(wanted)))

    def clear_operations(self) -> None:
        """Empty the log of operations."""
        self._ask("DELETE", "operations")

    def sessions(self) -> dict[str, int]:
        """Counts: sign_ins, refused_sign_ins, sign_outs, logout_alls, open."""
        return dict(self._ask("GET", "sessions"))

    def end_sessions(self) -> int:
        """End all sessions, as if they had expired; how many there were."""
        return int(self._ask("DELETE", "sessions")["ended"])

    def state(self) -> dict[str, Any]:
        """``hash`` over all stored state, and ``stored`` without secrets."""
        return dict(self._ask("GET", "state"))

    def secret(self, target: str, name: str, value: str, **more: str) -> dict[str, bool]:
        """Whether a secret (``password``, ``oauth.clientSecret``) is ``set``, and ``equal`` to a value."""
        return dict(self._ask("POST", "secret", {"target": target, "name": name, "value": value, **more}))

    def authorize(self, target: str, status: str = "AUTHORIZED", by: str = "owner@lab.test", **more: str) -> None:
        """Set the status of a target's OAuth authorization."""
        self._ask("PUT", "authorization", {"target": target, "status": status, "authorizedBy": by, **more})

    def oauth_events(self, **wanted: Any) -> list[dict[str, Any]]:
        """The OAuth server's log: event, grant, client, user, agent (the program), grant_type; filtered by members."""
        found = list(self._ask("GET", "oauth/events"))
        return [entry for entry in found if all(entry.get(name) == value for name, value in wanted.items())]

    def oauth_grants(self) -> list[dict[str, Any]]:
        """The consents at the OAuth server: grant, client, user, scope, revoked, refresh_tokens."""
        return list(self._ask("GET", "oauth/grants"))

    def oauth_settings(self, **changes: int) -> dict[str, int]:
        """Change lifetimes of the OAuth server, in seconds; all of them afterwards."""
        return dict(self._ask("PUT", "oauth/settings", changes))

    def oauth_client(self, client_id: str, **changes: Any) -> None:
        """Change a client's ``secrets`` or ``certificate`` (PEM) at the OAuth server."""
        self._ask("PUT", "oauth/client", {"client_id": client_id, **changes})

    def oauth_person(self, name: str, *, disabled: bool = False, revoke: bool = False) -> None:
        """Disable an account at the OAuth server, or revoke what it consented to, as a new password does."""
        self._ask("PUT", "oauth/person", {"name": name, "disabled": disabled, "revoke": revoke})

    def oauth_refuse(self, aadsts: int, times: int = 1) -> None:
        """Let the next token requests be refused with an AADSTS code; 0 times ends it."""
        self._ask("PUT", "oauth/refuse", {"aadsts": aadsts, "times": times})

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.addresses['control']}/{path}", data=data, method=method)
        request.add_header("Content-Type", "application/json")
        try:
            with self._opener.open(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise LabError(f"{method} /_lab/{path}: {error.read().decode(errors='replace')}") from None


def _search_path() -> list[str]:
    return [str(PACKAGES), *filter(None, [os.environ.get("PYTHONPATH")])]


def _wait(process: subprocess.Popen[bytes], ready: Path, log: Path, timeout: float) -> dict[str, Any]:
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if ready.exists():
            return dict(json.loads(ready.read_text(encoding="utf-8")))
        if process.poll() is not None:
            raise LabError(f"The lab ended with status {process.returncode}: {_tail(log)}")
        time.sleep(0.02)
    raise LabError(f"The lab was not ready after {timeout} seconds: {_tail(log)}")


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
