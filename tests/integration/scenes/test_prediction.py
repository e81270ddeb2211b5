# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What check mode says is what the real run does, over random states of the console and random wishes."""

from __future__ import annotations

from typing import Any

import pytest
from cai_lab.control_client import LabControl
from hypothesis import HealthCheck, given, settings
from hypothesis.configuration import set_hypothesis_home_dir
from support import client, worlds
from support.hand import Hand
from support.labs import Watch
from support.places import CACHE

set_hypothesis_home_dir(CACHE / "hypothesis")
PREDICTED = ("changed", "diff", "secrets", "stale_secrets", "warnings", "concurrency")
EMPTY: dict[str, dict[str, Any]] = {
    "email_service": {"password": None, "oauth": {"clientSecret": None}},
    "alert_service": {},
    "server_properties": {},
}
EXAMPLES = {"email_service": 150, "alert_service": 60, "server_properties": 20}


@pytest.mark.parametrize("service", client.SERVICES)
def test_the_real_run_does_what_the_check_said(
    service: str, lab: LabControl, hand: Hand, link: dict[str, Any], watch: Watch
) -> None:
    path, before, wishes = worlds.WORLDS[service]
    link = {**link, "console_session": {"id": hand.session, "platform_url": f"{lab.addresses['pod']}/saas"}}
    outcomes: set[str] = set()

    @settings(
        max_examples=EXAMPLES[service],
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(stored=before, wanted=wishes, positions=worlds.POSITIONS)
    def holds(stored: dict[str, Any], wanted: dict[str, Any], positions: dict[str, str]) -> None:
        lab.set_switches(**positions)
        hand.call("PUT", client.CLOUD, path, stored)
        outcomes.add(compare(service, wanted, link, watch))

    try:
        holds()
    finally:
        lab.reset_switches()
        hand.call("PUT", client.CLOUD, path, EMPTY[service])
    assert {"changed", "unchanged"} <= outcomes
    assert service == "server_properties" or "invalid_option" in outcomes


def compare(service: str, wanted: dict[str, Any], link: dict[str, Any], watch: Watch) -> str:
    """Run in check mode, then really; the failure's code, or whether it changed something."""
    watch.restart()
    said = client.run(service, link, check=True, **wanted)
    watch.assert_untouched()
    really = client.run(service, link, **wanted)
    if said.get("failed"):
        assert (really.get("failed"), really.get("error"), really["msg"]) == (True, said["error"], said["msg"])
        watch.assert_untouched()
        return str(said["error"]["code"])
    assert not really.get("failed"), really["msg"]
    assert {name: really[name] for name in (*PREDICTED, service)} == {
        name: said[name] for name in (*PREDICTED, service)
    }
    assert client.stored(service, link) == client.flat_state(said[service])
    assert len(watch.writes()) == said["changed"]
    if wanted.get("update_secrets") != "always":
        watch.restart()
        assert client.done(service, link, **wanted)["changed"] is False
        watch.assert_untouched()
    return "changed" if said["changed"] else "unchanged"
