# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine's SOAP service: what it takes, what it refuses, what it ignores, and that nothing keeps an order."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from html import unescape
from typing import Any
from xml.sax.saxutils import escape

import pytest
import requests
from cai_lab.control_client import LabControl
from cai_lab.plain_client import PlainClient

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
ADMIN = "http://schemas.active-endpoints.com/activebpeladmin/2007/01/activebpeladmin.xsd"
LOGGING = "http://schemas.active-endpoints.com/logging/2009/05/logging.xsd"
HEADERS = {"SOAPAction": '""', "Content-Type": "text/xml; charset=utf-8"}
AGENT = "agent-a"
READ = "<getConfigurationInput/>"


class Admin:
    """A client of the service at the Cloud Server or an agent."""

    def __init__(
        self, robot: PlainClient, lab: LabControl, *, agent: bool = False, organization: str = "00LAB1"
    ) -> None:
        self._robot = robot
        agents, console = lab.addresses["agents"], lab.addresses["console"]
        base = f"{agents[AGENT]}/process-engine/services" if agent else f"{console}/active-bpel/services/{organization}"
        self.url = f"{base}/ActiveBpelAdmin"

    def ask(self, content: str, **more: Any) -> requests.Response:
        """One request with an element of the service in an envelope."""
        named = content.replace("Input", f'Input xmlns="{ADMIN}"', 1)
        data = f'<s:Envelope xmlns:s="{SOAP}"><s:Body>{named}</s:Body></s:Envelope>'
        return self._robot.ask("POST", self.url, **{"data": data.encode(), "headers": HEADERS, **more})

    def document(self, kind: str = "Configuration") -> ET.Element:
        """A document of the engine."""
        text = self.ask(f"<get{kind}Input/>").text
        return ET.fromstring(unescape(re.search("xmlString>(.*)</[^<]*xmlString>", text, re.DOTALL)[1]))  # type: ignore[index]

    def write(self, document: ET.Element | str, kind: str = "Configuration") -> requests.Response:
        """Send a document."""
        text = document if isinstance(document, str) else ET.tostring(document, encoding="unicode")
        return self.ask(f"<set{kind}Input><xmlString>{escape(text)}</xmlString></set{kind}Input>")


@pytest.fixture
def cloud(robot: PlainClient, lab: LabControl) -> Admin:
    """The service of the Cloud Server."""
    return Admin(robot, lab)


def entry(document: ET.Element, *names: str) -> ET.Element:
    """The entry with this name, or below entries with these."""
    found = document.find("/".join(f"entry[@name='{name}']" for name in names))
    assert found is not None
    return found


def fault(reply: requests.Response) -> tuple[str, str]:
    """Whose fault it is, and what it says, in each place where it has to."""
    assert reply.status_code == 500
    assert reply.headers["Content-Type"] == "text/xml; charset=utf-8"
    root = ET.fromstring(reply.content)
    found = root.find(f"{{{SOAP}}}Body/{{{SOAP}}}Fault")
    assert found is not None
    detail = found.find(f"detail/{{{ADMIN}}}adminFaultElement")
    assert detail is not None
    assert [child.tag.rpartition("}")[2] for child in detail] == ["info", "details", "cause", "message"]
    assert found.findtext("faultstring") == detail.findtext(f"{{{ADMIN}}}message")
    return str(found.findtext("faultcode")), str(found.findtext("faultstring"))


@pytest.mark.parametrize("agent", [False, True])
def test_the_property_is_the_one_of_the_page(lab: LabControl, robot: PlainClient, agent: bool) -> None:
    admin, target = Admin(robot, lab, agent=agent), AGENT if agent else "Cloud Server"
    for value in ("true", "false"):
        document = admin.document()
        entry(document, "SuspendProcessOnUncaughtFault").set("value", value)
        reply = admin.write(document)
        body = ET.fromstring(reply.content).find(f"{{{SOAP}}}Body")
        assert (reply.status_code, body is not None and len(body)) == (200, 0)
        stored = robot.admin("GET", "server/properties", target).json()
        assert stored["suspendProcessesOnUncaughtFault"] is (value == "true")
        assert stored["loggingLevel"] == "execution"


def test_a_write_replaces_everything(lab: LabControl, robot: PlainClient, cloud: Admin, email: dict[str, Any]) -> None:
    robot.admin("PUT", "server/services/email", json=email)
    document = cloud.document()
    assert entry(document, "LabEmailService", "Host").get("value") == "127.0.0.1"
    secret = entry(document, "LabEmailService", "Password")
    assert secret.get("value", "").startswith("encrypted:")
    entry(document, "LabEmailService", "Port").set("value", "2525")
    cloud.write(document)
    assert robot.admin("GET", "server/services/email").json()["port"] == 2525
    assert lab.secret("Cloud Server", "password", email["password"]) == {"set": True, "equal": True}
    secret.set("value", "new-Mail-pw1")
    cloud.write(document)
    assert lab.secret("Cloud Server", "password", "new-Mail-pw1") == {"set": True, "equal": True}
    cloud.write('<config><entry name="Only" value="1"/></config>')
    names = {found.get("name") for found in cloud.document()}
    assert names == {"Only", "SuspendProcessOnUncaughtFault", "LabEmailService", "LabAlertService"}
    assert robot.admin("GET", "server/services/email").json()["hostName"] is None
    assert lab.secret("Cloud Server", "password", "new-Mail-pw1")["set"] is False


