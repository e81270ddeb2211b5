# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab against ``docs/console-contract.yaml``, in both directions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from cai_lab.console.app import Applications
from cai_lab.control_client import LabControl
from cai_lab.lab import Lab
from cai_lab.layout import Layout
from cai_lab.plain_client import PlainClient
from openapi_core import OpenAPI
from openapi_core.contrib.requests import RequestsOpenAPIRequest, RequestsOpenAPIResponse

CONTRACT = Path(__file__).resolve().parents[3] / "docs" / "console-contract.yaml"
OWN = ("/_lab/", "/console", "/dialects")
"""The lab's control interface, its page, and the other tongues that it speaks: no part of the contract."""
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
ADMIN = "http://schemas.active-endpoints.com/activebpeladmin/2007/01/activebpeladmin.xsd"
METHODS = ("get", "put", "post", "delete")
STATUSES = ("documented", "observed", "assumed")
EMAIL, ALERT, PROPERTIES = "server/services/email", "server/services/alert", "server/properties"
FULL_EMAIL: dict[str, Any] = {
    "enabled": True,
    "hostName": "127.0.0.1",
    "port": 25,
    "authenticationType": "PASSWORD",
    "userName": "alerts@lab.test",
    "password": "alerts-Mail-pw1",
    "security": "TLS",
    "oauth": {
        "authorizationUrl": "https://id.test/authorize",
        "tokenUrl": "https://id.test/token",
        "clientId": "id",
        "clientSecret": "hush",
        "scope": "a b",
    },
}


