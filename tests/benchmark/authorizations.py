# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure OAuth: a nightly renewal over the rollout of the same targets, and ``oauth_token`` over ``debug``.

Each figure is CPU of the whole process tree above an empty play. Run it alone, or as sections of bench.py.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "lab"), str(ROOT / "build" / "collections"), str(Path(__file__).parent)]

from cai_lab.browserless import Person  # noqa: E402  (the folders above have to be on the path first)
from cai_lab.control_client import LabControl  # noqa: E402
from measure import Bench  # noqa: E402
from table import Row, Samples, say  # noqa: E402

EMPTY, DEBUG, ROLLOUT = "empty", "debug", "execution_target"
CONFIGURE, CONSENT, RENEWAL, TOKEN = "OAuth settings", "consent", "renew_authorizations", "oauth_token"
REDIRECT, KEY = "https://localhost:8400/callback", "k" * 40
MAILBOXES = ("alerts@lab.test", "reports@lab.test")
WHO = MAILBOXES[0]


def plays(lab: LabControl, folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the plays about OAuth. The mailboxes that are held are consented to by scripted persons."""
    (folder / "vault").write_text("pw")
    (folder / "ansible.cfg").write_text(f"[defaults]\nvault_password_file = {folder / 'vault'}\n")
    urls, ca = lab.addresses["oauth"], lab.addresses["ca"]
    scope = ["https://outlook.office.com/SMTP.Send", "offline_access"]
    client = {"discovery_url": urls["discovery"], "client_id": "mail-client", "ca_path": ca, "scope": scope}
    held = [{"user": who, "refresh_token_file": str(folder / f"{who}.yml")} for who in MAILBOXES]
    secret = "mail-client-Secret-1"
    token = {**client, "client_secret": secret}
    oauth = {
        "authorization_url": urls["authorization_url"],
        "token_url": urls["token_url"],
        "client_id": "console-client",
        "client_secret": "console-client-Secret-1",
        "scope": scope,
    }
    service = {
        "enabled": True,
        "host": "localhost",
        "port": lab.addresses["smtp"]["starttls_port"],
        "security": "tls",
        "authentication": "oauth",
        "username": WHO,
        "oauth": oauth,
    }
    consent = {**token, "grant": "authorization_code", "redirect_uri": REDIRECT, "consent_key": KEY, "step": "complete"}
    consents = [
        {**consent, **one, "target": one["user"], "redirect_response": _consented(lab, client, one["user"])}
        for one in held
    ]
    renewal = {
        "email_authorization_mailboxes": held,
        "email_authorization_client": client,
        "email_authorization_client_secret": secret,
    }
    return {
        CONFIGURE: _play({"cai.console.email_service": service}),
        CONSENT: _play(*({"cai.console.oauth_token": one} for one in consents), hosts="all[0]"),
        RENEWAL: [{"import_playbook": "cai.console.renew_authorizations", "vars": renewal}],
        **{
            f"{name} of {hosts}": _play(task, hosts=hosts)
            for name, task in (
                (TOKEN, {"cai.console.oauth_token": {**token, **held[0]}}),
                (DEBUG, {"ansible.builtin.debug": {"msg": "x"}}),
            )
            for hosts in ("all", "all[0]")
        },
    }


def _play(*tasks: dict[str, Any], hosts: str = "all") -> list[dict[str, Any]]:
    return [{"hosts": hosts, "gather_facts": False, "tasks": list(tasks)}]


def _consented(lab: LabControl, client: dict[str, Any], who: str) -> str:
    """Let a person consent; the URL that their browser ends at."""
    from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
    from ansible_collections.cai.console.plugins.plugin_utils._oauth import exchange

    given = {**client, "grant": "authorization_code", "redirect_uri": REDIRECT, "consent_key": KEY, "target": who}
    params = ArgumentSpecValidator(exchange.SPEC).validate({**given, "user": who}).validated_parameters
    link = exchange.run(params, check_mode=False, environ={})["authorization_url"]
    return Person(who, lab.addresses["mail_accounts"][who], lab.addresses["ca"]).consent(link, REDIRECT)


@contextmanager
def settled(hosts: int) -> Iterator[Bench]:
    """Give a lab with mailboxes that we hold; nothing is configured yet."""
    with tempfile.TemporaryDirectory(prefix="cai-bench-") as folder, Bench(Path(folder), hosts, more=plays) as bench:
        bench.run(EMPTY)
        bench.run(CONSENT)
        yield bench


def renewal(hosts: int, rounds: int) -> list[Row]:
    """A nightly renewal of authorized targets and mailboxes that we hold, over a second rollout of the same targets."""
    found, name = Samples(), f"N = {hosts}: {RENEWAL}, x {ROLLOUT}"
    for _round in range(rounds):
        with settled(hosts) as bench:
            bench.run(ROLLOUT)
            rollout = bench.run(ROLLOUT).cpu - bench.run(EMPTY).cpu
            bench.run(CONFIGURE)
            for target in bench.lab.targets():
                bench.lab.authorize(target["id"])
            before, asked = bench.lab.sessions()["sign_ins"], len(_refreshes(bench.lab))
            found.add(name, (bench.run(RENEWAL).cpu - bench.run(EMPTY).cpu) / rollout)
            say(
                f"  sign-ins {bench.lab.sessions()['sign_ins'] - before}, "
                f"token requests {len(_refreshes(bench.lab)) - asked} for {len(MAILBOXES)} mailboxes"
            )
    return [Row(name, found.median(name), 2.0)]


def _refreshes(lab: LabControl) -> list[dict[str, Any]]:
    return lab.operations(operation="oauth_token_refresh_token")


def exchange_task(hosts: int, rounds: int) -> list[Row]:
    """A task of ``oauth_token`` that finds a living token, over ``debug``; both by what more hosts add to one."""
    found, name = Samples(), f"N = {hosts}: {TOKEN} after the first, x {DEBUG}"
    with settled(hosts) as bench:
        bench.run(f"{TOKEN} of all[0]")
        for _round in range(rounds):
            added = {
                play: bench.run(f"{play} of all").cpu - bench.run(f"{play} of all[0]").cpu for play in (TOKEN, DEBUG)
            }
            found.add(name, added[TOKEN] / added[DEBUG])
    return [Row(name, found.median(name), 3.0)]


def main() -> int:
    """Measure, print the table; the exit code says only whether it could be measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    table = [row for section in (renewal, exchange_task) for row in section(options.hosts, options.rounds)]
    say("")
    for row in table:
        say(row.line())
    return 0


if __name__ == "__main__":
    sys.exit(main())
