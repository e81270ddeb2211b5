# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the credential types inject: the collection's own variables, files where they are needed, masks for secrets."""

from __future__ import annotations

import importlib
import os
import re
import stat
from pathlib import Path
from typing import Any

import pytest

from .content import AWX, ROOT, Content
from .injectors import MASK, credentials_of, inject, shown

FILLED: dict[str, dict[str, Any]] = {
    "CAI console": {"url": "https://c.example.org", "username": "u", "password": "pw-1", "binding": "lab"},
    "CAI SMTP password": {"username": "alerts@example.org", "password": "pw-2"},
    "CAI OAuth client": {"client_id": "client", "client_secret": "pw-3"},
    "CAI probe mailbox": {"host": "imap.example.org", "username": "probe@example.org", "password": "pw-4"},
}


def type_of(content: Content, name: str) -> dict[str, Any]:
    found = content.one("credential_types", name)
    assert found
    return found


def test_every_variable_is_one_that_the_collection_reads(shipped: Content) -> None:
    texts = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("plugins/modules", "plugins/doc_fragments", "roles")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".yml")
    )
    documented = set(re.findall(r"E\((CAI_\w+)\)", texts))
    for credential_type in shipped["credential_types"]:
        assert set(credential_type["injectors"]["env"]) <= documented, credential_type["name"]


@pytest.mark.parametrize("name", FILLED)
def test_what_is_filled_in_is_injected_and_secrets_are_masked(shipped: Content, tmp_path: Path, name: str) -> None:
    injected = inject([(type_of(shipped, name), FILLED[name])], tmp_path)
    assert set(FILLED[name].values()) <= set(injected.env.values())
    secrets = {field["id"] for field in type_of(shipped, name)["inputs"]["fields"] if field.get("secret")}
    given = [FILLED[name][secret] for secret in secrets if secret in FILLED[name]]
    assert given
    assert not any(value in shown(injected) for value in given)
    assert MASK in injected.safe_env.values()


def test_a_field_that_nobody_filled_in_leaves_the_collections_default(shipped: Content, tmp_path: Path) -> None:
    env = inject([(type_of(shipped, "CAI console"), FILLED["CAI console"])], tmp_path).env
    arguments = importlib.import_module("ansible_collections.cai.console.plugins.plugin_utils._arguments")
    edge = importlib.import_module("ansible_collections.cai.console.plugins.module_utils._connection")
    result = arguments.validate(edge.CONNECTION_SPEC, {}, env)
    assert result.error_messages == []
    connection = edge.Connection.from_params(result.validated_parameters)
    plain = edge.Connection.from_params(
        arguments.validate(
            edge.CONNECTION_SPEC,
            {f"console_{key}": value for key, value in FILLED["CAI console"].items()},
            {},
        ).validated_parameters
    )
    assert connection == plain
    assert connection.validate_certs


def test_certificates_become_a_file(shipped: Content, tmp_path: Path) -> None:
    given = {**FILLED["CAI console"], "ca": "-----BEGIN CERTIFICATE-----"}
    injected = inject([(type_of(shipped, "CAI console"), given)], tmp_path)
    path = Path(injected.env["CAI_CONSOLE_CA_PATH"])
    assert path.read_text(encoding="utf-8") == given["ca"]
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert inject([(type_of(shipped, "CAI console"), FILLED["CAI console"])], tmp_path).env["CAI_CONSOLE_CA_PATH"] == ""


def test_certificates_are_verified_unless_somebody_says_otherwise(shipped: Content, tmp_path: Path) -> None:
    for accept, expected in ((None, "true"), (False, "true"), (True, "false")):
        given = {**FILLED["CAI console"], **({} if accept is None else {"accept_any_certificate": accept})}
        env = inject([(type_of(shipped, "CAI console"), given)], tmp_path).env
        assert env["CAI_CONSOLE_VALIDATE_CERTS"] == expected


def test_rendering_follows_awx(tmp_path: Path) -> None:
    odd = {
        "inputs": {
            "fields": [
                {"id": "key", "label": "", "format": "ssh_private_key", "secret": True},
                {"id": "flag", "label": "", "type": "boolean"},
                {"id": "empty", "label": ""},
            ]
        },
        "injectors": {
            "file": {"template.one": "{{ key }}", "template.two": "{{ flag }}"},
            "env": {"A": "{{ tower.filename.one }}", "B": "{{ flag }}{{ empty }}", "PATH": "x", "ANSIBLE_X": "x"},
            "extra_vars": {"{{ flag }}_x": ["{{ key }}", {"y": "{{ flag }}"}]},
        },
    }
    injected = inject([(odd, {"key": "k"})], tmp_path)
    assert injected.files["template.one"].read_text(encoding="utf-8") == "k\n"
    assert injected.env == {"A": str(injected.files["template.one"]), "B": "False"}
    assert injected.extra_vars == {"False_x": ["k\n", {"y": "False"}]}


def test_credentials_are_found_by_the_template(shipped: Content, tmp_path: Path) -> None:
    template = shipped.one("templates", "CAI mail test")
    assert template
    inputs = {name: FILLED[name.partition(" (")[0]] for name in template["credentials"]}
    injected = inject(credentials_of(template, shipped, inputs), tmp_path)
    assert {"CAI_CONSOLE_URL", "CAI_SMTP_PASSWORD", "CAI_PROBE_PASSWORD"} <= set(injected.env)


def test_every_playbook_of_the_project_has_a_template(shipped: Content) -> None:
    playbooks = {path.name for path in (AWX / "project").glob("*.yml")} - {"cai_targets.yml"}
    assert {template["playbook"] for template in shipped["templates"]} == playbooks
    used = {template["name"] for template in shipped["templates"]}
    nodes = [node for flow in shipped["workflows"] for node in flow["simplified_workflow_nodes"]]
    assert {node["unified_job_template"] for node in nodes if "unified_job_template" in node} < used
