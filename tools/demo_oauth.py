# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The main job by OAuth, against the embedded console: consent, 80 days, renewal, 15 days more,
and the alert still arrives. Run it by ``make demo-oauth``.

The person's consent is a scripted sign-in at the embedded OAuth server, without a browser. Writes
``build/demo-oauth/report.json`` and the logs of what ran. Exit code 0 only if everything was seen.
"""

from __future__ import annotations

import datetime
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import demo
from cai_lab.browserless import Person
from cai_lab.control_client import LabControl
from demo import DemoError, say

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "build" / "demo-oauth"
LINK = re.compile(r"Open (https://[^\"\s]+)")
DAY_S = 24 * 3600
FIRST_DAYS, MORE_DAYS = 80, 15
CONSOLE = "cai-lab-console"


def write_inventory(lab: LabControl) -> Path:
    """Write the inventory of the other demo, with OAuth settings; the secrets stay in the environment."""
    plain = json.loads(demo.write_inventory(lab, FOLDER).read_text(encoding="utf-8"))
    variables, urls = plain["all"]["vars"], lab.addresses["oauth"]
    del variables["email_service_password"]
    variables |= {
        "email_service_authentication": "oauth",
        "email_service_oauth": {
            "authorization_url": urls["authorization_url"],
            "token_url": urls["token_url"],
            "client_id": "console-client",
            "client_secret": "{{ lookup('ansible.builtin.env', 'DEMO_CLIENT_SECRET') }}",
            "scope": ["https://outlook.office.com/SMTP.Send", "offline_access"],
        },
        "email_authorization_keep_alive": True,
        "email_authorization_test_recipient": demo.RECIPIENT,
        "authorize_wait": 60,
    }
    path = FOLDER / "inventory.yml"
    path.write_text(json.dumps(plain, indent=2, ensure_ascii=False), encoding="utf-8")
    return path


def play(name: str, playbook: str, inventory: Path, lab: LabControl, *more: str, person: Person | None = None) -> None:
    """Run a playbook; with ``person``, each link that it shows is opened at once. DemoError where it failed."""
    command = [str(Path(sys.executable).parent / "ansible-playbook"), playbook, "--inventory", str(inventory), *more]
    with subprocess.Popen(
        command,
        env=demo.environment(lab, FOLDER),
        cwd=FOLDER,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            found = LINK.search(line)
            if found and person:
                person.open(found.group(1), lab.addresses["console"])
    output, log = "".join(lines), FOLDER / f"{name}.log"
    log.write_text(output, encoding="utf-8")
    demo.recap(output, process.returncode, log)


def alert(lab: LabControl) -> dict[str, Any]:
    """Let a process fault, and wait for the mail."""
    lab.clear_mailbox()
    started = time.monotonic()
    demo.run_canary(lab)
    found = demo.await_alert(lab, started)
    say(f"    After {found['seconds']} s there is mail from {found['from']} to {found['to']}: {found['subject']}")
    return found


def check_grants(lab: LabControl) -> dict[str, int]:
    """Nothing but the console refreshed its consents, and none was revoked."""
    agents = {event["agent"] for event in lab.oauth_events(event="token")}
    revoked = [grant for grant in lab.oauth_grants() if grant["revoked"]]
    if agents != {CONSOLE} or revoked:
        raise DemoError(f"The OAuth server saw {', '.join(map(str, agents))} and {len(revoked)} revoked consents.")
    return {"consents": len(lab.oauth_grants()), "token_requests": len(lab.oauth_events(event="token")), "revoked": 0}


def seen(lab: LabControl) -> dict[str, Any]:
    """Do the job and return the report, apart from what is known only after the lab's end."""
    lab.set_switches(refresh_rotation="revokes_old")
    inventory = write_inventory(lab)
    say("[2] Configure mail by OAuth and alerts on every target: ansible-playbook cai.console.quickstart")
    first = demo.run_playbook("first_run", inventory, lab)
    if first["failed"] or first["changed"] != len(demo.TARGETS):
        raise DemoError("The first run did not change each target.")
    say("[3] Somebody authorizes access, target by target (scripted here): ansible-playbook cai.console.authorize")
    person = Person(demo.SENDER, lab.addresses["mail_accounts"][demo.SENDER], lab.addresses["ca"])
    play("authorize", "cai.console.authorize", inventory, lab, person=person)
    say(f"[4] A process faults on {demo.FAULTY}")
    alert(lab)
    say(f"[5] {FIRST_DAYS} days later, in the nightly job: ansible-playbook cai.console.renew_authorizations")
    lab.set_clock(FIRST_DAYS * DAY_S)
    then = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=FIRST_DAYS)).isoformat()
    play("renew", "cai.console.renew_authorizations", inventory, lab, "-e", f"email_authorization_as_of={then}")
    days = FIRST_DAYS + MORE_DAYS
    say(f"[6] {MORE_DAYS} days more, {days} since the consent: a process faults on {demo.FAULTY}")
    lab.set_clock(days * DAY_S)
    last = alert(lab)
    say("[7] The first playbook again: nothing may change, and no secret may travel")
    lab.clear_operations()
    second = demo.run_playbook("second_run", inventory, lab)
    sent = [entry for entry in lab.operations() if "oauth.clientSecret" in entry["members"]]
    if second["failed"] or second["changed"] or sent:
        raise DemoError("The second run changed something, or sent the client secret.")
    return {
        "targets": list(demo.TARGETS),
        "first_run": first,
        "second_run": second,
        "alert": last,
        "sign_ins": lab.sessions()["sign_ins"],
        "days_moved": days,
        "oauth": check_grants(lab),
    }


def run() -> None:
    """Run the whole demo; DemoError or LabError where something was not seen."""
    say("[1] Start the embedded console, its mail server and its OAuth server on free loopback ports")
    with LabControl.start(FOLDER / "lab") as lab:
        say(f"    Console at {lab.addresses['console']}, OAuth server at {lab.addresses['oauth']['base']}")
        os.environ["DEMO_CLIENT_SECRET"] = next(
            item["secrets"][0] for item in lab.addresses["oauth"]["clients"] if item["client_id"] == "console-client"
        )
        report = seen(lab)
    left = demo.marked_processes()
    report["left_processes"] = len(left)
    (FOLDER / "report.json").write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    say(f"[8] Everything is stopped; {len(left)} processes are left   (report: build/demo-oauth/report.json)")
    if left:
        raise DemoError(f"Still running: {', '.join(str(process.pid) for process in left)}.")
    say(f"\nSeen: an alert {report['days_moved']} days after the consent, and no consent refreshed by us or revoked.")


if __name__ == "__main__":
    sys.exit(demo.played(run, FOLDER))
