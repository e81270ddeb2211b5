# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is deployed on a target, and calls of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aiohttp

from cai_lab.console.canaries import CANARIES
from cai_lab.console.core import Console
from cai_lab.fleet import Target

HANDLER = "AlertHandler"
SEEDED: Mapping[str, Mapping[str, Any]] = {name: {"url": None} for name in (*CANARIES, HANDLER)}
TIMEOUT = aiohttp.ClientTimeout(total=10)


class CallFailed(RuntimeError):
    """A deployed service did not take a call."""


def deployed(console: Console, target: Target) -> dict[str, Mapping[str, Any]]:
    """The processes deployed on a target by name, each with the ``url`` to which its calls go (None: only recorded)."""
    return {**SEEDED, **console.state.items("deployed", target.owner)}


async def invoke(console: Console, target: Target, name: str, body: Any) -> str | None:
    """Hand a call to a deployed process: it is recorded, and POSTed to the process's URL, whose answer is returned.

    Raises CallFailed when the URL does not answer, or with an error.
    """
    url = deployed(console, target)[name]["url"]
    number = console.state.count("custom_call")
    call = {"organisation": target.org.id, "target": target.id, "service": name, "time": console.clock.stamp()}
    console.state.put("custom_call", target.owner, f"{number:08d}", {**call, "url": url, "body": body})
    if url is None:
        return None
    try:
        async with aiohttp.ClientSession(timeout=TIMEOUT) as client, client.post(url, json=body) as response:
            response.raise_for_status()
            return await response.text()
    except (aiohttp.ClientError, TimeoutError) as error:
        raise CallFailed(f"The service {name} failed: {type(error).__name__}.") from error
