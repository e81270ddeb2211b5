# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A binding that does not cover something: the failure names it, and nothing is written."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.cai.console.plugins.module_utils._bindings import BINDINGS
from support import client
from support.bindings import lab_binding
from support.labs import Watch


@pytest.fixture
def partial(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A binding that tests may take things out of, known as ``partial``."""
    made = lab_binding()
    monkeypatch.setitem(BINDINGS, "partial", made)
    return made


def test_agents_need_an_address_where_no_way_through_the_cloud_is_bound(
    partial: dict[str, Any], link: dict[str, Any], lab: Any, watch: Watch
) -> None:
    del partial["bases"]["agent_through_cloud"]
    link = {**link, "console_binding": "partial"}
    result = client.run("email_service", link, target="agent-a", enabled=False)
    assert (result["error"]["code"], result["error"]["stage"]) == ("agent_address_missing", "targets")
    assert "console_agent_url" in result["msg"]
    watch.assert_untouched()
    assert client.done("email_service_info", link, target=client.CLOUD)
    direct = {**link, "console_agent_url": lab.addresses["agents"]["agent-a"]}
    assert client.done("email_service_info", direct, target="agent-a")


@pytest.mark.parametrize(
    ("take_out", "named"),
    [
        (lambda bound: bound["services"].pop("email_service"), "email_service"),
        (lambda bound: bound["operations"].pop("read_email_service"), "read_email_service"),
        (lambda bound: bound["services"]["email_service"]["fields"].pop("security"), "security"),
    ],
    ids=["service", "operation", "option"],
)
def test_what_is_not_bound_is_named(
    take_out: Any, named: str, partial: dict[str, Any], link: dict[str, Any], watch: Watch
) -> None:
    take_out(partial)
    result = client.run("email_service", {**link, "console_binding": "partial"}, enabled=False, security="none")
    assert result["error"]["code"] == "not_bound"
    assert named in result["msg"]
    watch.assert_untouched()


def test_a_service_that_is_bound_for_reading_only_is_not_written(
    partial: dict[str, Any], link: dict[str, Any], fresh: Any, watch: Watch
) -> None:
    del partial["operations"]["write_server_properties"]
    target = fresh()
    watch.restart()
    link = {**link, "console_binding": "partial"}
    assert client.done("server_properties_info", link, target=target)
    result = client.run("server_properties", link, target=target, suspend_on_uncaught_fault=True)
    assert result["error"]["code"] == "not_bound"
    watch.assert_untouched()
