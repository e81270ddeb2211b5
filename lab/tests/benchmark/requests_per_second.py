# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests per second of the lab on one core: authenticated GETs over kept-alive connections.

``python lab/tests/benchmark/requests_per_second.py [--seconds 5] [--connections 8] [--at-least 3000]``: exits 1 below
``--at-least``. The CPU time that the lab used is read where the system tells it, so that a client on the same
machine does not count: ``per core`` is what one fully used core would serve.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import aiohttp
from cai_lab.control_client import LabControl

PATHS = {
    "read_email_service": "/active-bpel/restadmin/server/services/email",
    "read_server_properties": "/active-bpel/restadmin/server/properties",
}


async def sign_in(lab: LabControl) -> str:
    """A session of the lab's robot."""
    user = lab.addresses["users"][0]
    body = {"username": user["name"], "password": user["password"]}
    url = f"{lab.addresses['console']}/saas/public/core/v3/login"
    async with aiohttp.ClientSession() as client, client.post(url, json=body) as reply:
        return str((await reply.json())["userInfo"]["sessionId"])


async def ask(lab: LabControl, request: bytes, until: float) -> int:
    """Ask over one connection until the time is up; how many replies came. The client is bare: it must not brake."""
    address = urllib.parse.urlsplit(lab.addresses["console"])
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    done = 0
    while time.monotonic() < until:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(head.decode())
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        done += 1
    writer.close()
    return done


def cpu_s(pid: int) -> float:
    """CPU seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def measure(lab: LabControl, path: str, seconds: float, connections: int) -> tuple[float, float]:
    """Requests per second as seen, and per core of the lab."""
    session = await sign_in(lab)
    request = f"GET {path} HTTP/1.1\r\nHost: lab\r\nIDS-SESSION-ID: {session}\r\n\r\n".encode()
    before, begun = cpu_s(lab.pid), time.monotonic()
    counts = await asyncio.gather(*(ask(lab, request, begun + seconds) for _ in range(connections)))
    used, passed = cpu_s(lab.pid) - before, time.monotonic() - begun
    return sum(counts) / passed, sum(counts) / used


def main() -> int:
    """Measure, print, judge."""
    command = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    command.add_argument("--seconds", type=float, default=5.0)
    command.add_argument("--connections", type=int, default=8)
    command.add_argument("--at-least", type=float, default=3000.0)
    options = command.parse_args()
    slowest = float("inf")
    with tempfile.TemporaryDirectory() as folder, LabControl.start(folder) as lab:
        for name, path in PATHS.items():
            seen, per_core = asyncio.run(measure(lab, path, options.seconds, options.connections))
            print(f"{name:<24} {seen:8.0f}/s seen  {per_core:8.0f}/s per core")
            slowest = min(slowest, per_core)
    return 0 if slowest >= options.at_least else 1


if __name__ == "__main__":
    sys.exit(main())
