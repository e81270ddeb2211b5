# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module oauth_token: documentation of an action, which does the work on the controller."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import shell_loader
from ansible.template import Templar
from ansible_collections.cai.console.plugins.action.oauth_token import ActionModule

from .truth import ModuleTruth, argument_spec, has_code

CLIENT = {"client_id": "mail-client", "token_url": "https://127.0.0.1:9/token"}
SECRETS = {
    "client_secret",
    "private_key",
    "private_key_passphrase",
    "consent_key",
    "redirect_response",
    "code",
    "refresh_token",
}


class TestOAuthToken(ModuleTruth):
    """``oauth_token``."""

    name = "oauth_token"
    wrong = {"step": "begin", "grant": "device_code", "client_id": "mail-client"}

    def ended(self, params, capfd):
        """Run the action, as a worker does."""
        loader = DataLoader()
        task = SimpleNamespace(
            action=f"cai.console.{self.name}", args=params, async_val=0, check_mode=False, diff=False, environment=[]
        )
        connection = SimpleNamespace(_shell=shell_loader.get("sh"))
        action = ActionModule(task, connection, SimpleNamespace(), loader, Templar(loader), None)
        return action.run(task_vars={"inventory_hostname": "agent-a"})

    def test_the_module_is_documentation_only(self):
        assert not has_code(self.name)

    def test_its_secrets_are_marked(self, monkeypatch):
        spec = argument_spec(self.name, monkeypatch)
        assert {name for name, option in spec.items() if option.get("no_log")} == SECRETS

    def test_no_option_of_the_console_reaches_a_provider(self, capfd):
        printed = self.ended({**CLIENT, "console_url": "https://console.example.org"}, capfd)
        assert printed["failed"] is True
        assert printed["msg"].startswith("Unsupported parameters for (cai.console.oauth_token) module: console_url.")

    @pytest.mark.parametrize("url", ["http://id.example.org/token", "ftp://127.0.0.1/token"])
    def test_no_secret_travels_in_clear_text(self, url, capfd):
        secret = {"client_secret": "a-Secret-1"}
        printed = self.ended({**CLIENT, **secret, "token_url": url, "grant": "client_credentials"}, capfd)
        assert printed["error"]["code"] == "cleartext_refused"
        assert secret["client_secret"] not in str(printed)

    def test_two_places_for_a_refresh_token_are_refused(self, capfd):
        given = {"refresh_token_file": "vault/alerts.yml", "store_command": ["store"]}
        printed = self.ended({**CLIENT, **given}, capfd)
        assert printed["error"]["code"] == "invalid_option"
        assert all(name in printed["msg"] for name in given)
