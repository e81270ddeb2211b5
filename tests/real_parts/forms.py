# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A person at the provider's pages, played by plain requests: signs in, consents, approves a device."""

from __future__ import annotations

import base64
import hashlib
import secrets
import urllib.parse
from html.parser import HTMLParser
from typing import Any, cast

import requests

from .provider import CALLBACK, DEVICE_GRANT, TIMEOUT, USERS, RealProvider

ALICE = "alice@lab.test"
SMTP_SCOPE = "https://outlook.office.com/SMTP.Send"
SCOPE = f"openid offline_access {SMTP_SCOPE} https://outlook.office.com/IMAP.AccessAsUser.All"
STEPS = 25

Json = dict[str, Any]


class RefusedError(Exception):
    """A page said no, or something that is no form."""


class _FirstForm(HTMLParser):
    """The first form of a page: where it goes, and its fields."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.action: str | None = None
        self.fields: dict[str, str] = {}
        self._open = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form" and self.action is None:
            self.action, self._open = values.get("action", ""), True
        elif tag == "input" and self._open and values.get("name"):
            self.fields[values["name"]] = values.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        self._open = self._open and tag != "form"


class Person:
    """Somebody with a browser of their own, whose cookies stay from one visit to the next."""

    def __init__(self, provider: RealProvider, user: str = ALICE, password: str | None = None) -> None:
        self._provider = provider
        self._answers = {"login": user, "password": USERS.get(user, "") if password is None else password}
        self._browser = provider.session()

    def authorize(self, redirect_uri: str = CALLBACK, **query: str) -> dict[str, str]:
        """Follow an authorization request to its end and return the parameters of the redirect to ``redirect_uri``.

        ``query`` overrides the usual request, of mail-client. Raises RefusedError at a page that goes nowhere.
        """
        usual = {
            "client_id": "mail-client",
            "response_type": "code",
            "scope": SCOPE,
            "state": "st4te",
            "prompt": "consent",
        }
        asked = urllib.parse.urlencode({**usual, "redirect_uri": redirect_uri, **query})
        return self.visit(f"{self._provider.endpoint('authorize')}?{asked}", redirect_uri)

    def refuse(self, redirect_uri: str = CALLBACK) -> dict[str, str]:
        """Press Cancel at the first page of mail-client's request and return the parameters of the redirect."""
        query = {"client_id": "mail-client", "response_type": "code", "redirect_uri": redirect_uri, "scope": SCOPE}
        answer = self._get(f"{self._provider.endpoint('authorize')}?{urllib.parse.urlencode(query)}")
        page = urllib.parse.urljoin(answer.url, answer.headers["location"])
        self._get(page)
        return self._follow(self._browser.post(f"{page}/abort", allow_redirects=False, timeout=TIMEOUT), redirect_uri)

    def visit(self, url: str, redirect_uri: str) -> dict[str, str]:
        """Sign in and consent from an authorization URL on, and return the parameters of the redirect."""
        return self._follow(self._get(url), redirect_uri)

    def _follow(self, answer: requests.Response, redirect_uri: str) -> dict[str, str]:
        for _turn in range(STEPS):
            target = answer.headers.get("location")
            if target is None:
                answer = self._submit(answer)
            elif (whole := urllib.parse.urljoin(answer.url, target)).startswith(redirect_uri):
                return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(whole).query))
            else:
                answer = self._get(whole)
        raise RefusedError("the pages lead round in circles")

    def approve(self, url: str) -> None:
        """Approve a device at its ``verification_uri_complete``."""
        answer = self._get(url)
        for _turn in range(STEPS):
            target = answer.headers.get("location")
            if target is not None:
                answer = self._get(urllib.parse.urljoin(answer.url, target))
            elif "You have signed in" in answer.text:
                return
            else:
                answer = self._submit(answer)
        raise RefusedError("the pages lead round in circles")

    def _get(self, url: str) -> requests.Response:
        return self._browser.get(url, allow_redirects=False, timeout=TIMEOUT)

    def _submit(self, answer: requests.Response) -> requests.Response:
        form = _FirstForm(answer.text)
        if answer.status_code >= 400 or form.action is None:
            raise RefusedError(f"{answer.status_code}: {answer.text[-120:]}")
        fields = {name: self._answers.get(name, value) for name, value in form.fields.items()}
        url = urllib.parse.urljoin(answer.url, form.action)
        return self._browser.post(url, data=fields, allow_redirects=False, timeout=TIMEOUT)


def challenge() -> tuple[str, str]:
    """Return a PKCE verifier and its S256 challenge."""
    verifier = secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    return verifier, base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def user_tokens(provider: RealProvider, user: str = ALICE, scope: str = SCOPE) -> Json:
    """Return the tokens of a user by authorization code and PKCE: access_token, refresh_token, expires_in ..."""
    verifier, hashed = challenge()
    query = {"code_challenge": hashed, "code_challenge_method": "S256", "scope": scope}
    code = Person(provider, user).authorize(**query)["code"]
    return _granted(exchange(provider, code, code_verifier=verifier))


def exchange(provider: RealProvider, code: str, **more: str) -> requests.Response:
    """Ask for the tokens of an authorization code, as mail-client."""
    form = {"client_id": "mail-client", "client_secret": "mail-secret", "redirect_uri": CALLBACK, "code": code}
    return provider.token_request(grant_type="authorization_code", **{**form, **more})


def refresh(provider: RealProvider, token: str, **more: str) -> requests.Response:
    """Ask for new tokens by a refresh token, as mail-client."""
    form = {"client_id": "mail-client", "client_secret": "mail-secret", "refresh_token": token}
    return provider.token_request(grant_type="refresh_token", **{**form, **more})


def daemon_token(provider: RealProvider) -> str:
    """Return an access token by client credentials; the mailbox is robot@lab.test."""
    form = {"client_id": "daemon", "client_secret": "daemon-secret", "scope": "https://outlook.office.com/.default"}
    return cast(str, _granted(provider.token_request(grant_type="client_credentials", **form))["access_token"])


def start_device(provider: RealProvider) -> Json:
    """Begin a device flow, as public-client: device_code, user_code, verification_uri_complete, expires_in."""
    form = {"client_id": "public-client", "scope": SCOPE}
    with provider.session() as session:
        return _granted(session.post(provider.endpoint("devicecode"), data=form, timeout=TIMEOUT))


def poll_device(provider: RealProvider, device_code: str) -> requests.Response:
    """Ask for the tokens of a device flow once."""
    return provider.token_request(grant_type=DEVICE_GRANT, client_id="public-client", device_code=device_code)


def _granted(answer: requests.Response) -> Json:
    if answer.status_code != 200:
        raise RefusedError(f"{answer.status_code}: {answer.text}")
    return cast(Json, answer.json())
