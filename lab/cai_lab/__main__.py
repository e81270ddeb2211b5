# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m cai_lab``: run the lab in the foreground until it gets SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import ssl
import sys
from pathlib import Path
from typing import Any

from cai_lab.lab import Lab
from cai_lab.layout import Layout, PortInUse
from cai_lab.state import StateInUse

DEFAULT_PORT = 8400


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(prog="python -m cai_lab", description="Run an embedded console with mail.")
    made.add_argument("--state", type=Path, default=Path(".lab"), metavar="DIR", help="state folder (default: .lab)")
    made.add_argument("--port", type=_port, default=None, help="base port (default: LAB_PORT, else 8400)")
    made.add_argument("--free-ports", action="store_true", help="take any free ports instead")
    made.add_argument("--ready-file", type=Path, metavar="FILE", help="write addresses and credentials there, as JSON")
    made.add_argument("--tls", action="store_true", help="serve https with the lab's CA")
    made.add_argument("--trust", type=Path, metavar="FILE", help="CA certificates of mail servers other than the lab's")
    made.add_argument("--access-log", action="store_true", help="one line per request on stderr")
    return made


def _port(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 65000:
        raise ValueError(text)
    return number


def main() -> int:
    """Run; the exit status: 0 after a signal, 2 when it could not start."""
    command = parser()
    options = command.parse_args()
    try:
        base = options.port or _port(os.environ.get("LAB_PORT") or str(DEFAULT_PORT))
    except ValueError:
        command.error("LAB_PORT is no port number from 1 to 65000")
    if options.trust is not None:
        try:
            ssl.create_default_context(cafile=str(options.trust))
        except OSError as error:
            command.error(f"--trust: {options.trust} holds no CA certificates: {error}")
    try:
        asyncio.run(_run(options, Layout(None if options.free_ports else base)))
    except (PortInUse, StateInUse) as problem:
        print(problem, file=sys.stderr)
        return 2
    return 0


async def _run(options: argparse.Namespace, layout: Layout) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    if options.ready_file:
        options.ready_file.unlink(missing_ok=True)
    lab = Lab(options.state.resolve(), layout, tls=options.tls, access_log=options.access_log, trusted=options.trust)
    await lab.start()
    try:
        addresses = {**lab.addresses(), "pid": os.getpid()}
        print(welcome(addresses), flush=True)
        if options.ready_file:
            _write(options.ready_file, addresses)
        await stopped.wait()
    finally:
        await lab.stop()
        if options.ready_file:
            options.ready_file.unlink(missing_ok=True)


def _write(path: Path, addresses: dict[str, Any]) -> None:
    """Whole or not at all: whoever waits for the file must not read half of it."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    aside.touch(mode=0o600)
    aside.write_text(json.dumps(addresses, ensure_ascii=False, indent=2), encoding="utf-8")
    aside.replace(path)


def welcome(addresses: dict[str, Any]) -> str:
    """What a newcomer needs: where things are, and who may sign in."""
    smtp = addresses["smtp"]
    lines = [
        "The lab is running. Stop it with Ctrl-C.",
        "",
        f"  Console (sign in here)   {addresses['console']}",
        f"  Pod (platform API)       {addresses['pod']}",
        f"  Control of the lab       {addresses['control']}",
        f"  Mail, STARTTLS           {smtp['host']}:{smtp['starttls_port']}",
        f"  Mail, implicit TLS       {smtp['host']}:{smtp['tls_port']}",
        f"  OAuth server             {addresses['oauth']['base']}",
        f"  CA certificate           {addresses['ca']}",
        *(f"  Agent {name:<18} {url}" for name, url in addresses["agents"].items()),
        "",
        "Users of the console (these passwords are the lab's only, and public):",
        *(f"  {user['name']:<20} {user['password']:<20} {_role(user)}" for user in addresses["users"]),
        "",
        "Mail accounts:",
        *(f"  {name:<20} {password}" for name, password in addresses["mail_accounts"].items()),
    ]
    return "\n".join(lines)


def _role(user: dict[str, Any]) -> str:
    return f"organisation {user['organisation']}, " + ("administrator" if user["administers"] else "may only look")


if __name__ == "__main__":
    sys.exit(main())
