# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection options: their argument spec, and what they say once they are checked. No request is made here."""

from __future__ import annotations

import functools
import ipaddress
import json
import re
import typing as t
from urllib.parse import urlsplit

from ansible_collections.cai.console.plugins.module_utils._environment import environment
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError

REGION_DOMAIN = "informaticacloud.com"


_OPTIONS: dict[str, dict[str, t.Any]] = {
    "console_url": {"type": "str"},
    "console_region": {"type": "str"},
    "console_username": {"type": "str"},
    "console_password": {"type": "str", "no_log": True},
    "console_session": {"type": "raw", "no_log": True},
    "console_organization_id": {"type": "str"},
    "console_binding": {"type": "str"},
    "console_ca_path": {"type": "path"},
    "console_validate_certs": {"type": "bool", "default": True},
    "console_timeout": {"type": "float", "default": 30.0},
    "console_proxy": {"type": "str"},
    "console_fingerprint": {"type": "str"},
    "console_allow_cleartext": {"type": "bool", "default": False},
    "console_allow_whole_document_write": {
        "type": "bool",
        "default": False,
        "aliases": ["allow_whole_document_write"],
    },
    "console_allowed_agent_hosts": {"type": "list", "elements": "str"},
    "console_agent_url": {"type": "str"},
}
CONNECTION_SPEC: dict[str, dict[str, t.Any]] = {
    name: {**option, "fallback": environment("CAI_" + name.upper())} for name, option in _OPTIONS.items()
}


def _wrong(message: str) -> ConsoleError:
    return ConsoleError("invalid_option", message, stage="options")


@functools.lru_cache(maxsize=64)
def is_loopback(host: str) -> bool:
    """Return whether ``host`` (a name or an address) is this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def origin(option: str, url: str) -> str:
    """Return ``scheme://host[:port]`` of a URL that was given for ``option``, which is named where it is no URL."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError as error:
        raise _wrong(f"{option} is not a URL: {error}.") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _wrong(f"{option} must begin with https:// (or http://) and a host name.")
    if parts.username or parts.password:
        raise _wrong(f"{option} must not hold a user name or password.")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{port}"


def _session(value: t.Any) -> tuple[str | None, str | None]:
    """Split the value of console_session into the session's id and the platform's address (without a last slash)."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = json.loads(value)
        except ValueError:
            raise _wrong("console_session looks like JSON, but is not.") from None
    if value is None or isinstance(value, str):
        return value or None, None
    if not isinstance(value, dict) or set(value) - {"id", "platform_url"} or not isinstance(value.get("id"), str):
        raise _wrong("console_session must be a session id, or an object with id and platform_url.")
    platform_url = value.get("platform_url")
    if platform_url:
        origin("platform_url of console_session", platform_url)
    return value["id"], platform_url.rstrip("/") if platform_url else None


class Connection(t.NamedTuple):
    """The checked connection options.

    ``console_url`` is an origin or None (then the platform's host, from the sign-in's reply, is taken: an assumption);
    ``sign_in_url`` is the origin that takes the user name and password; ``timeout`` is in seconds.
    """

    console_url: str | None
    sign_in_url: str
    username: str | None
    password: str | None
    session_id: str | None
    platform_url: str | None
    organization_id: str | None
    binding: str | None
    ca_path: str | None
    validate_certs: bool
    timeout: float
    proxy: str | None
    fingerprint: str | None
    allow_cleartext: bool
    allow_whole_document_write: bool
    allowed_agent_hosts: tuple[str, ...]
    agent_url: str | None

    @classmethod
    def from_params(cls, params: t.Mapping[str, t.Any]) -> Connection:
        """Build it from a task's validated parameters; a ConsoleError ``invalid_option`` names the option that is
        wrong.
        """
        console_url = _origin_or_none(params, "console_url")
        session_id, platform_url = _session(params["console_session"])
        if not session_id and not (params["console_username"] and params["console_password"]):
            raise _wrong("console_username and console_password are needed, or a console_session.")
        if params["console_timeout"] <= 0:
            raise _wrong("console_timeout must be more than 0 seconds.")
        return cls(
            console_url=console_url,
            sign_in_url=_sign_in_url(console_url, params["console_region"]),
            username=params["console_username"],
            password=params["console_password"],
            session_id=session_id,
            platform_url=platform_url,
            organization_id=params["console_organization_id"],
            binding=params["console_binding"],
            ca_path=params["console_ca_path"],
            validate_certs=params["console_validate_certs"],
            timeout=params["console_timeout"],
            proxy=_origin_or_none(params, "console_proxy"),
            fingerprint=_fingerprint(params["console_fingerprint"]),
            allow_cleartext=params["console_allow_cleartext"],
            allow_whole_document_write=params["console_allow_whole_document_write"],
            allowed_agent_hosts=tuple(params["console_allowed_agent_hosts"] or ()),
            agent_url=_origin_or_none(params, "console_agent_url"),
        )

    def require_secure(self, url: str, option: str) -> None:
        """Refuse an address to which a session or password would travel in clear text over a network."""
        parts = urlsplit(url)
        if parts.scheme != "https" and not self.allow_cleartext and not is_loopback(parts.hostname or ""):
            raise ConsoleError(
                "cleartext_refused",
                f"{option} is {url}, and a session or password would travel there over plain http.",
                stage="options",
            )


def _origin_or_none(params: t.Mapping[str, t.Any], option: str) -> str | None:
    return origin(option, params[option]) if params[option] else None


def _fingerprint(value: str | None) -> str | None:
    digits = (value or "").replace(":", "").lower()
    if digits and not re.fullmatch(r"[0-9a-f]{64}", digits):
        raise _wrong(
            "console_fingerprint must be a SHA-256 fingerprint: 64 hexadecimal digits, with or without colons."
        )
    return digits or None


def _sign_in_url(console_url: str | None, region: str | None) -> str:
    """Return the origin that takes the sign-in: the region's host, whose name a console's host on the vendor's domain
    holds (an observed form), else the console itself.
    """
    if region:
        if not re.fullmatch(r"[a-z0-9][a-z0-9.-]*", region):
            raise _wrong("console_region must be the first part of the sign-in host, such as dm-us.")
        return f"https://{region}.{REGION_DOMAIN}"
    if not console_url:
        raise _wrong("Neither console_url nor console_region is set.")
    labels = (urlsplit(console_url).hostname or "").split(".")
    if ".".join(labels[-2:]) == REGION_DOMAIN and len(labels) > 3:
        return f"https://{'.'.join(labels[-3:])}"
    return console_url
