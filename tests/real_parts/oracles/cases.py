# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all clients are asked, and where they are known to differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..bed import Bed
from ..client import ALICE, BOB
from ..forms import user_tokens
from ..processes import free_ports
from .verdicts import Case, Verdict

OK = Verdict()


@dataclass(frozen=True)
class Asked:
    """A case by its name, and the verdict that it deserves."""

    name: str
    case: Case
    due: Verdict


@dataclass(frozen=True)
class Difference:
    """A client's verdict that is not the due one, and why that is no fault of ours."""

    oracle: str
    case: str
    verdict: Verdict
    reason: str


DIFFERENCES = (
    Difference("swaks", "tls-wrongname", OK, "swaks verifies the chain and not the host name."),
    Difference("msmtp", "tls-tls11", OK, "Debian's GnuTLS still speaks TLS 1.1."),
    Difference("openssl", "tls-throttled", Verdict("starttls"), "s_client does not look at the greeting's code."),
    Difference("msmtp", "send-too-large", Verdict("queued", 552), "msmtp does not announce the size."),
    Difference("swaks", "send-too-large", Verdict("queued", 552), "swaks does not announce the size."),
    Difference("swaks", "send-wrongname", OK, "swaks verifies the chain and not the host name."),
)


def asked(bed: Bed) -> Iterator[Asked]:
    """Yield all cases, for a bed that runs. Tokens are fetched once, when the first case that has one is reached."""
    yield from _of_tls(bed)
    yield from _of_signing_in(bed)
    yield from _of_sending(bed)


def _case(bed: Bed, variant: str) -> Case:
    security = "tls" if variant == "submissions" else "starttls"
    return Case(bed.mail.port(variant), bed.mail.ca, "tls" if security == "tls" else "starttls")


def _of_tls(bed: Bed) -> Iterator[Asked]:
    deserved = {
        "submission": OK,
        "submissions": OK,
        "soon": OK,
        "expired": Verdict("certificate"),
        "wrongname": Verdict("certificate"),
        "untrusted": Verdict("certificate"),
        "tls11": Verdict("starttls"),
        "no-starttls": Verdict("starttls"),
        "throttled": Verdict("banner", 421),
    }
    for variant, due in deserved.items():
        yield Asked(f"tls-{variant}", _case(bed, variant), due)
    yield Asked("tls-closed", Case(free_ports(1)[0], bed.mail.ca), Verdict("connect"))


def _of_signing_in(bed: Bed) -> Iterator[Asked]:
    plain = replace(_case(bed, "submission"), mechanism="PLAIN", user=ALICE, secret="alice-pw")
    refused = Verdict("auth", 535)
    yield Asked("auth-password", plain, OK)
    yield Asked("auth-wrong-password", replace(plain, secret="wrong"), refused)
    yield Asked("auth-not-offered", replace(plain, port=bed.mail.port("oauth-only")), Verdict("auth_offer"))
    token = user_tokens(bed.provider)["access_token"]
    for mechanism in ("XOAUTH2", "OAUTHBEARER"):
        case = replace(plain, mechanism=mechanism, secret=token)
        name = f"auth-{mechanism.lower()}"
        yield Asked(name, case, OK)
        yield Asked(f"{name}-junk", replace(case, secret="junk"), refused)
        yield Asked(f"{name}-send", replace(case, sender=ALICE, recipient=BOB), OK)
        yield Asked(f"{name}-send-junk", replace(case, secret="junk", sender=ALICE, recipient=BOB), refused)


def _of_sending(bed: Bed) -> Iterator[Asked]:
    good = replace(
        _case(bed, "submission"), mechanism="PLAIN", user=ALICE, secret="alice-pw", sender=ALICE, recipient=BOB
    )
    port = bed.mail.port
    yield Asked("send", good, OK)
    yield Asked("send-implicit", replace(good, port=port("submissions"), security="tls"), OK)
    yield Asked("send-wrong-password", replace(good, secret="wrong"), Verdict("auth", 535))
    yield Asked("send-expired", replace(good, port=port("expired")), Verdict("certificate"))
    yield Asked("send-wrongname", replace(good, port=port("wrongname")), Verdict("certificate"))
    yield Asked("send-as-another", replace(good, sender=BOB), Verdict("rcpt", 553))
    yield Asked("send-abroad", replace(good, recipient="somebody@elsewhere.test"), Verdict("rcpt", 550))
    yield Asked("send-greylisted", replace(good, port=port("greylist")), Verdict("rcpt", 450))
    yield Asked(
        "send-too-large", replace(good, port=port("small"), text="x" * 70 + "\n" + "y" * 5000), Verdict("mail", 552)
    )
    yield Asked("send-without-auth", replace(good, mechanism=None, sender="x@lab.test"), Verdict("rcpt", 554))
