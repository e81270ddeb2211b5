# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who gets in, and what protects the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from cai_lab.control_client import LabControl

Guests = Callable[[], Any]
PAGES = ("/console/services", "/console/log", "/console/processes", "/console/mailbox")
FORMS = (
    "/console/sign-out",
    "/console/services/email",
    "/console/services/email/test",
    "/console/services/email/authorize",
    "/console/services/alert",
    "/console/services/properties",
    "/console/processes/run",
    "/console/processes/terminate",
)


@pytest.mark.parametrize("path", ["/", "/console", "/console/", *PAGES])
def test_without_a_session_there_is_the_sign_in(guests: Guests, path: str) -> None:
    answer = guests().get(path)
    assert answer.url.endswith("/console/sign-in")
    assert "<h1>Sign in</h1>" in answer.text


def test_signing_in_and_out(lab: LabControl, guests: Guests) -> None:
    before, person = lab.sessions()["open"], guests()
    assert person.sign_in().url.endswith("/console/services")
    assert "robot@lab.test" in person.last.text
    assert lab.sessions()["open"] == before + 1
    assert person.send("/console/sign-out").url.endswith("/console/sign-in")
    assert lab.sessions()["open"] == before
    assert person.get("/console/services").url.endswith("/console/sign-in")
    entries = lab.operations(listener="page", user="robot@lab.test")
    assert [entry["operation"] for entry in (entries[0], entries[-1])] == ["sign_in", "sign_out"]


def test_a_wrong_password_is_refused_in_the_interfaces_words(lab: LabControl, guests: Guests) -> None:
    person = guests()
    person.get("/console/sign-in")
    answer = person.send("/console/sign-in", username="robot@lab.test", password="SECRET-wrong")
    assert answer.status_code == 401
    assert "The user name or the password is not valid." in answer.text
    assert "SECRET-" not in answer.text
    assert "USER_SESSION" not in person.http.cookies
    assert lab.operations(listener="page")[-1]["status"] == 401


def test_a_session_that_ended_says_so(lab: LabControl, visitor: Any) -> None:
    lab.end_sessions()
    answer = visitor.get("/console/services")
    assert answer.url.endswith("/console/sign-in?ended=1")
    assert "Your session has ended." in answer.text


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("token", [None, "", "0" * 64, "é"])
def test_a_form_without_the_right_token_does_nothing(
    lab: LabControl, visitor: Any, path: str, token: str | None
) -> None:
    before, opened = lab.state()["hash"], lab.sessions()["open"]
    lab.clear_operations()
    answer = visitor.post(path, {} if token is None else {"token": token})
    assert answer.status_code == 403
    assert lab.operations() == []
    assert (lab.state()["hash"], lab.sessions()["open"]) == (before, opened)


def test_a_token_is_good_for_its_own_session_only(guests: Guests, visitor: Any) -> None:
    other = guests()
    other.sign_in()
    visitor.services()
    other.services()
    form = {**visitor.form("/console/services/alert"), "token": other.form("/console/services/alert")["token"]}
    assert visitor.post("/console/services/alert", form).status_code == 403


def test_the_sign_in_has_a_token_of_its_own(guests: Guests) -> None:
    one, two = guests(), guests()
    one.get("/console/sign-in")
    two.get("/console/sign-in")
    stolen = {**two.form("/console/sign-in"), "username": "robot@lab.test", "password": "robot-Console-pw1"}
    assert one.post("/console/sign-in", stolen).status_code == 403
    assert "USER_SESSION" not in one.http.cookies


def test_cookies_are_out_of_reach(lab: LabControl, guests: Guests) -> None:
    person = guests()
    person.get("/console/sign-in")
    first = person.last.headers["Set-Cookie"]
    who = {"username": "robot@lab.test", "password": "robot-Console-pw1"}
    answer = person.post("/console/sign-in", {**person.form("/console/sign-in"), **who}, allow_redirects=False)
    assert answer.status_code == 303
    for cookie in (first, answer.headers["Set-Cookie"]):
        assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}


@pytest.mark.parametrize("path", ["/", "/console/sign-in", *PAGES, "/console/services?target=none", "static"])
def test_every_answer_allows_nothing_external(visitor: Any, path: str) -> None:
    answer = visitor.get("/console/static/style.css" if path == "static" else path)
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy.pop("default-src") == "'none'"
    assert set(policy.values()) <= {"'self'", "'none'"}
    assert {"form-action", "base-uri", "frame-ancestors"} <= policy.keys()
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "://" not in answer.text.replace("http://www.w3.org/2000/svg", "").replace("https://www.gnu.org", "")


def test_pages_are_not_kept_and_files_are(visitor: Any) -> None:
    assert visitor.services().headers["Cache-Control"] == "no-store"
    assert "immutable" in visitor.get("/console/static/page.js").headers["Cache-Control"]
    assert visitor.get("/console/static/../page.py").status_code == 404
    assert visitor.get("/console/static/none.css").status_code == 404


def test_over_https_cookies_are_for_https_only(tmp_path: Any) -> None:
    with LabControl.start(tmp_path, "--tls") as control:
        answer = requests.get(f"{control.addresses['console']}/console/sign-in", verify=control.addresses["ca"])
    assert "Secure" in answer.headers["Set-Cookie"]
