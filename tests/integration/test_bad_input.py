# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever is wrong is one ``failed`` result with a code and the next step; a rescue runs; nothing is half-written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from ansible_collections.cai.console.plugins.module_utils._faults import FAULTS
from ansible_collections.cai.console.plugins.module_utils._faults_alert import ALERT_FAULTS
from ansible_collections.cai.console.plugins.module_utils._faults_fleet import FLEET_FAULTS
from ansible_collections.cai.console.plugins.module_utils._faults_oauth import OAUTH_FAULTS
from ansible_collections.cai.console.plugins.module_utils._faults_smtp import SMTP_FAULTS
from cai_lab.control_client import LabControl
from support.bad_consoles import BAD_CONSOLES, CLOUD, OLD
from support.bad_options import BAD_OPTIONS, BINDINGS, VALUES
from support.failures import Failure, Scene, ids
from support.gateway import Gateway
from support.hand import Hand
from support.labs import Watch, connection
from support.play import Player, Run

ELSEWHERE = {
    "library_missing": "needs a Python without urllib3: test_library_missing.py",
    "console_unreachable": "needs an address at which nobody listens: test_regressions.py (B8)",
    "sign_in_refused": "counts the requests: test_sessions.py",
    "organization_mismatch": "counts the requests: test_sessions.py",
    "concurrent_change": "keeps what somebody else wrote: test_recovery.py",
    "agent_address_missing": "the shipped binding knows a way to every agent: test_bindings.py, with one that does not",
    "not_bound": "the shipped binding covers every option: test_bindings.py, with one that does not",
    "whole_document_refused": "the shipped binding replaces nothing else: test_soap.py, with one that does",
    "secret_unknown": "depends on what is remembered: test_memory_of_secrets.py",
    "state_too_new": "depends on what is remembered: test_memory_of_secrets.py",
    "previous_secret_required": "a transaction: test_transaction.py",
    "alert_gap_not_accepted": "a transaction: test_transaction.py",
    "test_failed": "a transaction: test_transaction.py",
    "email_service_off": "several services at once: test_execution_target.py",
    "suspend_off": "several services at once: test_execution_target.py",
    **dict.fromkeys(SMTP_FAULTS, "the probe of mail servers: tests/smtp"),
    **dict.fromkeys(OAUTH_FAULTS, "the token exchange: tests/oauth"),
    **dict.fromkeys(ALERT_FAULTS, "an alert that is followed from its process: test_alerts.py"),
    **dict.fromkeys(FLEET_FAULTS, "many targets in one task: test_fleet.py"),
}


@dataclass(frozen=True)
class Tried:
    """A run of all cases that need nothing but options, on an agent of their own, and what reached the console."""

    run: Run
    target: str
    watch: Watch


@pytest.fixture(scope="module")
def tried(module_lab: LabControl, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tried]:
    """Run all cases of the table in one play, each rescued."""
    target = f"bulk-{module_lab.add_agents(1):04d}"
    watch = Watch(module_lab)
    player = Player(tmp_path_factory.mktemp("bad-options"), connection(module_lab))
    run = player([failure.task(target) for failure in BAD_OPTIONS], hosts=[target])
    watch.assert_untouched_but("write_alert_service")
    yield Tried(run, target, watch)


@pytest.mark.parametrize("failure", BAD_OPTIONS, ids=ids(BAD_OPTIONS))
def test_a_wrong_option_is_a_failure_that_says_what_to_do(failure: Failure, tried: Tried) -> None:
    failure.check(tried.run, tried.target)


def test_a_wrong_value_is_found_before_any_request(play: Player, watch: Watch) -> None:
    play([failure.task(CLOUD) for failure in (*VALUES, *BINDINGS)])
    assert watch.operations() == []


@pytest.mark.parametrize("failure", BAD_CONSOLES, ids=ids(BAD_CONSOLES))
def test_a_console_that_does_wrong_is_a_failure_that_says_what_to_do(
    failure: Failure, lab: LabControl, gateway: Gateway, hand: Hand, link: dict[str, Any], play: Player, request: Any
) -> None:
    hand.set_email(CLOUD, **OLD)
    scene = Scene(lab, gateway, hand, link, lambda: request.getfixturevalue("tls_lab"))
    assert failure.arrange is not None
    failure.arrange(scene)
    watch = Watch(lab)
    run = play([failure.task(CLOUD)], connection=scene.link)
    failure.check(run, CLOUD)
    watch.assert_untouched()
    if failure.code == "cleartext_refused":
        assert gateway.seen == []


def test_every_code_of_the_catalogue_is_provoked() -> None:
    provoked = {failure.code for failure in (*BAD_OPTIONS, *BAD_CONSOLES)}
    assert provoked | set(ELSEWHERE) == set(FAULTS)
    assert provoked & set(ELSEWHERE) == set()


def test_what_ansible_itself_refuses_keeps_its_message(play: Player, watch: Watch) -> None:
    """The same through both doors; no error of ours, because our code never ran."""
    for name in ("local", "elsewhere"):
        args = {"port": "many", "password": "Planted-pw1"}
        run = play([{"name": "wrong type", "cai.console.email_service": args}], play={"connection": name}, exit_code=2)
        result = run.one("wrong type").result
        assert "port" in result["msg"]
        assert "error" not in result
        assert "Planted-pw1" not in run.output
    assert watch.operations() == []