class Contract:
    """The contract: finds the operation of a reply, validates, and keeps book of operations and members seen."""

    def __init__(self) -> None:
        self.document: dict[str, Any] = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))
        self._openapi = OpenAPI.from_dict(self.document)
        self.operations: set[str] = set()
        self.members: set[str] = set()
        self.unknown: set[str] = set()

    def deref(self, item: dict[str, Any]) -> dict[str, Any]:
        """Follow a reference inside the document."""
        while "$ref" in item:
            found: Any = self.document
            for name in item["$ref"].removeprefix("#/").split("/"):
                found = found[name]
            item = found
        return item

    def all_operations(self) -> Iterator[tuple[str, str, dict[str, Any], list[str]]]:
        """Path, method, operation, and the addresses below which it stands."""
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    yield path, method, item[method], [server["url"] for server in item["servers"]]

    def operation(self, method: str, url: str) -> dict[str, Any]:
        """The operation of a request; the one with the most literal path."""
        found = []
        for path, verb, operation, servers in self.all_operations():
            for server in servers if verb == method.lower() else ():
                if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", f"{server}{path}".replace("{host}", "[^/]+")), url):
                    found.append((path.count("{"), operation))
        assert found, f"the contract has no {method} {url}"
        return min(found, key=lambda item: item[0])[1]

    def check(self, reply: requests.Response, *_: Any, **__: Any) -> None:
        """Validate a request and its reply, and note what was seen."""
        prepared = reply.request
        assert prepared.url is not None
        assert prepared.method is not None
        operation = self.operation(prepared.method, prepared.url.partition("?")[0])
        self.operations.add(operation["operationId"])
        request = RequestsOpenAPIRequest(prepared)
        if reply.ok:
            self._openapi.validate_request(request)
        self._openapi.validate_response(request, RequestsOpenAPIResponse(reply))
        answers = operation["responses"]
        answer = self.deref(answers.get(str(reply.status_code)) or answers["default"])
        kind = reply.headers.get("Content-Type", "").partition(";")[0]
        if kind == "application/json":
            self.walk(answer["content"][kind]["schema"], reply.json(), operation["operationId"])

    def walk(self, schema: dict[str, Any], value: Any, name: str) -> None:
        """Note the members of a value; those that the schema lacks are ``unknown``."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            schema = self.deref(schema)
        for part in schema.get("allOf", ()):
            self.walk(part, value, name)
        if "oneOf" in schema:
            fitting = [part for part in schema["oneOf"] if set(self.deref(part)["required"]) <= value.keys()]
            assert len(fitting) == 1, f"{value} fits {len(fitting)} schemas"
            self.walk(fitting[0], value, name)
        if isinstance(value, list) and "items" in schema:
            for item in value:
                self.walk(schema["items"], item, f"{name}[]")
        if isinstance(value, dict) and "properties" in schema:
            for member, item in value.items():
                self._member(schema, member, item, f"{name}.{member}")

    def _member(self, schema: dict[str, Any], member: str, item: Any, path: str) -> None:
        if member not in schema["properties"]:
            self.unknown.add(path)
            return
        self.members.add(path)
        self.walk(schema["properties"][member], item, path)

    def promised(self) -> set[str]:
        """Members that some answer must have shown."""
        found: set[str] = set()
        for _, _, operation, _ in self.all_operations():
            for answer in operation["responses"].values():
                content = self.deref(answer).get("content", {}).get("application/json")
                if content is not None:
                    self._promised(content["schema"], operation["operationId"], found)
        return found

    def _promised(self, schema: dict[str, Any], name: str, found: set[str]) -> None:
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            schema = self.deref(schema)
        for part in (*schema.get("allOf", ()), *schema.get("oneOf", ())):
            self._promised(part, name, found)
        if "items" in schema:
            self._promised(schema["items"], f"{name}[]", found)
        for member, item in schema.get("properties", {}).items():
            if not item.get("x-write-only") and not item.get("x-optional"):
                found.add(f"{name}.{member}")
                self._promised(item, f"{name}.{member}", found)


@pytest.fixture
def contract() -> Contract:
    """The contract, with nothing seen yet."""
    return Contract()


@pytest.fixture
def checked(robot: PlainClient, contract: Contract) -> PlainClient:
    """A client all of whose requests and replies are checked."""
    robot.http.hooks["response"].append(contract.check)
    return robot


def bases(lab: LabControl, robot: PlainClient) -> list[str]:
    """One target of each way: Cloud Server, agent through the cloud, agent directly."""
    return [robot.base(), robot.base("agent-b"), f"{lab.addresses['agents']['agent-a']}/process-engine"]


def drive_platform(robot: PlainClient) -> None:
    """Every resource of the platform API."""
    agent = robot.platform("agent").json()[0]
    group = robot.platform("runtimeEnvironment").json()[0]
    robot.platform("agent/details")
    robot.platform("agent/details?onlyStatus=false")
    for path in (
        f"agent/{agent['id']}",
        f"agent/name/{agent['name']}",
        f"agent/details/{agent['id']}",
        f"runtimeEnvironment/{group['id']}",
        f"runtimeEnvironment/name/{group['name']}",
        "org",
        "org/00LAB1",
        "org/name/Lab",
        "agent/none",
        "org/none",
    ):
        robot.platform(path)


def drive_services(robot: PlainClient, base: str) -> None:
    """Every resource of a target, with good and with bad requests."""
    admin = f"{base}/restadmin"
    robot.ask("PUT", f"{admin}/{EMAIL}", json=FULL_EMAIL)
    robot.ask("PUT", f"{admin}/{ALERT}", json={"enabled": True, "emailForAlerts": "reports@lab.test"})
    robot.ask("PUT", f"{admin}/{PROPERTIES}", json={"suspendProcessesOnUncaughtFault": True})
    for path in (EMAIL, ALERT, PROPERTIES):
        read = robot.ask("GET", f"{admin}/{path}")
        robot.ask("PUT", f"{admin}/{path}", json=read.json(), headers={"If-Match": read.headers["ETag"]})
        robot.ask("PUT", f"{admin}/{path}", json=read.json(), headers={"If-Match": read.headers["ETag"]})
        robot.ask("PUT", f"{admin}/{path}", json={"enabled": "yes", "processCount": "many"})
    robot.ask("GET", f"{admin}/{EMAIL}/authorization")
    robot.ask("POST", f"{admin}/{EMAIL}/authorization")
    robot.ask("PUT", f"{admin}/{EMAIL}/authorization/tokens", json={"refreshToken": "made-up"})
    robot.ask("DELETE", f"{admin}/{EMAIL}/authorization")
    robot.ask("POST", f"{admin}/{EMAIL}/test", json={"configuration": FULL_EMAIL, "recipient": "reports@lab.test"})
    robot.ask("POST", f"{admin}/{EMAIL}/test")
    robot.ask("GET", f"{admin}/{EMAIL}/test/none")
    for service in ("", "?service=Email", "?service=Alert", "?service=Engine"):
        robot.ask("GET", f"{admin}/server/log{service}")
    run = robot.ask("POST", f"{base}/rt/CaiCanary", json={"any": "input"}).json()
    robot.ask("GET", f"{base}/rt/AlertHandler")
    robot.ask("GET", f"{base}/rt/NotDeployed")
    robot.ask("GET", f"{admin}/processes/")
    robot.ask("GET", f"{admin}/processes/?processId={run['processId']}")


def drive_soap(robot: PlainClient, address: str) -> None:
    """The SOAP service, with good and with bad requests."""
    for name in (
        "getConfigurationInput",
        "getServerSettingsInput",
        "getServerLogListInput",
        "getAPIVersionInput",
        "none",
    ):
        envelope = f'<s:Envelope xmlns:s="{SOAP}"><s:Body><{name} xmlns="{ADMIN}"/></s:Body></s:Envelope>'
        headers = {"SOAPAction": '""', "Content-Type": "text/xml"}
        robot.ask("POST", f"{address}/ActiveBpelAdmin", data=envelope, headers=headers)


def drive_sessions(lab: LabControl, robot: PlainClient) -> None:
    """Sign-in and sign-out; the last sign-out is the client's own."""
    console = lab.addresses["console"]
    right = {"username": "viewer@lab.test", "password": "viewer-Console-pw1"}
    first = robot.http.post(f"{console}/ma/api/v2/user/login", json={"@type": "login", **right}).json()
    for path in ("/saas/public/core/v3/login", "/ma/api/v2/user/login"):
        robot.http.post(console + path, json={**right, "password": "wrong"})
    question = {"userName": first["name"], "icToken": first["icSessionId"]}
    robot.http.post(f"{robot.pod}/api/v2/user/validSessionId", json=question)
    robot.http.post(f"{robot.pod}/api/v2/user/logout", headers={"icSessionId": first["icSessionId"]})
    robot.http.post(f"{console}/ma/api/v2/user/logoutall", json={"@type": "logout", **right})
    robot.http.post(f"{console}/saas/public/core/v3/login", json=right)
    robot.ask("POST", f"{robot.pod}/public/core/v3/logout", header="INFA-SESSION-ID")


