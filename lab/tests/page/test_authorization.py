# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Authorize Access of the page, without a browser: when it is offered, where it leads, and who may."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from cai_lab.browserless import NotConsented, Person
from cai_lab.control_client import LabControl
from cai_lab.page.guard import origin_of
from cai_lab.plain_client import PlainClient

EMAIL = "server/services/email"
AUTHORIZE = "/console/services/email/authorize"
BUTTON = re.compile(r'<button form="email-authorize"([^>]*)>')
TARGET = "agent-a"


@pytest.fixture
def service(lab: LabControl, email: dict[str, Any]) -> dict[str, Any]:
    """A service of the console's own client at the lab's OAuth server."""
    urls = lab.addresses["oauth"]
    oauth = {
        "authorizationUrl": urls["authorization_url"],
        "tokenUrl": urls["token_url"],
        "clientId": "console-client",
        "clientSecret": "console-client-Secret-1",
        "scope": "https://outlook.office.com/SMTP.Send offline_access",
    }
    return {**email, "authenticationType": "OAUTH", "oauth": oauth}


def offered(page: str) -> bool:
    """Whether the button can be pressed."""
    (attributes,) = BUTTON.findall(page)
    return "disabled" not in attributes


def actions(policy: str) -> list[str]:
    """Where the forms of a page may lead, by its policy."""
    return next(part.split()[1:] for part in policy.split(";") if part.strip().startswith("form-action"))


def test_it_is_offered_for_a_service_that_is_saved_with_oauth(
    lab: LabControl, visitor: Any, robot: PlainClient, service: dict[str, Any]
) -> None:
    robot.admin("PUT", EMAIL, TARGET, json={**service, "authenticationType": "PASSWORD"})
    assert not offered(visitor.services(TARGET).text)
    robot.admin("PUT", EMAIL, TARGET, json=service)
    page = visitor.services(TARGET)
    assert offered(page.text)
    origin = lab.addresses["oauth"]["base"].rpartition("/")[0]
    assert actions(page.headers["Content-Security-Policy"]) == ["'self'", origin]
    assert not offered(visitor.services("shared-eu").text)


@pytest.mark.parametrize("accepts", [True, False])
def test_consent_and_refusal(
    lab: LabControl, visitor: Any, robot: PlainClient, service: dict[str, Any], accepts: bool
) -> None:
    robot.admin("DELETE", f"{EMAIL}/authorization", TARGET)
    robot.admin("PUT", EMAIL, TARGET, json=service)
    visitor.services(TARGET)
    answer = visitor.post(AUTHORIZE, visitor.form(AUTHORIZE), allow_redirects=False)
    assert answer.status_code == 303
    person = Person("alerts@lab.test", "alerts-Mail-pw1", lab.addresses["ca"], accepts)
    if accepts:
        said = person.open(answer.headers["Location"], lab.addresses["console"])
        assert "Access for agent-a is authorized." in said
    else:
        with pytest.raises(NotConsented, match="access_denied"):
            person.open(answer.headers["Location"], lab.addresses["console"])
    status = robot.admin("GET", EMAIL, TARGET).json()["authorizationStatus"]
    assert status["status"] == ("AUTHORIZED" if accepts else "NOT_AUTHORIZED")
    assert status["authorizedBy"] == ("robot@lab.test" if accepts else None)


def test_a_viewer_may_not(guests: Callable[[], Any], robot: PlainClient, service: dict[str, Any]) -> None:
    robot.admin("PUT", EMAIL, TARGET, json=service)
    viewer = guests()
    token = re.search(r'name="token" value="(\w+)"', viewer.sign_in("viewer@lab.test").text)
    assert token is not None
    form = {"token": token[1], "target": viewer.lab.target(TARGET)["id"]}
    answer = viewer.post(AUTHORIZE, form, allow_redirects=False)
    assert answer.status_code == 403
    assert "The privilege Console Administration is needed." in answer.text


def test_the_switch_is_about_programs(
    lab: LabControl, visitor: Any, robot: PlainClient, service: dict[str, Any]
) -> None:
    robot.admin("PUT", EMAIL, TARGET, json=service)
    lab.set_switches(authorization_start="none")
    assert robot.admin("POST", f"{EMAIL}/authorization", TARGET).status_code == 404
    visitor.services(TARGET)
    assert visitor.post(AUTHORIZE, visitor.form(AUTHORIZE), allow_redirects=False).status_code == 303


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://login.test/authorize?a=b", "https://login.test"),
        ("https://login.test:8443", "https://login.test:8443"),
        ("http://127.0.0.1:1/x", "http://127.0.0.1:1"),
        ("javascript://login.test/", ""),
        ("https://login.test; script-src *", ""),
        ("https://user@login.test/", ""),
        ("https://login.test\r\nX: y", ""),
        ("", ""),
    ],
)
def test_the_policy_names_origins_only(url: str, origin: str) -> None:
    assert origin_of(url) == origin
