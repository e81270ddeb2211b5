# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks of every module that handle planted secrets, some of which fail, some at a console that repeats what it gets.

A new module gets its tasks here: test_no_leak.py says which one has none. A task's name begins with how it has to end.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.cai.console.plugins.plugin_utils._oauth import exchange
from cai_lab.browserless import Person
from cai_lab.control_client import LabControl

from support import examples
from support.canary import from_environment, unique
from support.gateway import Answer, Gateway, Request, json_answer
from support.hand import Hand
from support.labs import SENDER, mail_password
from support.play import TaskData

READING = ("alert_service_info", "email_service_info", "server_log_info", "server_properties_info")
REDIRECT = "https://localhost:8400/callback"
SCOPE = ["openid", "offline_access", "https://outlook.office.com/SMTP.Send"]
INVENTED = (
    "WRONG_CONSOLE_PASSWORD",
    "SMTP_PASSWORD",
    "PREVIOUS_SECRET",
    "FINGERPRINT_KEY",
    "CLIENT_SECRET",
    "ACCESS_TOKEN",
    "REFRESH_TOKEN",
    "CONSENT_KEY",
    "CODE",
)
CONTROLLERS_OWN = ("fleet", "learn_binding", "oauth_token")
Named = dict[str, dict[str, Any]]


