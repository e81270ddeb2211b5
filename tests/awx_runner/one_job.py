# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run one job in a process of its own: what AWX gives to ansible-runner comes as JSON on standard input.

The keys: ``arguments`` of ansible_runner.run, ``worker``, a folder if the job travels as transmit, worker and process (as AWX
sends it over its mesh). Lines of the job are printed as they come; the last line is the result as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import ansible_runner


def show(event: dict[str, Any]) -> bool:
    """Print what the job prints; True keeps the event as an artifact."""
    if event.get("stdout"):
        print(event["stdout"], flush=True)
    return True


def run_here(arguments: dict[str, Any]) -> Any:
    """Run the job in this machine's folder."""
    return ansible_runner.run(**arguments, event_handler=show)


def run_there(arguments: dict[str, Any], worker: str) -> Any:
    """Send the job to a worker with a folder of its own, and take what comes back."""
    command = [
        str(Path(sys.executable).parent / "ansible-runner"),
        "worker",
        f"--private-data-dir={worker}",
        "--delete",
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        ansible_runner.run(streamer="transmit", _output=process.stdin, **arguments)
        assert process.stdin and process.stdout
        process.stdin.close()
        private = str(Path(arguments["private_data_dir"]).parent / "processed")
        back = {"private_data_dir": private, "ident": arguments["ident"], "quiet": True}
        found = ansible_runner.run(streamer="process", _input=process.stdout, event_handler=show, **back)
        process.wait()
    return found


def main() -> None:
    """Read, run, and print the result."""
    job = json.loads(sys.stdin.read())
    found = run_there(job["arguments"], job["worker"]) if job["worker"] else run_here(job["arguments"])
    print(json.dumps({"status": found.status}), flush=True)


if __name__ == "__main__":
    main()