def test_every_resource_in_both_directions(lab: LabControl, checked: PlainClient, contract: Contract) -> None:
    drive_platform(checked)
    lab.set_switches(authorization_tokens="taken")
    checked.http.get(f"{lab.addresses['console']}/oauthcallback?state=unknown")
    for base in bases(lab, checked):
        drive_services(checked, base)
    drive_soap(checked, f"{lab.addresses['console']}/active-bpel/services/00LAB1")
    drive_soap(checked, f"{lab.addresses['agents']['agent-a']}/process-engine/services")
    lab.set_switches(error_body="v2", test_answer="job")
    job = checked.admin("POST", f"{EMAIL}/test").json()["jobId"]
    checked.admin("GET", f"{EMAIL}/test/{job}")
    checked.admin("PUT", EMAIL, json={"port": 0})
    suspended = checked.run("CaiCanary").json()["processId"]
    checked.terminate(suspended)
    checked.terminate(suspended)
    drive_sessions(lab, checked)
    assert contract.unknown == set()
    assert contract.promised() - contract.members == set()
    wanted = {operation["operationId"] for _, _, operation, _ in contract.all_operations()}
    assert wanted - contract.operations == set()


@pytest.mark.parametrize(
    "positions",
    [
        {"secret_on_read": "null"},
        {"secret_on_read": "masked"},
        {"secret_on_read": "encrypted"},
        {"port_type": "string"},
        {"security_words": "lower"},
        {"security_words": "none_word"},
        {"write_answer": "no_content"},
        {"partial_write": "merge"},
        {"session_kind": "jwt"},
        {"error_body": "html"},
        {"error_body": "v2"},
    ],
    ids=lambda positions: "-".join(next(iter(positions.items()))),
)
def test_the_other_positions_fit_too(
    lab: LabControl, checked: PlainClient, contract: Contract, positions: dict[str, str]
) -> None:
    checked.admin("PUT", EMAIL, json=FULL_EMAIL)
    lab.set_switches(**positions)
    read = checked.admin("GET", EMAIL).json()
    assert checked.admin("PUT", EMAIL, json=read).ok
    assert checked.admin("PUT", EMAIL, json={"port": 0}).status_code == 400
    PlainClient(lab)
    assert contract.unknown == set()


