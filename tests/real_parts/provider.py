# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""oidc-provider (npm, certified) on the loopback address: a standard OAuth server to hold clients against."""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, cast

import requests

from . import parts, processes
from .guard import Guard
from .pki import Pki

TENANT = "lab-tenant"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
CALLBACK = "https://localhost:8400/callback"
LOOPBACK = ("http://127.0.0.1/callback", "http://localhost/callback")
DAY = 86400
USERS = {"alice@lab.test": "alice-pw", "bob@lab.test": "bob-pw"}
MAILBOXES = {"daemon": "robot@lab.test"}
INTROSPECTOR = ("dovecot", "dovecot-secret")
TIMEOUT = 20

Json = dict[str, Any]


class RealProvider:
    """An OpenID provider with the routes of the Microsoft identity platform; use it as a context manager.

    ``redirect_uris`` are mail-client's, besides https://localhost:8400/callback; ``clients`` are more clients, in the
    words of OpenID's registration; ``knobs`` hold from the start (see ``set_knobs``). Raises InstallError where node or
    oidc-provider is not installed, NotReadyError where it does not come up.
    """

    def __init__(
        self,
        pki: Pki | None = None,
        *,
        redirect_uris: Sequence[str] = (),
        clients: Sequence[Json] = (),
        knobs: Mapping[str, object] | None = None,
    ) -> None:
        self._given_pki = pki
        self._clients = [*_usual_clients([CALLBACK, *redirect_uris]), *clients]
        self._knobs = dict(knobs or {})
        self._cleanup = contextlib.ExitStack()

    def start(self) -> RealProvider:
        """Start it and return when it answers."""
        with contextlib.ExitStack() as cleanup:
            folder = self.folder = Path(tempfile.mkdtemp(prefix="cai-oidc-"))
            cleanup.callback(shutil.rmtree, folder, ignore_errors=True)
            self.pki = self._given_pki or Pki(folder)
            (self.port,) = processes.free_ports(1)
            self.log = folder / "provider.log"
            settings, pid_file = folder / "provider.json", folder / "provider.pid"
            settings.touch(mode=0o600)
            settings.write_text(json.dumps(self._settings()), encoding="utf-8")
            # The script finds its modules by the settings, as they are not beside it.
            command = [parts.program("node"), "--no-warnings", str(parts.FILES / "provider.mjs"), str(settings)]
            server = processes.Server(command, self.log, pid_file)
            cleanup.enter_context(Guard(folder, pid_file))
            cleanup.callback(server.stop)
            server.start(lambda: processes.listens(self.port))
            self._session = cleanup.enter_context(self.session())
            self._cleanup = cleanup.pop_all()
        return self

    def stop(self) -> None:
        """Stop it and remove its folder."""
        self._cleanup.close()

    def __enter__(self) -> RealProvider:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def ca(self) -> Path:
        """The authority to trust (PEM)."""
        return self.pki.ca

    @property
    def base(self) -> str:
        """The address of the server."""
        return f"https://localhost:{self.port}"

    @property
    def issuer(self) -> str:
        """The issuer, which is also what the tenant's endpoints begin with."""
        return f"{self.base}/{TENANT}"

    @property
    def introspection_url(self) -> str:
        """Where Dovecot asks about tokens, with its name and secret."""
        return f"https://{INTROSPECTOR[0]}:{INTROSPECTOR[1]}@localhost:{self.port}/{TENANT}/introspect"

    def endpoint(self, name: str) -> str:
        """Return an endpoint: authorize, token, devicecode, deviceauth, introspect, revoke, discovery (below v2.0)."""
        paths = {"introspect": "introspect", "revoke": "revoke", "deviceauth": "oauth2/deviceauth"}
        paths["discovery"] = "v2.0/.well-known/openid-configuration"
        return f"{self.issuer}/{paths.get(name, f'oauth2/v2.0/{name}')}"

    def session(self) -> requests.Session:
        """Return a session that trusts the bed's authority and nothing from the environment."""
        session = requests.Session()
        session.trust_env = False
        session.verify = str(self.ca)
        return session

    def token_request(self, **form: str) -> requests.Response:
        """Send a form to the token endpoint."""
        return self._session.post(self.endpoint("token"), data=form, timeout=TIMEOUT)

    def introspect(self, token: str) -> Json:
        """Return what the provider says about a token (RFC 7662)."""
        form = {"token": token}
        answer = self._session.post(self.endpoint("introspect"), data=form, auth=INTROSPECTOR, timeout=TIMEOUT)
        answer.raise_for_status()
        return cast(Json, answer.json())

    def move_clock(self, seconds: float = 0, *, days: float = 0) -> None:
        """Let the provider's clock be so far ahead of the real one (not: of what it is now)."""
        self._control("clock", {"offset_s": seconds + days * DAY})

    def set_knobs(self, **knobs: object) -> None:
        """Switch behaviour; files/control.mjs lists the knobs: rotate, revokeOnReuse, tokenStatus, tokenLength ..."""
        self._control("knobs", knobs)

    def set_user(self, user: str, **fields: object) -> None:
        """Change a user (``password``, ``disabled``), or make one."""
        self._control("user", {"id": user, **fields})

    def reset(self) -> None:
        """Bring back the clock, the knobs and an empty record; users and tokens stay."""
        self._control("reset", {})

    def events(self, name: str | None = None) -> list[Json]:
        """Return what happened, the oldest first: event, at, client, account, grant_type, error, detail; no token."""
        rows = cast(list[Json], self._record()["events"])
        return [row for row in rows if name in {None, row["event"]}]

    def token_requests(self) -> dict[str, int]:
        """Return the number of requests to the token endpoint by grant type, those that a fault answered included."""
        return cast(dict[str, int], self._record()["token_requests"])

    def _record(self) -> Json:
        answer = self._session.get(f"{self.base}/_lab/events", timeout=TIMEOUT)
        answer.raise_for_status()
        return cast(Json, answer.json())

    def _control(self, verb: str, asked: Mapping[str, object]) -> None:
        self._session.post(f"{self.base}/_lab/{verb}", json=asked, timeout=TIMEOUT).raise_for_status()

    def _settings(self) -> Json:
        good = self.pki.pair("good")
        return {
            "base": self.base,
            "port": self.port,
            "tenant": TENANT,
            "modules": str(parts.provider_modules()),
            "key": str(good.key),
            "cert": str(good.chain),
            "users": {user: {"password": password} for user, password in USERS.items()},
            "mailboxes": MAILBOXES,
            "clients": self._clients,
            "knobs": self._knobs,
            # As Microsoft's: an hour, 90 days without use, a quarter of an hour.
            "ttl": {"access": 3600, "refresh": 90 * DAY, "device": 900},
        }


def _usual_clients(callbacks: Sequence[str]) -> list[Json]:
    def client(name: str, method: str, grants: Sequence[str], uris: Sequence[str] = (), **more: object) -> Json:
        types = ["code"] if "authorization_code" in grants else []
        common = {"client_id": name, "token_endpoint_auth_method": method, "grant_types": list(grants)}
        return {**common, "redirect_uris": list(uris), "response_types": types, **more}

    code = ("authorization_code", "refresh_token")
    post, basic = "client_secret_post", "client_secret_basic"
    return [
        client("mail-client", post, code, callbacks, client_secret="mail-secret"),
        client("public-client", "none", (*code, DEVICE_GRANT), LOOPBACK, application_type="native"),
        client("daemon", post, ("client_credentials",), client_secret="daemon-secret"),
        client(INTROSPECTOR[0], basic, (), client_secret=INTROSPECTOR[1]),
    ]
