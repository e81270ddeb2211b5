# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The main job, end to end, against the embedded console: from nothing to an alert in a mailbox. Run it by ``make
demo``.

Writes ``build/demo/report.json`` and the logs of what ran. Exit code 0 only if everything was seen.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import requests

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "build" / "demo"
sys.path.insert(0, str(ROOT / "lab"))

from cai_lab.control_client import LabControl, LabError  # noqa: E402  (the lab is a project of its own beside this folder)

MARK = "CAI_DEMO_RUN"
TARGETS = {
    "cloud-server": "Cloud Server",
    "agent-a": "agent-a",
    "agent-b": "agent-b",
    "agent-zuerich": "Agent Zürich 3",
}
FAULTY = "agent-b"
RECIPIENT = "operations@lab.test"
SENDER = "alerts@lab.test"
PATIENCE = 30.0
COUNTS = re.compile(
    r"^(?P<host>[\w-]+)\s+: ok=(?P<ok>\d+)\s+changed=(?P<changed>\d+)\s+unreachable=\d+\s+failed=(?P<failed>\d+)",
    re.M,
)


class DemoError(Exception):
    """Something that the demo promises was not seen; the text says what, and where to look."""


def say(text: str) -> None:
    """Print one line for the person who watches."""
    print(text, flush=True)


def write_inventory(lab: LabControl, folder: Path = FOLDER) -> Path:
    """Write the inventory and its variables as a user would; passwords stay in the environment."""
    mail = lab.addresses["smtp"]
    environment = "{{{{ lookup('ansible.builtin.env', '{}') }}}}".format
    variables = {
        "cai_console_url": lab.addresses["console"],
        "cai_console_username": "robot@lab.test",
        "cai_console_password": environment("DEMO_CONSOLE_PASSWORD"),
        "cai_console_binding": "lab",
        "fault_alerts_suspend_on_uncaught_fault": True,
        "fault_alerts_enabled": True,
        "fault_alerts_action": "send_email",
        "fault_alerts_email": RECIPIENT,
        "email_service_enabled": True,
        "email_service_host": "localhost",
        "email_service_port": mail["starttls_port"],
        "email_service_security": "tls",
        "email_service_authentication": "password",
        "email_service_username": SENDER,
        "email_service_password": environment("DEMO_MAIL_PASSWORD"),
    }
    hosts = {host: {"cai_target_id": target} for host, target in TARGETS.items()}
    path = folder / "inventory.yml"
    path.write_text(
        json.dumps({"all": {"hosts": hosts, "vars": variables}}, indent=2, ensure_ascii=False), encoding="utf-8"
    )
    return path


def environment(lab: LabControl, folder: Path = FOLDER) -> dict[str, str]:
    """Return the environment of the playbook runs: nothing of the user's own Ansible set-up, passwords, and where the
    collection lies. What Ansible keeps goes below ``folder``.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ANSIBLE_", "CAI_")) and name != "PYTHONDONTWRITEBYTECODE"
    }
    accounts = {user["name"]: user["password"] for user in lab.addresses["users"]}
    return {
        **kept,
        MARK: os.environ[MARK],
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "build" / "collections"),
        "ANSIBLE_HOME": str(folder / "ansible"),
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_NOCOLOR": "1",
        "DEMO_CONSOLE_PASSWORD": accounts["robot@lab.test"],
        "DEMO_MAIL_PASSWORD": lab.addresses["mail_accounts"][SENDER],
    }


def run_playbook(name: str, inventory: Path, lab: LabControl) -> dict[str, int]:
    """Run the quickstart and return the sums over the recap's hosts; the output goes to ``NAME.log`` beside the
    inventory.
    """
    folder = inventory.parent
    log = folder / f"{name}.log"
    command = [
        str(Path(sys.executable).parent / "ansible-playbook"),
        "cai.console.quickstart",
        "--inventory",
        str(inventory),
        "--diff",
    ]
    done = subprocess.run(
        command, env=environment(lab, folder), cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    log.write_text(done.stdout + done.stderr, encoding="utf-8")
    return recap(done.stdout, done.returncode, log)


def recap(output: str, code: int, log: Path) -> dict[str, int]:
    """Return the sums over the recap's hosts; DemoError where a target is missing or the playbook failed."""
    hosts = {found["host"]: found for found in COUNTS.finditer(output)}
    sums = {count: sum(int(found[count]) for found in hosts.values()) for count in ("ok", "changed", "failed")}
    say(
        f"    {len(hosts)} targets: {sums['ok']} tasks ok, {sums['changed']} changed, {sums['failed']} failed"
        f"   (log: {log.relative_to(ROOT)})"
    )
    if code or set(hosts) != set(TARGETS):
        raise DemoError(f"The playbook ended with code {code}; see {log.relative_to(ROOT)}.")
    return sums


