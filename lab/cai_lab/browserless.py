# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A person at the OAuth server, without a browser: follows redirects and forms. Standard library only."""

from __future__ import annotations

import html
import re
import ssl
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any

FORM = re.compile(r'<form method=post action="([^"]+)">(.*?)</form>', re.S)
FIELD = re.compile(r'<input (?:type=hidden )?name=(\w+)(?: value="?([^">]*)"?)?')
STEPS = 12


class NotConsented(RuntimeError):
    """The person got no further; the text is what the page said."""


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


@dataclass
class Person:
    """Somebody with an account; ``ca`` is the lab's CA, ``accepts`` whether they agree to what is asked."""

    login: str
    password: str
    ca: str
    accepts: bool = True

    def __post_init__(self) -> None:
        context = ssl.create_default_context(cafile=self.ca)
        proxy, tls = urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        self._opener = urllib.request.build_opener(proxy, tls, _Stay)

    def consent(self, url: str, until: str) -> str:
        """Open a link, sign in, answer; the URL, beginning with ``until``, that the provider sends the browser to."""
        place, text = self._get(url)
        for _step in range(STEPS):
            if place and place.startswith(until):
                return place
            place, text = self._get(place) if place else self._answer(url, text)
        raise NotConsented("the pages do not end")

    def open(self, url: str, until: str) -> str:
        """The same, and open the page that the browser ends at; its text."""
        place = self.consent(url, until)
        _, text = self._get(place)
        return re.sub(r"<style.*?</style>|<[^>]+>", " ", text, flags=re.S)

    def approve_device(self, verification_uri: str, user_code: str) -> str:
        """Enter a device's code, sign in, answer; the last page's text."""
        _, text = self._get(f"{verification_uri}?{urllib.parse.urlencode({'user_code': user_code})}")
        while FORM.search(text):
            _, text = self._answer(verification_uri, text)
        return re.sub(r"<style.*?</style>|<[^>]+>", " ", text, flags=re.S)

    def _answer(self, url: str, text: str) -> tuple[str | None, str]:
        forms = FORM.findall(text)
        if not forms:
            raise NotConsented(re.sub(r"<style.*?</style>|<[^>]+>|\s+", " ", text, flags=re.S).strip())
        action, inner = forms[0 if self.accepts or len(forms) == 1 else 1]
        fields = {name: html.unescape(value) for name, value in FIELD.findall(inner)}
        if "login" in fields:
            fields |= {"login": self.login, "password": self.password}
        data = urllib.parse.urlencode(fields).encode()
        return self._get(urllib.parse.urljoin(url, html.unescape(action)), data)

    def _get(self, url: str, data: bytes | None = None) -> tuple[str | None, str]:
        try:
            with self._opener.open(urllib.request.Request(url, data=data), timeout=30) as reply:
                return None, reply.read().decode()
        except urllib.error.HTTPError as reply:
            with reply:
                if reply.status in (302, 303):
                    return urllib.parse.urljoin(url, str(reply.headers["Location"])), ""
                said = re.sub(r"<style.*?</style>|<[^>]+>|\s+", " ", reply.read().decode(errors="replace"), flags=re.S)
                raise NotConsented(said.strip()) from None
