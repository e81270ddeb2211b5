# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The console's own test of its mail: a server fails at each stage in turn, and page and interface both name it."""

from __future__ import annotations

import html
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cai_lab.control_client import LabControl
from cai_lab.mail import Pki
from cai_lab.plain_client import PlainClient
from scripted_peer import Script, scripted

EMAIL = "server/services/email"
PLAIN: Script = (("ehlo", "250-scripted\r\n250 STARTTLS"), ("STARTTLS", "220 go"))
SECURED: Script = (
    ("ehlo", "250-scripted\r\n250 AUTH PLAIN"),
    ("AUTH PLAIN", "334 "),
    ("mail", "250 ok"),
    ("rcpt", "250 ok"),
    ("data", "354 go on"),
    (".\r\n", "552 5.3.4 too large"),
    ("AGFs", "235 2.7.0 welcome"),  # how the answer to PLAIN begins
)


def refusing(prefix: str, answer: str) -> Script:
    """The usual script under TLS, but for one command."""
    return ((prefix, answer), *SECURED)


# For each stage: how the server speaks in clear text and under TLS, and the code of the reply that refuses.
FAILING: dict[str, tuple[Script, Script, int | None]] = {
    "ehlo": ((("ehlo", "501 5.5.4 no"),), (), 501),
    "starttls": ((PLAIN[0], ("STARTTLS", "454 4.7.0 not now")), (), 454),
    "ehlo_tls": (PLAIN, refusing("ehlo", "501 5.5.4 no"), 501),
    "auth_offer": (PLAIN, refusing("ehlo", "250 scripted"), None),
    "auth": (PLAIN, refusing("AGFs", "535 5.7.8 no"), 535),
    "mail": (PLAIN, refusing("mail", "553 5.7.1 no"), 553),
    "rcpt": (PLAIN, refusing("rcpt", "550 5.1.1 no"), 550),
    "data": (PLAIN, refusing("data", "452 4.3.1 no"), 452),
    "queued": (PLAIN, SECURED, 552),
}
STAGES = ("dns", "connect", "banner", *FAILING, "certificate")


@contextmanager
def failing_at(stage: str, pki: Pki) -> Iterator[tuple[str, int, int | None]]:
    """Give host, port and code of a server that fails at the stage."""
    if stage == "dns":
        yield "nowhere.invalid", 25, None
    elif stage == "connect":
        with socket.socket() as held:
            held.bind(("127.0.0.1", 0))
            yield "127.0.0.1", held.getsockname()[1], None
    elif stage == "banner":
        with scripted(banner="554 5.3.2 closed") as port:
            yield "127.0.0.1", port, 554
    else:
        plain, secured, code = FAILING.get(stage, (PLAIN, SECURED, None))
        leaf = pki.leaf("other.lab.test" if stage == "certificate" else "127.0.0.1")
        with scripted(*plain, trust=pki.server_context(leaf), secured=secured) as port:
            yield "127.0.0.1", port, code


@pytest.mark.parametrize("stage", STAGES)
def test_page_and_interface_name_the_stage(
    lab: LabControl, robot: PlainClient, visitor: Any, email: dict[str, Any], stage: str
) -> None:
    pki = Pki(Path(lab.addresses["ca"]).parent)
    with failing_at(stage, pki) as (host, port, code):
        candidate = {**email, "hostName": host, "port": port, "security": "TLS"}
        told = robot.admin("POST", f"{EMAIL}/test", "agent-a", json={"configuration": candidate}).json()
    assert (told["ok"], told["stage"], told["code"]) == (False, stage, code)
    visitor.services("agent-a")
    typed = {name: candidate[member] for name, member in (("username", "userName"), ("password", "password"))}
    with failing_at(stage, pki) as (host, port, code):
        more = {"host": host, "port": str(port), "security": "TLS", "password_again": typed["password"]}
        page = visitor.send("/console/services/email", to="/console/services/email/test", **typed, **more)
    said = html.unescape(page.text)
    assert f"The test failed at the stage {stage}." in said
    assert code is None or f"{code} " in said.partition("The test failed at the stage")[2]


def test_a_target_whose_path_is_cut_reaches_no_mail_server(
    lab: LabControl, robot: PlainClient, email: dict[str, Any]
) -> None:
    body = {"configuration": email}
    lab.cut_mail_path("agent-a")
    told = robot.admin("POST", f"{EMAIL}/test", "agent-a", json=body).json()
    assert (told["ok"], told["stage"], told["code"]) == (False, "connect", None)
    assert robot.admin("POST", f"{EMAIL}/test", "agent-b", json=body).json()["ok"] is True
    lab.open_mail_paths()
    assert robot.admin("POST", f"{EMAIL}/test", "agent-a", json=body).json()["ok"] is True