def run_canary(lab: LabControl) -> None:
    """Run the canary process on one target through the documented address of processes; it faults on purpose."""
    user = lab.addresses["users"][0]
    console, pod, agent = lab.addresses["console"], lab.addresses["pod"], lab.addresses["agents"][FAULTY]
    with requests.Session() as http:
        http.trust_env = False
        reply = http.post(
            f"{console}/saas/public/core/v3/login",
            json={"username": user["name"], "password": user["password"]},
            timeout=30,
        )
        session = reply.json()["userInfo"]["sessionId"]
        http.post(f"{agent}/process-engine/rt/CaiCanary", json={}, headers={"IDS-SESSION-ID": session}, timeout=30)
        http.post(f"{pod}/saas/public/core/v3/logout", headers={"INFA-SESSION-ID": session}, timeout=30)


def await_alert(lab: LabControl, since: float) -> dict[str, Any]:
    """Wait until the alert lies in the mailbox and return what the report says of it."""
    while time.monotonic() - since < PATIENCE:
        for message in lab.mailbox():
            if FAULTY in message["subject"]:
                return {
                    "target": FAULTY,
                    "subject": message["subject"],
                    "from": message["sender"],
                    "to": ", ".join(message["recipients"]),
                    "seconds": round(time.monotonic() - since, 2),
                }
        time.sleep(0.05)
    raise DemoError(f"No alert of {FAULTY} in the mailbox after {PATIENCE:.0f} seconds; see build/demo/lab/lab.log.")


def marked_processes() -> list[psutil.Process]:
    """Return the living processes that this run started, itself excepted: all of them carry its mark."""
    found = []
    for process in psutil.process_iter():
        try:
            if (
                process.pid != os.getpid()
                and process.environ().get(MARK) == os.environ[MARK]
                and process.status() != psutil.STATUS_ZOMBIE
            ):
                found.append(process)
        except psutil.Error:
            continue
    return found


def seen(lab: LabControl) -> dict[str, Any]:
    """Do the main job and return the report, apart from what is known only after the lab's end."""
    inventory = write_inventory(lab)
    say("[2] Configure mail and alerts on every target: ansible-playbook cai.console.quickstart")
    first = run_playbook("first_run", inventory, lab)
    if first["failed"] or first["changed"] != len(TARGETS):
        raise DemoError("The first run did not change every target.")
    say(f"[3] A process faults on {FAULTY} (the lab's canary; nobody catches its fault)")
    started = time.monotonic()
    run_canary(lab)
    alert = await_alert(lab, started)
    say(f"    After {alert['seconds']} s there is mail from {alert['from']} to {alert['to']}: {alert['subject']}")
    say("[4] The same playbook again: nothing may change")
    second = run_playbook("second_run", inventory, lab)
    if second["failed"] or second["changed"]:
        raise DemoError("The second run changed something.")
    return {
        "targets": list(TARGETS),
        "first_run": first,
        "second_run": second,
        "alert": alert,
        "sign_ins": lab.sessions()["sign_ins"],
    }


def demo() -> None:
    """Run the whole demo; DemoError or LabError where something was not seen."""
    say("[1] Start the embedded console, its mail server and a mailbox on free loopback ports")
    with LabControl.start(FOLDER / "lab") as lab:
        say(
            f"    Console at {lab.addresses['console']}, mail at localhost:{lab.addresses['smtp']['starttls_port']}"
            " (STARTTLS, certificate verified)"
        )
        report = seen(lab)
    left = marked_processes()
    report["left_processes"] = len(left)
    (FOLDER / "report.json").write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    say(f"[5] Everything is stopped; {len(left)} processes are left   (report: build/demo/report.json)")
    if left:
        raise DemoError(f"Still running: {', '.join(str(process.pid) for process in left)}.")
    say(f"\nSeen: {len(TARGETS)} targets configured, an alert delivered, a second run without a change.")


def played(scene: Callable[[], None], folder: Path) -> int:
    """Run a scene in a folder of its own, and return the exit code; say in one sentence what was not seen."""
    os.environ[MARK] = uuid.uuid4().hex
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "ansible.cfg").touch()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        scene()
    except (DemoError, LabError) as error:
        print(f"The demo failed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(played(demo, FOLDER))
