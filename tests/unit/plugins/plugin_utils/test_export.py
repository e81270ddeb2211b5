# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The export's pure parts: what is a value of a target, where each stands, and what the files say."""

from __future__ import annotations

import stat

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.plugin_utils._export._files import File, plan_files, refuse_to_overwrite
from ansible_collections.cai.console.plugins.plugin_utils._export._lift import Lift
from ansible_collections.cai.console.plugins.plugin_utils._export._values import ENV, VARS, SecretName, collect

OAUTH = {"authorization_url": None, "token_url": None, "client_id": None, "scope": []}


def entry(host, states=None, **settings):
    """What was read of a target."""
    email = {
        "enabled": True,
        "host": "h",
        "port": 25,
        "authentication": "password",
        "username": None,
        "security": "tls",
    }
    email = {**email, "oauth": dict(OAUTH), **settings}
    alert = {"enabled": False, "action": "send_email", "email": None, "service": None}
    return {
        "host": host,
        "settings": {
            "server_properties": {"suspend_on_uncaught_fault": False},
            "email_service": email,
            "alert_service": alert,
        },
        "secrets": {"email_service": states or {"password": "unknown", "oauth.client_secret": "unknown"}},
    }


def place(wishes, groups, lookup=VARS):
    return Lift(wishes, "wishes", lookup).place({"all": list(wishes), **groups})


def test_what_is_empty_is_not_given_and_what_is_off_is():
    found = collect([entry("a", username="")], VARS)
    assert "email_service.username" not in found.wishes["a"]
    assert "email_service.oauth.scope" not in found.wishes["a"]
    assert found.wishes["a"]["alert_service.enabled"] is False
    assert "on_unknown_secret" not in found.wishes["a"]


def test_what_a_task_may_not_ask_for_leaves_the_target_out():
    found = collect([entry("a", port=0), {"host": "b", "failed": True, "msg": "It is down."}, entry("c")], VARS)
    assert list(found.wishes) == ["c"]
    assert found.left_out["b"] == "It is down."
    assert "port" in found.left_out["a"]


@pytest.mark.parametrize(
    "lookup, name", [(VARS, "vault_smtp_password_a_b_example_at_h"), (ENV, "SMTP_PASSWORD_A_B_EXAMPLE_AT_H")]
)
def test_a_secret_is_a_name_unless_there_is_none(lookup, name):
    unset = {"password": "unset", "oauth.client_secret": "unknown"}
    found = collect([entry("a", username="a@B.example"), entry("b", states=unset, username="a@B.example")], lookup)
    assert found.wishes["a"]["email_service.password"] == SecretName(name)
    assert found.wishes["a"]["on_unknown_secret"] == "keep"
    assert "email_service.password" not in found.wishes["b"]


def test_owners_that_would_have_one_name_are_told_apart_in_any_order():
    entries = [entry("a", username="a-b"), entry("b", username="a.b"), entry("c", username="a-b")]
    names = [collect(order, VARS).wishes for order in (entries, entries[::-1])]
    one, other, again = (names[0][host]["email_service.password"] for host in "abc")
    assert one == again != other
    assert names[0] == names[1]


def test_a_value_is_lifted_only_into_groups_of_which_every_host_has_it():
    wishes = {host: {"x.a": 1, "x.b": number, "x.c": number // 2} for number, host in enumerate("stuv")}
    found = place(wishes, {"first": ["s", "t"], "second": ["u", "v"], "wider": ["s", "t", "down"]})
    assert found.groups["all"]["wishes"]["x"]["a"] == 1
    assert found.groups["first"] == {"wishes_x_c": 0}
    assert found.groups["second"] == {"wishes_x_c": 1}
    assert found.hosts == {host: {"wishes_x_b": number} for number, host in enumerate("stuv")}
    assert "wider" not in found.groups


def test_without_a_whole_group_each_host_has_its_own_document():
    found = Lift({"a": {"x.a": 1}, "b": {"x.a": 1}}, "wishes", VARS).place({"all": ["a", "b", "down"]})
    assert found.groups == {}
    assert found.hosts == {"a": {"wishes": {"x": {"a": 1}}}, "b": {"wishes": {"x": {"a": 1}}}}


def test_a_number_is_not_a_truth_value_though_python_says_that_they_are_equal():
    found = place({"a": {"x": True}, "b": {"x": 1}}, {})
    assert found.hosts == {"a": {"wishes_x": True}, "b": {"wishes_x": 1}}


def test_a_secret_that_not_all_have_is_looked_up_by_the_name_that_the_host_has():
    found = place({"a": {"p": SecretName("one")}, "b": {"p": SecretName("two")}, "c": {}}, {}, ENV)
    text = found.groups["all"]["wishes"]["p"]
    assert (
        text
        == "{{ lookup('ansible.builtin.env', wishes_p_name, default=undef()) if wishes_p_name is defined else omit }}"
    )
    assert found.hosts == {"a": {"wishes_p_name": "one"}, "b": {"wishes_p_name": "two"}}


def test_ansible_reads_what_is_written_and_templates_only_what_is_ours(tmp_path):
    content = {"wishes": {"a": "{{ evil }}", "b": ["ü", "{% raw %}"], "c": SecretName("name"), "d": False}}
    (file,) = plan_files(str(tmp_path), "host_vars", {"Agent Zürich": content})
    file.write()
    assert stat.S_IMODE((tmp_path / "host_vars" / "Agent Zürich.yml").stat().st_mode) & 0o111 == 0
    assert DataLoader().load_from_file(file.path) == content
    assert "!unsafe" in file.text
    assert plan_files(str(tmp_path), "host_vars", {"Agent Zürich": content})[0].is_changed is False


@pytest.mark.parametrize("there", ["a", "a.yaml", "a.json"])
def test_a_file_beside_which_ansible_would_not_read_ours_is_in_the_way(tmp_path, there):
    (tmp_path / "host_vars").mkdir()
    (tmp_path / "host_vars" / there).touch()
    with pytest.raises(ConsoleError, match=there) as caught:
        plan_files(str(tmp_path), "host_vars", {"a": {}})
    assert caught.value.code == "export_exists"


@pytest.mark.parametrize("name", ["../a", ".hidden"])
def test_a_name_that_is_no_file_name_is_refused(tmp_path, name):
    with pytest.raises(ConsoleError) as caught:
        plan_files(str(tmp_path), "host_vars", {name: {}})
    assert caught.value.code == "invalid_option"


def test_only_what_would_be_lost_is_in_the_way():
    same, new = File("p", "x", "x"), File("q", "x", None)
    refuse_to_overwrite([same, new])
    with pytest.raises(ConsoleError, match="and 2 more"):
        refuse_to_overwrite([File(f"p{number}", "x", "y") for number in range(7)])
    assert yaml.safe_load(new.diff()["after"]) == "x"
