# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module execution_target."""

from __future__ import annotations

import pytest

from .truth import ServiceTruth, argument_spec, documentation, normal, run

SERVICES = ("server_properties", "email_service", "alert_service")


class TestExecutionTarget(ServiceTruth):
    """``execution_target``."""

    name = "execution_target"

    @pytest.mark.parametrize("service", SERVICES)
    def test_a_service_has_the_options_of_its_own_module(self, service, monkeypatch):
        options = argument_spec(self.name, monkeypatch)[service]["options"]
        alone = argument_spec(service, monkeypatch)
        assert options
        assert options == {name: alone[name] for name in options}
        own = documentation(service)["options"]
        here = documentation(self.name)["options"][service]["suboptions"]
        assert normal(here, "suboptions") == normal({name: own[name] for name in here}, "suboptions")

    @pytest.mark.parametrize("service", SERVICES)
    def test_a_service_that_is_left_out_is_not_touched(self, service, monkeypatch):
        option = argument_spec(self.name, monkeypatch)[service]
        nested = [option, *option["options"].values(), *option["options"].get("oauth", {}).get("options", {}).values()]
        assert [found for found in nested if "default" in found] == []

    def test_what_is_said_about_secrets_and_tests_is_said_as_of_the_email_service(self, monkeypatch):
        here, alone = (argument_spec(name, monkeypatch) for name in (self.name, "email_service"))
        shared = set(here) & set(alone)
        assert {"update_secrets", "state_dir", "test", "on_test_failure"} <= shared
        assert {name: here[name] for name in shared} == {name: alone[name] for name in shared}
        assert set(here) - shared == {*SERVICES, "require_suspend"}

    @pytest.mark.parametrize(
        ("service", "given"),
        [
            ("email_service", {"port": 0}),
            ("email_service", {"host": "smtp://mail.example.org"}),
            ("alert_service", {"email": "nobody"}),
        ],
    )
    def test_a_value_that_can_never_be_right_is_refused_before_the_first_request(self, service, given, capfd):
        printed = run(self.name, {"target": "agent-a", service: given}, capfd)
        assert printed["error"]["code"] == "invalid_option"
        assert printed["error"]["stage"] == "options"
        assert next(iter(given)) in printed["msg"]
