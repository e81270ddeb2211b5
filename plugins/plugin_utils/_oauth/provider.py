# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a provider's endpoints are: given, by preset, or by its discovery document."""

from __future__ import annotations

import dataclasses
import typing as t
from urllib.parse import urlsplit

from ansible_collections.cai.console.plugins.module_utils._connection import is_loopback
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._transport import Transport

MICROSOFT_HOSTS = {
    "public": "login.microsoftonline.com",
    "us-government": "login.microsoftonline.us",
    "china": "login.partner.microsoftonline.cn",
}
OUTLOOK_HOSTS = {
    "public": "outlook.office.com",
    "us-government": "outlook.office365.us",
    "china": "partner.outlook.cn",
}
GOOGLE_AUTHORIZE = "https://accounts.google.com/o/oauth2/v2/auth"
GOOGLE_TOKEN = "https://oauth2.googleapis.com"  # noqa: S105  (an address)
# Without prompt=consent, OpenID Connect's offline_access is to be ignored (OpenID Connect Core, section 11). Microsoft
# does not need it, and there it would ask users for what an administrator has granted.
OFFLINE = {"openid", "offline_access"}
# Why a refresh token may not come where one was asked for.
LASTING = {
    "microsoft": "Microsoft sends a refresh token only where the client has been granted offline_access.",
    "google": "Google sends one at a person's first consent only, or with access_type=offline and prompt=consent.",
    "generic": "A standard provider sends one only if openid, offline_access and prompt=consent were asked for "
    "together (OpenID Connect Core, section 11), and the client may use the grant refresh_token.",
}
ENDPOINTS = {
    "authorization_url": "authorization_endpoint",
    "token_url": "token_endpoint",
    "device_url": "device_authorization_endpoint",
    "revocation_url": "revocation_endpoint",
}


@dataclasses.dataclass(frozen=True)
class Provider:
    """The endpoints; None for one that is not known. ``extra`` are parameters that the preset adds at authorization.

    ``sends_issuer``: the provider promises RFC 9207's ``iss`` in its answers to the browser.
    """

    name: str
    authorization_url: str | None = None
    token_url: str | None = None
    device_url: str | None = None
    revocation_url: str | None = None
    issuer: str | None = None
    sends_issuer: bool = False
    scope: tuple[str, ...] = ()
    extra: t.Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def lasts(self) -> str | None:
        """What this provider demands for a refresh token, if one was asked for."""
        asked = "offline_access" in self.scope or self.extra.get("access_type") == "offline"
        return LASTING[self.name] if asked else None

    def need(self, name: str) -> str:
        """Return an endpoint, or say which option is missing."""
        url: str | None = getattr(self, name)
        if not url:
            raise ConsoleError(
                "invalid_option",
                f"{name} is not known.",
                stage="options",
                remedy=f"Set {name}, discovery_url, or provider.",
            )
        return url


def preset(params: t.Mapping[str, t.Any]) -> Provider:
    """Return what the preset knows."""
    if params["provider"] == "microsoft":
        return _microsoft(params["tenant"], params["cloud"], params["grant"])
    if params["provider"] == "google":
        return Provider(
            "google",
            authorization_url=GOOGLE_AUTHORIZE,
            token_url=f"{GOOGLE_TOKEN}/token",
            device_url=f"{GOOGLE_TOKEN}/device/code",
            revocation_url=f"{GOOGLE_TOKEN}/revoke",
            issuer="https://accounts.google.com",
            scope=("https://mail.google.com/",),
            extra={"access_type": "offline", "prompt": "consent"},
        )
    return Provider("generic")


def _microsoft(tenant: str | None, cloud: str, grant: str) -> Provider:
    if not tenant:
        raise ConsoleError(
            "invalid_option",
            "provider=microsoft needs tenant.",
            stage="options",
            remedy="Set tenant to its id or domain.",
        )
    base = f"https://{MICROSOFT_HOSTS[cloud]}/{tenant}/oauth2/v2.0"
    outlook = OUTLOOK_HOSTS[cloud]
    app = "outlook.office365.com" if cloud == "public" else outlook
    scope = (
        (f"https://{app}/.default",)
        if grant == "client_credentials"
        else (
            f"https://{outlook}/SMTP.Send",
            "offline_access",
        )
    )
    return Provider(
        "microsoft",
        authorization_url=f"{base}/authorize",
        token_url=f"{base}/token",
        device_url=f"{base}/devicecode",
        scope=scope,
    )


def scope_of(params: t.Mapping[str, t.Any]) -> tuple[str, ...]:
    """Return what is asked for, which needs no discovery."""
    return tuple(params["scope"] or preset(params).scope)


def resolve(params: t.Mapping[str, t.Any], transport: Transport) -> Provider:
    """Return the endpoints: those given, over those discovered, over the preset's. All are checked to be https."""
    found = preset(params)
    if params["discovery_url"]:
        found = _discovered(found, params["discovery_url"], transport)
    given = {name: params[name] for name in (*ENDPOINTS, "issuer") if params[name]}
    scope = scope_of(params)
    if found.name == "generic" and set(scope) >= OFFLINE:
        found = dataclasses.replace(found, extra={"prompt": "consent", **found.extra})
    provider = dataclasses.replace(found, scope=scope, **given)
    for name in ENDPOINTS:
        check_https(name, getattr(provider, name))
    return provider


def check_https(option: str, url: str | None) -> None:
    """Refuse an address where secrets would travel in clear text; loopback is excepted."""
    parts = urlsplit(url or "https://none")
    if parts.scheme == "https" or parts.scheme == "http" and is_loopback(parts.hostname or ""):
        return
    raise ConsoleError(
        "cleartext_refused", f"{option} is {url}.", stage="options", remedy=f"Give {option} as an https address."
    )


def _discovered(base: Provider, url: str, transport: Transport) -> Provider:
    from ansible_collections.cai.console.plugins.plugin_utils._oauth.wire import translated

    check_https("discovery_url", url)
    with translated("discovery"):
        reply = transport.send("GET", url, stage="discovery", headers={"Accept": "application/json"}, retry=True)
    document = reply.json("The discovery document", "discovery") if reply.status == 200 else None
    if not isinstance(document, dict) or not isinstance(document.get("issuer"), str):
        message = f"discovery_url is answered with status {reply.status} and is no discovery document."
        raise ConsoleError("token_endpoint_error", message, stage="discovery", remedy="Check discovery_url.")
    found: dict[str, t.Any] = {name: str(document[key]) for name, key in ENDPOINTS.items() if document.get(key)}
    return dataclasses.replace(
        base,
        issuer=document["issuer"],
        sends_issuer=bool(document.get("authorization_response_iss_parameter_supported")),
        **found,
    )


def check_issuer(provider: Provider, said: str | None) -> None:
    """Refuse an answer that names another issuer, or none where the provider promises to name it (RFC 9207)."""
    if said is None:
        if provider.sends_issuer:
            raise ConsoleError("issuer_mismatch", "The redirect URL names no issuer (iss).", stage="consent")
        return
    if provider.issuer and "{tenantid}" in provider.issuer:
        head, _mark, tail = provider.issuer.partition("{tenantid}")
        right = said.startswith(head) and said.endswith(tail)
    elif provider.issuer:
        right = said == provider.issuer
    else:
        right = urlsplit(said)[:2] == urlsplit(provider.need("authorization_url"))[:2]
    if not right:
        expected = provider.issuer or "one at the authorization_url"
        raise ConsoleError("issuer_mismatch", f"It names {said}, expected is {expected}.", stage="consent")
