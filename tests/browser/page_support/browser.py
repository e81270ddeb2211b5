# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Headless Chromium, as Debian packages it: a new profile for each, no host but loopback, ended with its driver."""

from __future__ import annotations

import base64
import hashlib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificate
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from page_support.places import CHROMIUM, DRIVER

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1",
)


def key_of(address: str) -> str:
    """The key of the certificate at an https address, as Chromium names one: base64 of SHA-256 over its SPKI."""
    place = urlsplit(address)
    pem = ssl.get_server_certificate((str(place.hostname), place.port or 443))
    key = load_pem_x509_certificate(pem.encode()).public_key()
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(spki).digest()).decode()


@contextmanager
def chromium(profile: Path, width: int = 1360, height: int = 1000, *, trusts: str = "") -> Iterator[Chrome]:
    """A browser with its own profile folder; its console messages are kept. ``trusts``: a certificate's key."""
    options = ChromeOptions()
    options.binary_location = str(CHROMIUM)
    trusted = [f"--ignore-certificate-errors-spki-list={trusts}"] if trusts else []
    for flag in (*FLAGS, *trusted, f"--user-data-dir={profile}", f"--window-size={width},{height}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    browser = Chrome(options, Service(str(DRIVER)))
    try:
        yield browser
    finally:
        browser.quit()


def colours(browser: Chrome, scheme: str) -> None:
    """Let pages see that a person prefers ``light`` or ``dark``."""
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
