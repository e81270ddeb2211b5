# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a probe: their argument spec, what can never be right, and the settings that they say."""

from __future__ import annotations

import dataclasses
import re
import ssl
import typing as t

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._resources import _rules
from ansible_collections.cai.console.plugins.module_utils._smtp import _sasl
from ansible_collections.cai.console.plugins.module_utils._smtp._model import (
    STAGE_SECONDS,
    STAGES,
    Arrival,
    Imap,
    Settings,
    TlsTerms,
)

Params = t.Mapping[str, t.Any]

# With the number of the port, the security is what that port usually speaks (RFC 8314).
_PORTS = {"none": 25, "tls": 587, "ssl": 465}
_CERTIFICATE = re.compile("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
_TOKEN_INFO = ("expires_at", "scope", "username")
_FROM_CONSOLE = ("host", "port", "security", "authentication", "username")


def wrong(message: str, code: str = "invalid_option") -> ConsoleError:
    """Return the error for an option that can never be right."""
    return ConsoleError(code, message, stage="options")


def last_stage(params: Params) -> str:
    """Return the stage after which the probe is to end."""
    return str(params["stop_after"] or ("delivered" if params["arrival"] else "queued"))


def reaches(params: Params, stage: str) -> bool:
    """Whether the probe is to go as far as a stage."""
    return STAGES.index(last_stage(params)) >= STAGES.index(stage)


def check(params: Params) -> None:
    """Refuse, before any connection, what can be seen to be wrong without one."""
    for name, rule in (("host", _rules.host), ("port", _rules.port)):
        problem = rule(params[name]) if params[name] is not None else None
        if problem:
            raise wrong(f"{name} {problem}.")
    _check_secret(params)
    _check_limits(params)
    for name in ("sender", "recipient"):
        _check_address(name, params[name], params["smtputf8"])
    _check_arrival(params)
    read_ca("ca_path", params)
    _fingerprint(params)


def _check_secret(params: Params) -> None:
    if params["password"] is not None and params["token"] is not None:
        raise wrong("password and token are both given; a mailbox takes one of them.")
    kind, given = params["authentication"], _kind_of_secret(params)
    if given is not None:
        if kind == "none":
            raise wrong("authentication is none, but a password or token is given.")
        name = "token" if given == "oauth" else "password"
        if kind not in (None, given):
            raise wrong(f"authentication is {kind}, but {name} is given.")
        if not params[name]:
            raise wrong(f"{name} is empty.")
    needs = _sasl.KIND_OF.get(params["mechanism"].upper())
    kind = kind or given
    if needs and kind and needs != kind:
        raise wrong(f"mechanism {params['mechanism']} does not fit authentication {kind}.")


def _kind_of_secret(params: Params) -> str | None:
    """Return the authentication that fits the secret that is given, if one is."""
    if params["token"] is not None:
        return "oauth"
    return "password" if params["password"] is not None else None


def _check_limits(params: Params) -> None:
    if params["budget"] <= 0:
        raise wrong("budget must be more than 0 seconds.")
    for stage, seconds in params["stage_budget"].items():
        if stage not in STAGE_SECONDS:
            raise wrong(f"stage_budget names {stage}; it takes {', '.join(STAGE_SECONDS)}.")
        try:
            enough = float(seconds) > 0
        except (TypeError, ValueError):
            enough = False
        if not enough:
            raise wrong(f"stage_budget gives {stage} {seconds!r}; it must be more than 0 seconds.")
    if params["message_size"] < 0 or params["message_size"] > 100_000_000:
        raise wrong("message_size must be between 0 and 100,000,000 octets.")
    if not re.fullmatch(r"[A-Za-z0-9.:\[\]-]+", params["ehlo_name"]):
        raise wrong("ehlo_name must be a host name, or an address in square brackets.")


def _check_address(name: str, value: str | None, smtputf8: bool) -> None:
    if value is None:
        return
    problem = _rules.one_address(value)
    if problem:
        raise wrong(f"{name} {problem}.")
    if not smtputf8 and any(ord(letter) > 127 for letter in value):
        raise wrong(f"{name} is not ASCII, and smtputf8 is false.", "smtp_smtputf8_missing")


def _check_arrival(params: Params) -> None:
    arrival = params["arrival"]
    if arrival is None:
        if last_stage(params) == "delivered":
            raise wrong("stop_after is delivered, but arrival does not say where the message should arrive.")
        return
    imap = arrival["imap"]
    if (imap is None) == (arrival["maildir"] is None):
        raise wrong("arrival needs a mailbox: either imap or maildir.")
    if arrival["wait"] <= 0 or arrival["poll"] <= 0:
        raise wrong("wait and poll of arrival must be more than 0 seconds.")
    if imap is not None:
        check_imap(imap)


def check_imap(imap: Params) -> None:
    """Refuse what can be seen to be wrong with the option ``arrival.imap``."""
    for name in ("host", "username"):
        if not imap[name]:
            raise wrong(f"arrival.imap needs {name}.")
    if (imap["password"] is None) == (imap["token"] is None):
        raise wrong("arrival.imap needs either password or token.")
    read_ca("arrival.imap.ca_path", imap)


def read_ca(name: str, options: Params) -> str | None:
    """Return the text of the CA certificates that are trusted, or None for the system's."""
    text = options["ca_pem"]
    if options["ca_path"]:
        try:
            with open(options["ca_path"], encoding="utf-8", errors="replace") as stream:
                text = stream.read()
        except OSError as error:
            raise wrong(f"{name}: {options['ca_path']} cannot be read: {error}.") from None
    if text is None:
        return None
    # A bundle may hold notes in any language between its certificates; OpenSSL takes ASCII only.
    text = "\n".join(_CERTIFICATE.findall(text))
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=text)
    except (ssl.SSLError, ValueError, TypeError):
        raise wrong(f"{name}: {options['ca_path'] or 'ca_pem'} holds no certificate in PEM form.") from None
    return text