def test_no_order_is_kept_and_the_last_of_a_name_counts(cloud: Admin) -> None:
    names = [f"n{number}" for number in range(20)]
    entries = "".join(f'<entry name="{name}" value="x"/>' for name in names)
    cloud.write(f'<config>{entries}<!-- lost --><entry name="n0" value="last"/></config>')
    orders = [[found.get("name") for found in cloud.document()] for _time in range(3)]
    assert len({tuple(order) for order in orders}) > 1
    assert entry(cloud.document(), "n0").get("value") == "last"
    assert cloud.write("<config><entry name='ServerName' value='mine'/></config>", "ServerSettings").ok
    assert entry(cloud.document("ServerSettings"), "ServerName").get("value") == "mine"
    assert cloud.document().find("entry[@name='ServerName']") is None


@pytest.mark.parametrize("text", ["<config>", "no XML", "<!DOCTYPE c><config/>", "<other/>"])
def test_what_cannot_be_read_is_ignored_or_refused(lab: LabControl, cloud: Admin, text: str) -> None:
    before = lab.state()["hash"]
    assert cloud.write(text).status_code == 200
    assert "A configuration could not be read." in cloud.ask("<getServerLogListInput/>").text
    lab.set_switches(unreadable_document="fault")
    assert fault(cloud.write(text)) == ("s:Server", "The document cannot be read.")
    assert lab.state()["hash"] == before


def test_a_value_that_the_console_does_not_take_is_a_fault(lab: LabControl, cloud: Admin) -> None:
    document = cloud.document()
    entry(document, "LabEmailService", "Port").set("value", "many")
    before = lab.state()["hash"]
    assert fault(cloud.write(document)) == ("s:Server", "Port must be a number")
    entry(document, "LabEmailService", "Port").set("value", "0")
    assert fault(cloud.write(document)) == ("s:Server", "port must be from 1 to 65535.")
    assert lab.state()["hash"] == before


@pytest.mark.parametrize(
    ("content", "more", "said"),
    [
        ("<deployBprInput/>", {}, ("s:Client", "The operation of deployBprInput is not served here.")),
        ("<other/>", {}, ("s:Client", "The body holds no element of this service.")),
        (READ, {"data": b"<a"}, ("s:Client", "The envelope cannot be read.")),
        (READ, {"data": b"<!DOCTYPE a><a/>"}, ("s:Client", "The envelope cannot be read.")),
        (
            READ,
            {"data": b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"/>'},
            ("s:VersionMismatch", "Only SOAP 1.1 is spoken here."),
        ),
        (
            READ,
            {"headers": {"Content-Type": "text/xml"}},
            ("s:Client", "SOAP 1.1 needs text/xml and the header SOAPAction."),
        ),
        (
            READ,
            {"headers": {**HEADERS, "Content-Type": "application/soap+xml"}},
            ("s:Client", "SOAP 1.1 needs text/xml and the header SOAPAction."),
        ),
        ("<setConfigurationInput/>", {}, ("s:Client", "xmlString is missing.")),
    ],
)
def test_wrong_requests_are_faults(
    lab: LabControl, cloud: Admin, content: str, more: dict[str, Any], said: tuple[str, str]
) -> None:
    before = lab.state()["hash"]
    assert fault(cloud.ask(content, **more)) == said
    assert lab.state()["hash"] == before


def test_who_may_not_is_refused(lab: LabControl, robot: PlainClient, cloud: Admin) -> None:
    anonymous = requests.post(cloud.url, data=b"", headers=HEADERS, timeout=30)
    assert anonymous.status_code == 401
    viewer = PlainClient(lab, "viewer@lab.test")
    assert Admin(viewer, lab).ask(READ).status_code == 403
    viewer.close()
    assert fault(Admin(robot, lab, organization="00LAB0").ask(READ)) == ("s:Server", "There is no such organisation.")
    uuid = lab.addresses["organisations"]["00LAB1"]["uuid"]
    assert Admin(robot, lab, organization=uuid).ask(READ).ok


def test_the_log_is_filtered_and_late(lab: LabControl, robot: PlainClient, cloud: Admin) -> None:
    robot.admin("PUT", "server/services/alert", json={"emailForAlerts": "log@lab.test"})
    more = f'<x:AesServerLogOtherInfo xmlns:x="{LOGGING}"><x:service>%s</x:service></x:AesServerLogOtherInfo>'
    ask = f"<getServerLogListInput><serverLog>{more}</serverLog></getServerLogListInput>"

    def rows(word: str) -> list[ET.Element]:
        root = ET.fromstring(cloud.ask(ask % word).content)
        response = root.find(f".//{{{ADMIN}}}response")
        assert response is not None
        listed = response.findall(f"{{{ADMIN}}}serverLog")
        assert response.findtext(f"{{{ADMIN}}}totalRowCount") == str(len(listed))
        return listed

    place = f"{{{LOGGING}}}logMessage/{{{LOGGING}}}AesServerLogOtherInfo/{{{LOGGING}}}service"
    assert {row.findtext(place) for row in rows("Alert")} == {"Alert"}
    assert len(rows("All")) >= len(rows("Alert")) >= 1
    assert all(int(str(row.findtext(f"{{{LOGGING}}}time"))) > 10**12 for row in rows("All"))
    assert fault(cloud.ask(ask % "Mail")) == ("s:Client", "The log has no such service.")
    lab.set_switches(log_delay_s="45")
    assert rows("Alert") == []
    assert robot.admin("GET", "server/log").json()["entries"] == []
    lab.set_clock(60)
    assert rows("Alert")
    lab.set_clock(0)


def test_the_log_of_operations_tells_what_was_asked(lab: LabControl, cloud: Admin) -> None:
    cloud.write(cloud.document())
    assert "9." in cloud.ask("<getAPIVersionInput/>").text
    asked = [(found["operation"], found["mutates"]) for found in lab.operations() if "ActiveBpelAdmin" in found["path"]]
    assert asked == [("get_configuration", False), ("set_configuration", True), ("get_api_version", False)]
