# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hypothesis strategies: what a console may hold, and what a task may ask for, legal or not."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

WORDS = st.text(min_size=1, max_size=12)
URLS = st.sampled_from(["https://login.example.org/a", "https://login.example.org/b", "https://other.example.org/a"])
HOSTS = st.sampled_from(["smtp.example.org", "SMTP.example.org", "smtp2.example.org", "192.0.2.7", "2001:db8::7"])
USERS = st.sampled_from(["alerts@example.org", "Alerts@example.org", "relay"]) | WORDS.filter(str.strip)
ADDRESSES = st.sampled_from(["operations@example.org", "ops@example.org"])
SCOPES = st.lists(st.sampled_from(["a", "b", "https://outlook.office.com/SMTP.Send"]), min_size=1, max_size=4)
SECRETS = st.sampled_from(["first-Secret-pw1", "second-Secret-pw2"])
PORTS = st.sampled_from([25, 465, 587, 2525])

# Positions of the lab's switches that the binding covers; in the others it says something untrue of the console.
POSITIONS = st.fixed_dictionaries(
    {
        "secret_on_read": st.sampled_from(["omitted", "null", "masked", "encrypted"]),
        "port_type": st.sampled_from(["number", "string"]),
        "write_answer": st.sampled_from(["object", "empty", "no_content"]),
        "concurrency": st.sampled_from(["etag", "none"]),
        "partial_write": st.sampled_from(["replace", "merge"]),
        "error_body": st.sampled_from(["v3", "v2", "html", "empty"]),
        "username_under_oauth": st.just("kept"),
        "custom_service_not_deployed": st.just("accepted"),
    }
)


def _or_null(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | st.just("") | values


def _given(options: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Any of the options, each given or left out."""
    return st.fixed_dictionaries({}, optional=options)


EMAIL_STORED = st.fixed_dictionaries(
    {
        "enabled": st.booleans(),
        "hostName": _or_null(HOSTS),
        "port": PORTS,
        "authenticationType": st.sampled_from(["PASSWORD", "OAUTH"]),
        "userName": _or_null(USERS),
        "security": st.sampled_from([None, "TLS", "SSL"]),
        "password": st.none() | SECRETS,
        "oauth": st.fixed_dictionaries(
            {
                "authorizationUrl": _or_null(URLS),
                "tokenUrl": _or_null(URLS),
                "clientId": _or_null(WORDS),
                "scope": st.none() | SCOPES.map(" ".join),
                "clientSecret": st.none() | SECRETS,
            }
        ),
    },
    optional={"unknownMember": st.integers() | st.none() | WORDS},
)
EMAIL_WISHES = _given(
    {
        "enabled": st.booleans(),
        "host": HOSTS | st.sampled_from(["", "http://smtp.example.org", "smtp.example.org:25", "a b"]),
        "port": PORTS | st.sampled_from([0, 70000, -1]),
        "authentication": st.sampled_from(["password", "oauth"]),
        "username": USERS | st.just(""),
        "password": SECRETS | st.sampled_from(["", "********"]),
        "security": st.sampled_from(["none", "tls", "ssl"]),
        "oauth": _given(
            {
                "authorization_url": URLS | st.just("http://login.example.org"),
                "token_url": URLS | st.just("http://login.example.org"),
                "client_id": WORDS | st.just(""),
                "client_secret": SECRETS | st.just("****"),
                "scope": SCOPES | st.sampled_from([[], ["a b"]]),
            }
        ),
        "update_secrets": st.sampled_from(["always", "on_create"]),
        "reuse_stored_secret": st.booleans(),
    }
)
ALERT_STORED = st.fixed_dictionaries(
    {
        "enabled": st.booleans(),
        "action": st.sampled_from(["SEND_EMAIL", "CUSTOM_SERVICE"]),
        "emailForAlerts": _or_null(ADDRESSES),
        "service": _or_null(WORDS),
    }
)
ALERT_WISHES = _given(
    {
        "enabled": st.booleans(),
        "action": st.sampled_from(["send_email", "custom_service"]),
        "email": ADDRESSES | st.sampled_from(["", "nobody", "a@example.org, b@example.org"]),
        "service": WORDS | st.just(""),
    }
)
PROPERTIES_STORED = st.fixed_dictionaries(
    {"suspendProcessesOnUncaughtFault": st.booleans()}, optional={"loggingLevel": WORDS}
)
PROPERTIES_WISHES = _given({"suspend_on_uncaught_fault": st.booleans()})

WORLDS: dict[str, tuple[str, st.SearchStrategy[dict[str, Any]], st.SearchStrategy[dict[str, Any]]]] = {
    "email_service": ("/server/services/email", EMAIL_STORED, EMAIL_WISHES),
    "alert_service": ("/server/services/alert", ALERT_STORED, ALERT_WISHES),
    "server_properties": ("/server/properties", PROPERTIES_STORED, PROPERTIES_WISHES),
}
"""By service: its path on the wire, what may be stored, what may be wished."""
