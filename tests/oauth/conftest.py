# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab for each module's tests, a person with an account, and a task runner without Ansible around it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.cai.console.plugins.plugin_utils._oauth import exchange
from cai_lab.browserless import Person
from cai_lab.control_client import LabControl

SCOPE = ["openid", "offline_access", "https://outlook.office.com/SMTP.Send"]
KEY = "key-of-the-consent-" + "k" * 30
REDIRECT = "https://localhost:8400/callback"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabControl]:
    with LabControl.start(tmp_path_factory.mktemp("lab")) as control:
        yield control


@pytest.fixture
def lab(running: LabControl) -> LabControl:
    running.reset_switches()
    running.set_clock(0)
    running.set_faults()
    running.clear_operations()
    running.oauth_settings(device_interval_s=5, device_lifetime_s=900)
    return running


class Tasks:
    """Runs the task with a client's options; ``said`` is what it showed to the person."""

    def __init__(self, lab: LabControl, folder: Path) -> None:
        self.lab = lab
        self.folder = folder
        self.said: list[str] = []
        self.person = Person("alerts@lab.test", "alerts-Mail-pw1", lab.addresses["ca"])

    def options(self, **changes: Any) -> dict[str, Any]:
        """What a playbook would give, completed and checked by the spec."""
        given = {
            "discovery_url": self.lab.addresses["oauth"]["discovery"],
            "client_id": "mail-client",
            "client_secret": "mail-client-Secret-1",
            "scope": SCOPE,
            "ca_path": self.lab.addresses["ca"],
            "redirect_uri": REDIRECT,
            "consent_key": KEY,
            "state_dir": str(self.folder / "state"),
            "target": "agent-a",
            "user": "alerts@lab.test",
            "timeout": 10,
            **changes,
        }
        valid = ArgumentSpecValidator(exchange.SPEC).validate({k: v for k, v in given.items() if v is not None})
        assert valid.error_messages == []
        return dict(valid.validated_parameters)

    def run(self, *, check_mode: bool = False, vault: Any = None, **changes: Any) -> dict[str, Any]:
        """The task's result."""
        return exchange.run(
            self.options(**changes), check_mode=check_mode, environ=os.environ, say=self.said.append, vault=vault
        )

    def begin(self, **changes: Any) -> dict[str, Any]:
        """First step."""
        return self.run(grant="authorization_code", step="begin", **changes)

    def come_back(self, begun: dict[str, Any], until: str = REDIRECT) -> str:
        """The person consents; the URL that the browser ends at."""
        return self.person.consent(begun["authorization_url"], until)

    def complete(self, url: str, **changes: Any) -> dict[str, Any]:
        """Second step."""
        return self.run(grant="authorization_code", step="complete", redirect_response=url, **changes)

    def consent(self, **changes: Any) -> dict[str, Any]:
        """Both steps; the tokens."""
        got = self.complete(self.come_back(self.begin(**changes)), **changes)
        assert "failed" not in got, got
        return got

    def consent_at(self, redirect_uri: str, **changes: Any) -> dict[str, Any]:
        """Both steps, for another redirect URI."""
        begun = self.begin(redirect_uri=redirect_uri, **changes)
        got = self.complete(self.come_back(begun, redirect_uri), redirect_uri=redirect_uri, **changes)
        assert "failed" not in got, got
        return got

    def refresh(self, **changes: Any) -> dict[str, Any]:
        """Spend a refresh token."""
        return self.run(grant="refresh_token", **changes)

    def token_requests(self) -> int:
        """How many requests the token endpoint got for a refresh."""
        return len(self.lab.operations(operation="oauth_token_refresh_token"))


@pytest.fixture
def tasks(lab: LabControl, tmp_path: Path) -> Tasks:
    return Tasks(lab, tmp_path)
