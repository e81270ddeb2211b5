# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the client really sends, and what it is answered, keeps to the contract of the console's interfaces."""

from __future__ import annotations

import json
from collections.abc import Callable
from http.cookies import SimpleCookie
from typing import Any

import pytest
import requests
import yaml
from cai_lab.control_client import LabControl
from openapi_core import OpenAPI
from openapi_core.contrib.requests import RequestsOpenAPIRequest, RequestsOpenAPIResponse
from support import client, examples
from support.gateway import Answer, Gateway, Request
from support.labs import PARENT, Watch, connection
from support.places import ROOT

CONTRACT = yaml.safe_load((ROOT / "docs" / "console-contract.yaml").read_text(encoding="utf-8"))
SCHEMAS = CONTRACT["components"]["schemas"]
BODIES = {
    "/login": "Credentials",
    "/server/services/email": "EmailService",
    "/server/services/alert": "AlertService",
    "/server/properties": "ServerProperties",
}
OPERATIONS = {
    "sign_in",
    "sign_out",
    "list_agent_details",
    "list_runtime_environments",
    "read_organisation",
    "list_processes",
    "run_process",
    "terminate_process",
    *(f"{verb}_{service}" for verb in ("read", "write") for service in client.SERVICES),
}
TARGETS = ("Cloud Server", "agent-a", "Agent Zürich 3", "cluster-east", "shared-eu")


def prepared(request: Request) -> requests.PreparedRequest:
    """The request as the client's library had it; its cookies apart, which is where openapi-core looks for them."""
    headers = {name: text for name, text in request.headers.items() if name.lower() != "cookie"}
    carried = SimpleCookie(next((text for name, text in request.headers.items() if name.lower() == "cookie"), ""))
    cookies = {name: morsel.value for name, morsel in carried.items()}
    made = requests.Request(request.method, request.url, headers=headers, data=request.body or None, cookies=cookies)
    return made.prepare()


def response(request: requests.PreparedRequest, answer: Answer) -> requests.Response:
    """The answer likewise."""
    made = requests.Response()
    made.status_code, made._content, made.request = answer.status, answer.body, request
    made.headers.update(answer.headers)
    return made


def members(schema: dict[str, Any], value: dict[str, Any], place: str = "") -> list[str]:
    """Members of an object that the contract does not have."""
    while "$ref" in schema or "allOf" in schema:
        schema = SCHEMAS[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema["allOf"][0]
    unknown = []
    for name, inner in value.items():
        known = schema["properties"].get(name)
        if known is None:
            unknown.append(place + name)
        elif isinstance(inner, dict):
            unknown += members(known, inner, f"{place}{name}.")
    return unknown


def work(link: dict[str, Any], lab: LabControl) -> None:
    """Everything that the modules do, on every kind of target, by every way."""
    for target in TARGETS:
        # smtp_test talks to a mail server with a secret of its own; alert_test has its turn below.
        for module in set(client.TASKS) - {"smtp_test", "alert_test"}:
            client.done(module, link, **({"target": target} if "target" in client.TASKS[module].spec else {}))
    for target in ("Cloud Server", "agent-a"):
        alert = client.run("alert_test", link, target=target, **examples.NEEDED["alert_test"])
        assert (alert["verdict"], len(alert["ended"])) == ("no_alert", 1)
    direct = {**link, "console_allowed_agent_hosts": ["127.0.0.1"]}
    for way in (link, direct):
        for service in client.SERVICES:
            for state in (examples.FULL[service], examples.OTHER[service]):
                secret = {"password": "Contract-pw1"} if service == "email_service" else {}
                client.done(service, way, target="agent-a", **state, **secret)
    oauth = {**examples.OAUTH, "client_secret": "Contract-cs1"}
    client.done("email_service", link, target="agent-a", authentication="oauth", oauth=oauth)
    lab.set_faults({"path": "core/v3/login$", "status": 404})
    client.done("email_service_info", link)
    client.done("server_properties_info", {**link, **connection(lab, PARENT)}, target="shared-eu")


def test_the_clients_traffic_keeps_to_the_contract(
    lab: LabControl, gateway: Gateway, link: dict[str, Any], watch: Watch
) -> None:
    openapi = OpenAPI.from_dict(CONTRACT)
    work({**link, "console_proxy": gateway.console}, lab)
    assert set(watch.names()) >= OPERATIONS
    # The doctor's look at whether anybody answers at the address is no call of an interface.
    calls = [(request, answer) for request, answer in gateway.seen if request.path != "/"]
    assert len(calls) == len([entry for entry in watch.operations() if entry["path"] != "/"])
    bodies = 0
    for request, answer in calls:
        sent = RequestsOpenAPIRequest(prepared(request))
        openapi.validate_request(sent)
        openapi.validate_response(sent, RequestsOpenAPIResponse(response(prepared(request), answer)))
        ending = next((name for name in BODIES if request.path.endswith(name)), None)
        if ending and request.body:
            bodies += 1
            assert members(SCHEMAS[BODIES[ending]], json.loads(request.body)) == [], request.url
    assert bodies > len(OPERATIONS)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda request: {"headers": {name: text for name, text in request.headers.items() if "SESSION" not in name}},
        lambda request: {"path": request.path.replace("email", "mail")},
        lambda request: {"body": b'{"enabled": "yes"}'},
        lambda request: {"headers": {**request.headers, "Content-Type": "text/plain"}},
    ],
    ids=["session", "path", "body", "content type"],
)
def test_traffic_that_breaks_the_contract_is_noticed(
    spoil: Callable[[Request], dict[str, Any]], gateway: Gateway, link: dict[str, Any]
) -> None:
    client.done("email_service", {**link, "console_proxy": gateway.console}, port=2533, password="Contract-pw1")
    client.done("email_service", {**link, "console_proxy": gateway.console}, port=2534, password="Contract-pw1")
    request = gateway.requests("PUT", "/server/services/email")[0]
    openapi = OpenAPI.from_dict(CONTRACT)
    openapi.validate_request(RequestsOpenAPIRequest(prepared(request)))
    spoilt = Request(**{**vars(request), **spoil(request)})
    with pytest.raises(Exception, match=".+"):
        openapi.validate_request(RequestsOpenAPIRequest(prepared(spoilt)))


def test_members_that_the_contract_lacks_are_found() -> None:
    sent = {"enabled": True, "hostname": "x", "oauth": {"scopes": "a"}, "authorizationStatus": {"state": 1}}
    assert members(SCHEMAS["EmailService"], sent) == ["hostname", "oauth.scopes", "authorizationStatus.state"]