class Plant:
    """What is planted in a lab, and the tasks with it. ``kept``: a folder for tokens, which no scan looks into."""

    def __init__(self, lab: LabControl, gateway: Gateway, hand: Hand, console_password: str, kept: Path) -> None:
        self._lab = lab
        self._gateway = gateway
        self._kept = kept
        self.secrets = {
            **{name: unique(name) for name in INVENTED},
            "CONSOLE_PASSWORD": console_password,
            "SESSION": hand.session,
            "MAIL_PASSWORD": mail_password(lab),
        }
        self.secrets["REDIRECT"] = self._consent()
        gateway.rule = echo

    def tasks(self, target: str, **keywords: Any) -> list[TaskData]:
        """The tasks for a target that nobody has configured."""
        groups: dict[str, Callable[[str], Named]] = {
            "email_service": self._email_service,
            "execution_target": self._execution_target,
            "fleet": self._fleet,
            "learn_binding": self._learn_binding,
            "smtp_test": self._smtp_test,
            "email_service_authorization": self._authorization,
            "alert_service": self._alert_service,
            "server_properties": lambda it: {"ok: properties": {"target": it, "suspend_on_uncaught_fault": True}},
            "oauth_token": self._oauth_token,
            **{name: self._reading for name in READING},
            "targets_info": lambda it: {"ok: targets": {}, "failed: targets": self._wrong_password()},
            "console_doctor": lambda it: {"ok: doctor": {}, "ok: doctor's findings": self._wrong_password()},
        }
        return [
            {"name": f"{name} ({module})", f"cai.console.{module}": args, **self._settled(name, module, keywords)}
            for module, make in groups.items()
            for name, args in make(target).items()
        ]

    def plain_tasks(self, target: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """The same tasks as module and arguments, without templates and without what is None."""
        known = {from_environment(name): value for name, value in self.secrets.items()}

        def plain(value: Any) -> Any:
            if isinstance(value, dict):
                return {name: plain(item) for name, item in value.items() if item is not None}
            return known.get(value, value) if isinstance(value, str) else value

        for task in self.tasks(target):
            for name, args in task.items():
                if name.startswith("cai.console."):
                    yield name.rpartition(".")[2], plain(args)

    def obtained(self) -> dict[str, str]:
        """The tokens that the play got, which nobody knew before."""
        answers = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(self._kept.glob("*.json"))]
        return {
            f"{name} {number}": answer[name]
            for number, answer in enumerate(answers)
            for name in ("access_token", "refresh_token")
            if answer.get(name)
        }

    def keep(self, registered: str) -> TaskData:
        """A task that keeps a registered token object for the test."""
        args = {"path": str(self._kept / f"{registered}.json"), "content": "{{ %s | to_json }}" % registered}  # noqa: UP031
        return {"name": f"keep {registered}", "keep": args, "no_log": True}

    def _settled(self, name: str, module: str, keywords: dict[str, Any]) -> dict[str, Any]:
        """A task's keywords: its result is registered, and it may fail where that is its point."""
        here = {"async": 0} if module in CONTROLLERS_OWN else {}
        words = "".join(letter if letter.isalnum() else "_" for letter in f"{module} {name}")
        return {"ignore_errors": name.startswith("failed"), "register": words, **keywords, **here}

    def _wrong_password(self) -> dict[str, Any]:
        return {"console_password": from_environment("WRONG_CONSOLE_PASSWORD")}

    def _mail(self, password: str) -> dict[str, Any]:
        return {
            "enabled": True,
            "host": "localhost",
            "port": self._lab.addresses["smtp"]["starttls_port"],
            "security": "tls",
            "username": SENDER,
            "password": from_environment(password),
        }

    def _email_service(self, target: str) -> Named:
        keys = {"fingerprint_key": from_environment("FINGERPRINT_KEY")}
        email = {"target": target, **examples.EMAIL, "password": from_environment("SMTP_PASSWORD"), **keys}
        oauth = {**examples.OAUTH, "client_secret": from_environment("CLIENT_SECRET")}
        session = {"id": from_environment("SESSION"), "platform_url": f"{self._lab.addresses['pod']}/saas"}
        at_gateway = {"console_url": self._gateway.console}
        rolled_back = {"test": "after", "on_test_failure": "rollback"}
        return {
            "ok: password": email,
            "ok: always": {**email, "update_secrets": "always"},
            "failed: rolled back": {
                **email,
                **self._mail("SMTP_PASSWORD"),
                **rolled_back,
                "previous_secret": from_environment("PREVIOUS_SECRET"),
            },
            "ok: oauth": {"target": target, "authentication": "oauth", "oauth": oauth, **keys},
            "ok: session": {"target": "Cloud Server", "enabled": False, "console_session": session},
            "ok: session id": {
                "target": "Cloud Server",
                "enabled": False,
                "console_session": from_environment("SESSION"),
            },
            "failed: sign-in": {"target": target, **self._wrong_password()},
            "failed: echo of a sign-in": {"target": target, **at_gateway, **self._wrong_password()},
            "failed: echo of a write": {**email, **at_gateway, "authentication": "password", "port": 2530},
            "failed: echo of a test": {
                **email,
                **at_gateway,
                "authentication": "password",
                "port": 2531,
                "test": "before",
            },
            "failed: value": {**email, "port": 0},
            "failed: type": {**email, "port": "many"},
            "failed: unknown option": {**email, "passwort": "x"},
            "failed: secret required": {"target": target, "host": "rogue.example.org", "authentication": "oauth"},
        }

    def _execution_target(self, target: str) -> Named:
        email: dict[str, Any] = {
            "email_service": {"authentication": "password", **self._mail("MAIL_PASSWORD")},
            "target": target,
        }
        wrong = {"email_service": {**email["email_service"], "password": from_environment("SMTP_PASSWORD")}}
        return {
            "ok: target": {**email, "alert_service": examples.ALERT, "test": "after"},
            "failed: target": {**email, **wrong, "test": "before"},
            "failed: type in a service": {**email, "email_service": {**email["email_service"], "port": "many"}},
        }

    def _fleet(self, target: str) -> Named:
        wishes = {"targets": [target, "Cloud Server"]}
        keys = {"fingerprint_key": from_environment("FINGERPRINT_KEY")}
        right = {"authentication": "password", **self._mail("MAIL_PASSWORD")}
        wrong = {**right, "password": from_environment("SMTP_PASSWORD")}
        return {
            "ok: fleet": {**wishes, "common_document": {"email_service": right, **keys}},
            "failed: fleet": {**wishes, "common_document": {"email_service": wrong, **keys, "test": "before"}},
            "failed: document": {**wishes, "common_document": {"email_service": {**wrong, "port": "many"}}},
        }

    def _learn_binding(self, _target: str) -> Named:
        """A recording holds what a person typed, and a session; nearly all stays open after this one."""
        body = json.dumps({"hostName": "recorded.example.org", "password": self.secrets["SMTP_PASSWORD"]})
        cookies = f"USER_SESSION={self.secrets['SESSION']}"
        request = {
            "method": "PUT",
            "url": f"{self._lab.addresses['console']}/active-bpel/restadmin/server/services/email",
            "headers": [{"name": "Cookie", "value": cookies}, {"name": "Content-Type", "value": "application/json"}],
            "postData": {"mimeType": "application/json", "text": body},
        }
        content = {"mimeType": "application/json", "text": body}
        response = {"status": 200, "headers": [], "content": content}
        recording = self._kept / "recording.har"
        recording.write_text(json.dumps({"log": {"entries": [{"request": request, "response": response}]}}))
        learn = {"step": "learn", "seed": "3f9a", "recording": str(recording), "target_id": "cloud"}
        return {
            "ok: sheet": {"scratch_target": True},
            "ok: recording": {**learn, "dest": str(self._kept / "binding.yml")},
        }

    def _smtp_test(self, target: str) -> Named:
        server = {name: self._mail("MAIL_PASSWORD")[name] for name in ("host", "port", "security", "username")}
        common = {**server, "recipient": SENDER, "ca_path": self._lab.addresses["ca"], "target": target}
        right = {**common, "password": from_environment("MAIL_PASSWORD")}
        token = {
            **common,
            "authentication": "oauth",
            "token": from_environment("ACCESS_TOKEN"),
            "username": "reports@lab.test",
        }
        return {
            "ok: probe": {**right, "stop_after": "auth"},
            "ok: both": {**right, "vantage": "both"},
            "failed: token": token,
            "failed: probe": {**common, "password": from_environment("SMTP_PASSWORD"), "username": "nobody@lab.test"},
        }

    def _authorization(self, target: str) -> Named:
        handed = {"target": target, "state": "link", "refresh_token": from_environment("REFRESH_TOKEN")}
        return {
            "ok: status": {"target": target},
            "failed: token refused": handed,
            "failed: echo of a token": {**handed, "console_url": self._gateway.console},
        }

    def _alert_service(self, target: str) -> Named:
        alert = {"target": target, **examples.ALERT}
        return {"ok: alert": alert, "failed: alert": {**alert, **self._wrong_password()}}

    def _reading(self, target: str) -> Named:
        return {"ok: read": {"target": target}, "failed: read": {"target": target, **self._wrong_password()}}

    def _client(self, target: str) -> dict[str, Any]:
        return {
            "discovery_url": self._lab.addresses["oauth"]["discovery"],
            "client_id": "mail-client",
            "client_secret": "mail-client-Secret-1",
            "ca_path": self._lab.addresses["ca"],
            "redirect_uri": REDIRECT,
            "consent_key": from_environment("CONSENT_KEY"),
            "scope": SCOPE,
            "target": target,
            "grant": "authorization_code",
        }

    def _oauth_token(self, target: str) -> Named:
        client = {**self._client("agent-a"), "step": "complete", "redirect_response": from_environment("REDIRECT")}
        refresh = {**self._client(target), "grant": "refresh_token", "step": None}
        code = {"redirect_response": None, "code": from_environment("CODE"), "consent_state": "made up"}
        return {
            "ok: begin": {**self._client(target), "step": "begin"},
            "ok: complete": client,
            "failed: used twice": client,
            "failed: code": {**client, **code},
            "failed: refresh": {**refresh, "refresh_token": from_environment("REFRESH_TOKEN")},
            "failed: client": {
                **refresh,
                "client_secret": from_environment("CLIENT_SECRET"),
                "grant": "client_credentials",
            },
            "failed: key": {
                **refresh,
                "grant": "client_credentials",
                "client_secret": None,
                "private_key": from_environment("CLIENT_SECRET"),
                "client_authentication": "private_key_jwt",
            },
        }

    def _consent(self) -> str:
        """A person consents; the address that the browser ends at, with a code that is good for once."""
        given = {**self._client("agent-a"), "step": "begin", "consent_key": self.secrets["CONSENT_KEY"]}
        params = ArgumentSpecValidator(exchange.SPEC).validate(given).validated_parameters
        begun = exchange.run(params, check_mode=False, environ={})
        person = Person(SENDER, self.secrets["MAIL_PASSWORD"], self._lab.addresses["ca"])
        return person.consent(begun["authorization_url"], REDIRECT)


def echo(request: Request) -> Answer | None:
    """A console that says in its error what it was sent: decoded, quoted as URLs, forms and XML do it, as it came."""
    wrong_sign_in = request.path.endswith("/login") and b"planted" in request.body
    handed = request.method == "POST" and b"planted" in request.body
    if not wrong_sign_in and not handed and request.method != "PUT":
        return None
    given = [value for value in _values(json.loads(request.body)) if "planted" in value]
    quoted = [how(value) for value in given for how in (str, quote, quote_plus, escape)]
    message = f"Refused: {' '.join(quoted)} {request.body.decode()}"
    if request.path.endswith("/test"):
        return json_answer(json.dumps({"ok": False, "stage": "auth", "code": 535, "message": message}).encode())
    return json_answer(json.dumps({"error": {"code": "ECHO", "message": message}}).encode(), 400)


def _values(content: Any) -> list[str]:
    if isinstance(content, dict):
        return [text for value in content.values() for text in _values(value)]
    return [content] if isinstance(content, str) else []
