# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One verb for all grants: check the options, find the endpoints, run the grant, and judge what came."""

from __future__ import annotations

import functools
import os
import secrets
import time
import typing as t

from ansible_collections.cai.console.plugins.module_utils._environment import environment
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._handed import HandedOver, name_of
from ansible_collections.cai.console.plugins.module_utils._http import tls_context
from ansible_collections.cai.console.plugins.module_utils._transport import Transport
from ansible_collections.cai.console.plugins.plugin_utils._oauth import (
    grant_app,
    grant_code,
    grant_device,
    grant_refresh,
    provider,
    revoke,
    rotation,
    state,
    stores,
    tokens,
    wire,
)
from ansible_collections.cai.console.plugins.plugin_utils._oauth.client_auth import Client
from ansible_collections.cai.console.plugins.plugin_utils._oauth.libraries import require_libraries

Params = t.Mapping[str, t.Any]
Result = dict[str, t.Any]
GRANTS: t.Mapping[str, t.Any] = {
    "refresh_token": grant_refresh,
    "authorization_code": grant_code,
    "device_code": grant_device,
    "client_credentials": grant_app,
}
SPEC: dict[str, dict[str, t.Any]] = {
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "grant": {"type": "str", "choices": list(GRANTS), "default": "refresh_token"},
    "step": {"type": "str", "choices": ["begin", "complete", "interactive"]},
    "provider": {"type": "str", "choices": ["microsoft", "google", "generic"], "default": "generic"},
    "tenant": {"type": "str"},
    "cloud": {"type": "str", "choices": ["public", "us-government", "china"], "default": "public"},
    "discovery_url": {"type": "str"},
    "issuer": {"type": "str"},
    "authorization_url": {"type": "str"},
    "token_url": {"type": "str", "no_log": False},
    "device_url": {"type": "str"},
    "revocation_url": {"type": "str"},
    "client_id": {"type": "str", "required": True, "fallback": environment("CAI_OAUTH_CLIENT_ID")},
    "client_authentication": {"type": "str", "choices": ["post", "basic", "private_key_jwt", "none"]},
    "client_secret": {"type": "str", "no_log": True, "fallback": environment("CAI_OAUTH_CLIENT_SECRET")},
    "private_key": {"type": "str", "no_log": True},
    "private_key_passphrase": {"type": "str", "no_log": True},
    "certificate": {"type": "str"},
    "scope": {"type": "list", "elements": "str"},
    "user": {"type": "str"},
    "target": {"type": "str"},
    "redirect_uri": {"type": "str"},
    "consent_key": {"type": "str", "no_log": True, "fallback": environment("CAI_OAUTH_CONSENT_KEY")},
    "consent_lifetime": {"type": "int", "default": 604800},
    "redirect_response": {"type": "str", "no_log": True},
    "code": {"type": "str", "no_log": True},
    "consent_state": {"type": "str", "no_log": False},
    "listen_port": {"type": "int", "default": 0},
    "open_browser": {"type": "bool", "default": False},
    "wait": {"type": "float", "default": 300.0},
    "refresh_token": {"type": "str", "no_log": True},
    "refresh_token_file": {"type": "path", "no_log": False},
    "store_command": {"type": "list", "elements": "str"},
    "min_validity": {"type": "int", "default": 600},
    "force_refresh": {"type": "bool", "default": False},
    "state_dir": {"type": "path", "default": "~/.ansible/cai_console", "fallback": environment("CAI_STATE_DIR")},
    "ca_path": {"type": "path"},
    "validate_certs": {"type": "bool", "default": True},
    "proxy": {"type": "str"},
    "timeout": {"type": "float", "default": 30.0},
}