def _fingerprint(params: Params) -> str | None:
    text = (params["fingerprint"] or "").replace(":", "").lower()
    if text and not re.fullmatch(r"[0-9a-f]{64}", text):
        raise wrong("fingerprint must be a SHA-256 fingerprint: 64 hexadecimal digits, with or without colons.")
    return text or None


def wanted(params: Params, stored: Params | None) -> dict[str, t.Any]:
    """Return host, port, security, authentication and username: the options, over what the console has ``stored``."""
    known = stored or {}
    chosen: dict[str, t.Any] = {
        name: known.get(name) if params[name] is None else params[name] for name in _FROM_CONSOLE
    }
    if chosen["authentication"] is None:
        chosen["authentication"] = _kind_of_secret(params) or "none"
    # The console's page has no "none": a server that asks for no sign-in has no user name there.
    if not chosen["username"] and stored is not None and params["authentication"] is None:
        chosen["authentication"] = "none"
    chosen["security"] = chosen["security"] or "tls"
    chosen["port"] = chosen["port"] or _PORTS[chosen["security"]]
    return chosen


def settings(params: Params, chosen: Params) -> Settings:
    """Return the settings of a probe, or say what is still missing."""
    if not chosen["host"]:
        raise wrong("The target's email service has no host.", "incomplete_settings")
    secret = _secret(params, chosen)
    info = params["token_info"] or {}
    sender = _sender(params, chosen)
    return Settings(
        host=chosen["host"],
        port=chosen["port"],
        security=chosen["security"],
        authentication=chosen["authentication"],
        username=chosen["username"],
        secret=secret,
        mechanism=None if params["mechanism"] == "auto" else params["mechanism"].upper(),
        token_info={name: info[name] for name in _TOKEN_INFO if info.get(name) is not None},
        sender=sender,
        recipient=params["recipient"] or sender,
        smtputf8=params["smtputf8"],
        message_size=params["message_size"],
        tls=_terms(params),
        budget=params["budget"],
        stage_budget={stage: float(seconds) for stage, seconds in params["stage_budget"].items()},
        stop_after=last_stage(params),
        ehlo_name=params["ehlo_name"],
        arrival=mailbox_of(params["arrival"]) if reaches(params, "delivered") else None,
    )


def _terms(params: Params) -> TlsTerms:
    same = {name: params[name] for name in ("min_key_bits", "warn_days", "fail_days")}
    trusted: dict[str, t.Any] = {"ca_pem": read_ca("ca_path", params), "fingerprint": _fingerprint(params)}
    return TlsTerms(floor=params["tls_floor"], **trusted, **same)


def _sender(params: Params, chosen: Params) -> str | None:
    """Return the sender: the option, else the user where that is a mail address."""
    user = chosen["username"]
    sender = params["sender"] or (user if user and _rules.one_address(user) is None else None)
    if reaches(params, "mail"):
        if not sender:
            raise wrong("sender is not set, and the user name is no mail address.")
        _check_address("sender", sender, params["smtputf8"])
    return t.cast("str | None", sender)


def _secret(params: Params, chosen: Params) -> str | None:
    kind = chosen["authentication"]
    if kind == "none" or not reaches(params, "auth"):
        given = params["password"] or params["token"]
        return str(given) if given else None
    name = "token" if kind == "oauth" else "password"
    if params[name] is None:
        raise ConsoleError(
            "secret_required",
            f"authentication is {kind}, and {name} is not given; the console does not show it.",
            stage="options",
            remedy=f"Give {name}, or end before the sign-in with stop_after=auth_offer.",
        )
    if not chosen["username"]:
        raise wrong(f"username is not set, and {name} is of no use without it.")
    return str(params[name])


def mailbox_of(options: Params) -> Arrival:
    """Return the mailbox that the option ``arrival`` names."""
    imap = options["imap"]
    box = None
    if imap is not None:
        box = Imap(
            host=imap["host"],
            port=imap["port"] or (993 if imap["security"] == "ssl" else 143),
            security=imap["security"],
            username=imap["username"],
            password=imap["password"],
            token=imap["token"],
            folders=tuple(imap["folders"]),
            ca_pem=read_ca("arrival.imap.ca_path", imap),
        )
    return Arrival(imap=box, maildir=options["maildir"], wait=options["wait"], poll=options["poll"])


def as_options(probe: Settings) -> dict[str, t.Any]:
    """Return the options that say the same as the settings: what a probe on another host is told, and nothing else."""
    plain = ("host", "port", "security", "authentication", "username", "sender", "recipient", "smtputf8")
    options: dict[str, t.Any] = {name: getattr(probe, name) for name in plain}
    options.update({name: getattr(probe, name) for name in ("message_size", "budget", "stop_after", "ehlo_name")})
    options["token" if probe.authentication == "oauth" else "password"] = probe.secret
    options["mechanism"] = (probe.mechanism or "auto").lower()
    options["token_info"] = dict(probe.token_info) or None
    options["stage_budget"] = dict(probe.stage_budget)
    terms = dataclasses.asdict(probe.tls)
    options["tls_floor"] = terms.pop("floor")
    options.update(terms)
    if probe.arrival is not None:
        options["arrival"] = _given(dataclasses.asdict(probe.arrival))
        if probe.arrival.imap is not None:
            imap = _given(options["arrival"]["imap"])
            options["arrival"]["imap"] = {**imap, "folders": list(imap["folders"])}
    return _given(options)


def _given(options: Params) -> dict[str, t.Any]:
    return {name: value for name, value in options.items() if value is not None}