def test_the_alert_has_the_observed_members(
    lab: LabControl, robot: PlainClient, contract: Contract, eventually: Callable[[Callable[[], Any]], Any]
) -> None:
    robot.admin("PUT", PROPERTIES, json={"suspendProcessesOnUncaughtFault": True})
    robot.admin("PUT", ALERT, json={"enabled": True, "action": "CUSTOM_SERVICE", "service": "AlertHandler"})
    robot.run("CaiCanary")
    (call,) = eventually(lab.custom_calls)
    assert call["body"].keys() == contract.document["components"]["schemas"]["AlertDetails"]["properties"].keys()


def test_the_lab_serves_what_the_contract_has_and_nothing_else(tmp_path: Path, contract: Contract) -> None:
    console = Lab(tmp_path, Layout(None)).console
    applications = Applications(console)
    agent = next(iter(console.fleet.agents.values()))
    served = set()
    for application in (applications.console(), applications.pod(), applications.agent(agent)):
        for route in application.router.routes():
            assert route.resource is not None
            path = route.resource.canonical
            if route.method in ("GET", "PUT", "POST", "DELETE") and not path.startswith(OWN) and path != "/":
                served.add((route.method, shape(path)))
    console.state.close()
    stated = {
        (method.upper(), shape(server.replace("{scheme}://{host}", "") + path))
        for path, method, _, servers in contract.all_operations()
        for server in servers
    }
    assert served == stated


def shape(path: str) -> str:
    """A path without the names of its parameters and the slash at its end."""
    return re.sub(r"\{\w+\}", "{}", path).rstrip("/")


def marked(item: dict[str, Any]) -> bool:
    """Whether an item tells its status, and its source unless it is assumed or repeats that of its path."""
    return item.get("x-status") in STATUSES


def test_every_path_parameter_and_member_tells_its_status(contract: Contract) -> None:
    missing = [path for path, item in contract.document["paths"].items() if not marked(item) or unsourced(item)]
    for path, item in contract.document["paths"].items():
        parameters = [*item.get("parameters", ()), *(p for m in METHODS for p in item.get(m, {}).get("parameters", ()))]
        missing += [f"{path} {parameter}" for parameter in parameters if not marked(contract.deref(parameter))]
    for name, schema in contract.document["components"]["schemas"].items():
        missing += unmarked(schema, name, sourced="x-source" in schema)
    assert missing == []


def unsourced(item: dict[str, Any]) -> bool:
    """Whether an item claims a public source without naming it."""
    return item["x-status"] != "assumed" and "x-source" not in item


def unmarked(schema: dict[str, Any], name: str, *, sourced: bool) -> list[str]:
    """Members below a schema that lack a status or a source."""
    found = []
    for member, item in schema.get("properties", {}).items():
        path = f"{name}.{member}"
        if not marked(item) or (unsourced(item) and not sourced):
            found.append(path)
        found += unmarked(item.get("items", item), path, sourced=sourced)
    return found