class Work:
    """One exchange on its way. ``say`` shows a line to the person; ``now`` and ``random`` are given by tests."""

    def __init__(
        self,
        params: Params,
        *,
        check_mode: bool,
        environ: t.Mapping[str, str],
        vault: stores.Vault | None = None,
        say: t.Callable[[str], None] = print,
        host: str | None = None,
        transport: Transport | None = None,
        now: t.Callable[[], float] = time.time,
        random: t.Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self.params = params
        self.check_mode = check_mode
        self.say = say
        self.now = now
        self.random = random
        self._host = host
        self.client = Client.from_params(params)
        self.store = _store(params, vault, environ)
        self.handed = HandedOver(params["state_dir"])
        self.transport = transport or _transport(params, environ)
        self.scope = provider.scope_of(params)

    @functools.cached_property
    def provider(self) -> provider.Provider:
        """The endpoints; discovered at the first use, since a token that still lives needs none of them."""
        return provider.resolve(self.params, self.transport)

    def target(self) -> str:
        """Return whose consent it is: the option, or the host."""
        return str(self.params["target"] or self._host or self.params["user"] or self.client.client_id)

    def identity(self) -> tuple[str, ...]:
        """Return what a journal belongs to: a client's consent of one mailbox. A client's id tells the provider."""
        params, file = self.params, self.params["refresh_token_file"]
        who = os.path.realpath(os.path.expanduser(file)) if file else params["user"] or params["target"]
        if not who:
            # Without a name, the token itself is the only thing that names the consent.
            who = name_of(params["refresh_token"] or "")
        return self.client.client_id, str(who)

    def exchange(self) -> wire.Exchange:
        """Return the way to the token endpoint."""
        return wire.Exchange(self.transport, self.client, self.provider.need("token_url"), self.provider.scope)

    def consent_link(self) -> Result:
        """Return the link for a new consent, where the options suffice for one."""
        params = self.params
        enough = params["redirect_uri"] and params["consent_key"] and self.provider.authorization_url
        return grant_code.link(self, params["redirect_uri"], state.check_key(params["consent_key"])) if enough else {}

    def consented(self, got: tokens.Tokens) -> Result:
        """A person consented: judge the tokens, keep the refresh token where it belongs, return the result."""
        tokens.judge(got, self.scope, self.params["user"], lasts=self.provider.lasts)
        result = got.as_result()
        if got.refresh_token and not isinstance(self.store, stores.Caller):
            with rotation.held(self.params["state_dir"], *self.identity()) as journal:
                journal.finish(got.refresh_token, got.refresh_token, {**result, "asked": sorted(self.scope)})
                self.store.save(result)
                journal.stored()
        return {**result, "changed": True, "target": self.target()}


def _transport(params: Params, environ: t.Mapping[str, str]) -> Transport:
    if params["timeout"] <= 0:
        raise ConsoleError("invalid_option", "timeout must be more than 0 seconds.", stage="options")
    if params["ca_path"] and not os.path.exists(params["ca_path"]):
        raise ConsoleError("invalid_option", f"ca_path {params['ca_path']} does not exist.", stage="options")
    context = tls_context(params["ca_path"], params["validate_certs"])
    return Transport(timeout=params["timeout"], context=context, proxy=params["proxy"], environ=environ)


def _store(params: Params, vault: stores.Vault | None, environ: t.Mapping[str, str]) -> stores.Store:
    if params["refresh_token_file"] and params["store_command"]:
        raise ConsoleError(
            "invalid_option",
            "refresh_token_file and store_command exclude each other.",
            stage="options",
            remedy="Choose one place for the refresh token.",
        )
    if params["refresh_token_file"]:
        return stores.VaultedFile(params["refresh_token_file"], vault)
    if params["store_command"]:
        return stores.Command(params["store_command"], environ)
    return stores.Caller()


def run(params: Params, *, check_mode: bool, environ: t.Mapping[str, str], **more: t.Any) -> Result:
    """Run the task. A result with a token is marked, so that no output shows it; a failure carries none."""
    work: Work | None = None
    try:
        require_libraries()
        if params["step"] and params["grant"] != "authorization_code":
            raise ConsoleError(
                "invalid_option", f"step is for grant=authorization_code, not for {params['grant']}.", stage="options"
            )
        work = Work(params, check_mode=check_mode, environ=environ, **more)
        result: Result = revoke.run(work) if params["state"] == "absent" else GRANTS[params["grant"]].run(work)
    except ConsoleError as error:
        error.target = error.target or params["target"] or params["user"]
        return {"failed": True, "changed": False, **error.as_result()}
    finally:
        if work is not None:
            work.transport.close()
    carries = bool(result.get("access_token") or result.get("refresh_token"))
    return {**result, **({"_ansible_no_log": True} if carries else {})}
